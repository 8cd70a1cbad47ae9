"""What `portal doctor` finds unfinished or stopped: texts, events, workers, a key change, a certificate
that runs out."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509

from portal.casework import intake_events
from portal.casework.clock import heartbeat
from portal.contact import unsent
from portal.foundation import master_key
from portal.foundation.database import Database
from portal.foundation.settings import Settings

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_LATE, _TEXT_LATE = 15 * _MINUTE, 10 * _MINUTE
_SOON, _VERY_SOON = 21 * _DAY, 3 * _DAY
_PATIENCE = 3.0


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be. `grave`: people are harmed by it, or soon will be."""

    words: str
    grave: bool = True


@dataclass(frozen=True)
class Patient:
    """A live installation and the moment it is looked at."""

    settings: Settings
    database: Database
    now: datetime


def key_change(patient: Patient) -> Iterator[Finding]:
    """In the file or in PORTAL_MASTER_KEY: two keys are one too many once it is done."""
    if len(master_key.masters_of(patient.settings)) > 1:
        yield Finding("主密钥没有换完。请再运行 portal rotate-master-key。", grave=False)


def texts(patient: Patient) -> Iterator[Finding]:
    with patient.database.reading() as session:
        oldest = unsent.oldest(session, now=patient.now)
        lost = unsent.lost(session, now=patient.now)
    minutes = int((patient.now - oldest) / _MINUTE) if oldest else 0
    if minutes * _MINUTE > _TEXT_LATE or lost:
        yield Finding(f"短信发不出去：半小时里作废 {lost} 条，最早的等了 {minutes} 分钟。")


def parked(patient: Patient) -> Iterator[Finding]:
    """An event from outside whose predecessor never came."""
    with patient.database.reading() as session:
        oldest = intake_events.oldest_parked(session)
    if oldest is not None and patient.now - oldest > _LATE:
        minutes = int((patient.now - oldest) / _MINUTE)
        yield Finding(
            f"外来回传缺了一件，后面的等了 {minutes} 分钟。请向发来的单位要。", grave=False
        )


def workers(patient: Patient) -> Iterator[Finding]:
    with patient.database.reading() as session:
        last = heartbeat.last_beat(session)
        stopped = heartbeat.silent(session, now=patient.now)
        failing = heartbeat.failing(session, now=patient.now)
    if last is None:
        yield Finding("后台（portal worker）从来没有运行过。")
    elif patient.now - last > heartbeat.SILENT:
        minutes = int((patient.now - last) / _MINUTE)
        yield Finding(f"后台停了 {minutes} 分钟。请启动 portal worker。")
    else:
        for one in stopped:
            minutes = int((patient.now - one.at) / _MINUTE)
            yield Finding(f"几个后台里 {one.worker} 停了 {minutes} 分钟。", grave=False)
    if failing:
        yield Finding(f"后台有几步一再出错：{'、'.join(failing)}。原因在日志里。")


def certificate(patient: Patient) -> Iterator[Finding]:
    """What people's browsers are shown at PORTAL_URL."""
    if not patient.settings.secure:
        return
    place = urlsplit(patient.settings.public_url)
    try:
        ends = _ends(place.hostname or "", place.port or 443)
    except (OSError, ValueError) as fault:
        said = f"从这台机器看不到 {place.netloc} 的证书（{type(fault).__name__}）。"
        yield Finding(said, grave=False)
        return
    left = ends - patient.now
    if left < _SOON:
        said = f"{place.netloc} 的证书还有 {max(0, left.days)} 天到期。请换新的。"
        yield Finding(said, grave=left < _VERY_SOON)


def _ends(host: str, port: int) -> datetime:
    """Until when it is good; whether it is trusted is the browsers' business."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=_PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert(binary_form=True)
    if shown is None:
        raise ValueError("no certificate")
    return x509.load_der_x509_certificate(shown).not_valid_after_utc
