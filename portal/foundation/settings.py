"""Every setting, read once. The only module that looks at the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


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
    back_office: str = "standin"
    crash_at: str = ""
    trusted_proxies: int = 0
    sms_url: str = ""
    sms_key: str = ""

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'portal.sqlite'}"

    @property
    def blobs(self) -> Path:
        return self.data / "blobs"

    @property
    def secure(self) -> bool:
        """Cookies are marked Secure and HSTS is sent."""
        return self.public_url.startswith("https://")

    def check(self) -> None:
        """Refuse what production must never run with.

        Raises WrongSettings with one line a fault.
        """
        if self.mode is not Mode.PRODUCTION:
            return
        faults = [
            f"PORTAL_{name} is a stand-in; production needs the real one"
            for name, value in (("SMS", self.sms), ("BACK_OFFICE", self.back_office))
            if value == "standin"
        ]
        if self.crash_at:
            faults.append("PORTAL_CRASH_AT is for tests only")
        if not self.secure:
            faults.append("PORTAL_URL must begin with https://")
        if self.sms == "https" and not (self.sms_url and self.sms_key):
            faults.append("PORTAL_SMS=https needs PORTAL_SMS_URL and PORTAL_SMS_KEY")
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
        sms=environ.get("PORTAL_SMS", "standin"),
        sms_url=environ.get("PORTAL_SMS_URL", ""),
        sms_key=environ.get("PORTAL_SMS_KEY", ""),
        queue=environ.get("PORTAL_QUEUE", "embedded"),
        back_office=environ.get("PORTAL_BACK_OFFICE", "standin"),
        crash_at=environ.get("PORTAL_CRASH_AT", ""),
        trusted_proxies=_number(environ.get("PORTAL_TRUSTED_PROXIES", "0")),
    )


def to_environment(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """This environment with what `portal serve` was told on top: for the processes it starts."""
    return {
        **environ,
        "PORTAL_DATA": str(settings.data),
        "PORTAL_MODE": settings.mode.value,
        "PORTAL_URL": settings.public_url,
    }


def _number(text: str) -> int:
    if not text.isdecimal():
        raise WrongSettings(f"PORTAL_TRUSTED_PROXIES={text}: a number")
    return int(text)


def _with_driver(url: str) -> str:
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url
