"""Every setting, read once. The only module that looks at the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from portal.foundation import settings_check
from portal.foundation.settings_check import WECHAT_HOME as WECHAT_HOME


class Mode(StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"


class WrongSettings(Exception):
    """The settings contradict themselves or the mode; the process must not start."""


@dataclass(frozen=True)
class Settings:
    """`data` holds the embedded database, the blobs and the master key file."""

    data: Path
    mode: Mode = Mode.DEMO
    database_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    master_key: str = ""
    sms: str = "standin"
    queue: str = "embedded"
    queue_signer: str = ""
    queue_reader: str = ""
    back_office: str = "standin"
    check_platform: str = "standin"
    check_url: str = ""
    check_key: str = ""
    crash_at: str = ""
    trusted_proxies: int = 0
    processes: int = 2
    bind: str = "127.0.0.1:8000"
    sms_url: str = ""
    sms_key: str = ""
    wechat: str = "off"
    wechat_url: str = ""
    wechat_app_id: str = ""
    wechat_app_secret: str = ""
    wechat_push_token: str = ""
    wechat_push_key: str = ""
    wechat_submitted: str = ""
    wechat_correction: str = ""
    wechat_decision: str = ""
    redis_url: str = ""
    blob_url: str = ""
    s3_endpoint: str = ""
    s3_key: str = ""
    s3_secret: str = ""
    s3_region: str = ""
    exchange: Path | None = None

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'portal.sqlite'}"

    @property
    def brokered(self) -> bool:
        """Files travel through RabbitMQ."""
        return self.queue.startswith(("amqp://", "amqps://"))

    @property
    def demonstration(self) -> Path:
        """There once a demonstration was prepared: its staff and their passwords."""
        return self.data / "demonstration.json"

    @property
    def blobs(self) -> Path:
        return self.data / "blobs"

    @property
    def secure(self) -> bool:
        """Cookies are marked Secure and HSTS is sent."""
        return self.public_url.startswith("https://")

    def check(self) -> None:
        """Refuse what cannot be understood, and what production must never run with.

        Raises WrongSettings with one line a fault.
        """
        faults = settings_check.faults(self)
        if self.mode is Mode.PRODUCTION:
            faults += settings_check.production_faults(self)
        if faults:
            raise WrongSettings("\n".join(faults))


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from PORTAL_* and DATABASE_URL.

    Raises WrongSettings when a value cannot be understood.
    """
    mode = environ.get("PORTAL_MODE", "demo")
    if mode not in set(Mode):
        raise WrongSettings(f"PORTAL_MODE={mode}: demo or production")
    return Settings(
        data=Path(environ.get("PORTAL_DATA", ".data")).resolve(),
        mode=Mode(mode),
        database_url=_with_driver(environ.get("DATABASE_URL", "")),
        public_url=environ.get("PORTAL_URL", Settings.public_url).rstrip("/"),
        master_key=environ.get("PORTAL_MASTER_KEY", ""),
        redis_url=environ.get("REDIS_URL", ""),
        blob_url=environ.get("PORTAL_BLOBS", ""),
        s3_endpoint=environ.get("PORTAL_S3_ENDPOINT", "").rstrip("/"),
        s3_key=environ.get("PORTAL_S3_KEY", ""),
        s3_secret=environ.get("PORTAL_S3_SECRET", ""),
        s3_region=environ.get("PORTAL_S3_REGION", ""),
        sms=environ.get("PORTAL_SMS", "standin"),
        sms_url=environ.get("PORTAL_SMS_URL", ""),
        sms_key=environ.get("PORTAL_SMS_KEY", ""),
        **_wechat(environ, mode),
        queue=environ.get("PORTAL_QUEUE", "embedded"),
        queue_signer=environ.get("PORTAL_QUEUE_SIGNER", ""),
        queue_reader=environ.get("PORTAL_QUEUE_READER", ""),
        back_office=environ.get("PORTAL_BACK_OFFICE", "standin"),
        check_platform=environ.get("PORTAL_CHECK_PLATFORM", "standin"),
        check_url=environ.get("PORTAL_CHECK_URL", ""),
        check_key=environ.get("PORTAL_CHECK_KEY", ""),
        exchange=_folder(environ.get("PORTAL_EXCHANGE", "")),
        crash_at=environ.get("PORTAL_CRASH_AT", ""),
        trusted_proxies=_number(
            environ.get("PORTAL_TRUSTED_PROXIES", "0"), "PORTAL_TRUSTED_PROXIES"
        ),
        bind=environ.get("PORTAL_BIND", Settings.bind),
        processes=_number(environ.get("PORTAL_PROCESSES", "2"), "PORTAL_PROCESSES"),
    )


def to_environment(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """This environment with what `portal serve` was told on top: for the processes it starts."""
    return {
        **environ,
        "PORTAL_DATA": str(settings.data),
        "PORTAL_MODE": settings.mode.value,
        "PORTAL_URL": settings.public_url,
        "PORTAL_WECHAT_URL": settings.wechat_url,
    }


def _wechat(environ: Mapping[str, str], mode: str) -> dict[str, str]:
    """A demonstration plays WeChat itself unless told otherwise."""
    return {
        "wechat": environ.get("PORTAL_WECHAT", "standin" if mode == Mode.DEMO else "off"),
        "wechat_url": environ.get("PORTAL_WECHAT_URL", "").rstrip("/"),
        "wechat_app_id": environ.get("PORTAL_WECHAT_APP_ID", ""),
        "wechat_app_secret": environ.get("PORTAL_WECHAT_APP_SECRET", ""),
        "wechat_push_token": environ.get("PORTAL_WECHAT_PUSH_TOKEN", ""),
        "wechat_push_key": environ.get("PORTAL_WECHAT_PUSH_KEY", ""),
        "wechat_submitted": environ.get("PORTAL_WECHAT_TEMPLATE_SUBMITTED", ""),
        "wechat_correction": environ.get("PORTAL_WECHAT_TEMPLATE_CORRECTION", ""),
        "wechat_decision": environ.get("PORTAL_WECHAT_TEMPLATE_DECISION", ""),
    }


def _folder(text: str) -> Path | None:
    return Path(text).resolve() if text else None


def _number(text: str, name: str) -> int:
    if not text.isdecimal():
        raise WrongSettings(f"{name}={text}: a number")
    return int(text)


def _with_driver(url: str) -> str:
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url
