"""What `portal doctor` looks at in a live installation, and what it says is wrong."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from portal import waiting
from portal.assembly import catalogue, open_blobs
from portal.casework.publicity import publishing
from portal.filing.tables import Document
from portal.foundation import (
    audit,
    audit_check,
    backup,
    installation,
    master_key,
    vault,
    workshop,
)
from portal.foundation.blobs import Blobs
from portal.foundation.database import Away, Database
from portal.foundation.errors import Busy
from portal.foundation.settings import Mode, Settings, WrongSettings
from portal.handover import outbox
from portal.sweeping import missing_blobs
from portal.waiting import Finding, Patient

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_LATE, _VERY_LATE = 15 * _MINUTE, _HOUR
_CLOCKS_APART = _MINUTE
_SLOW_FSYNC = 0.2
_LITTLE, _TOO_LITTLE = 0.15, 0.05
_OTHERS = 0o077


Look = Callable[[Patient], Iterator[Finding]]


def inspect(settings: Settings, *, now: datetime) -> list[Finding]:
    """Everything that is wrong. Nothing is changed but a probe blob and a probe file, both
    removed. What cannot even be looked at is a finding too."""
    found = list(_settings(settings)) + list(_files(settings))
    try:
        patient = Patient(settings, _database(settings), now)
    except (WrongSettings, ValueError) as fault:
        return [*found, Finding(f"打不开：{fault}")]
    try:
        for look in _LOOKS:
            found += _safely(look, patient)
    finally:
        patient.database.engine.dispose()
    return found


def _database(settings: Settings) -> Database:
    return Database(settings.url, info={"vault": vault.open_vault(settings)})


def _safely(look: Look, patient: Patient) -> list[Finding]:
    try:
        return list(look(patient))
    except SQLAlchemyError as fault:
        return [Finding(f"数据库查不了（{type(fault).__name__}）：{look.__name__.strip('_')}。")]


def _settings(settings: Settings) -> Iterator[Finding]:
    try:
        settings.check()
    except WrongSettings as fault:
        yield from (Finding(f"设置不对：{line}") for line in str(fault).splitlines())
    if settings.mode is Mode.DEMO:
        yield Finding("现在是演示模式（PORTAL_MODE=demo）。真用时设成 production。", grave=False)


def _files(settings: Settings) -> Iterator[Finding]:
    """Who may read the folder and the key; how much room is left; how fast the disk is."""
    if not settings.data.is_dir():
        yield Finding(f"数据文件夹 {settings.data} 不在。请先 portal init。")
        return
    if settings.data.stat().st_mode & _OTHERS:
        yield Finding(f"别的用户能进 {settings.data}。请 chmod 700。", grave=False)
    key = master_key.path_of(settings)
    if key.exists() and key.stat().st_mode & _OTHERS:
        yield Finding(f"别的用户能读主密钥 {key}。请 chmod 600。")
    for place in workshop.places(settings.data):
        for folder in workshop.left(place):
            yield Finding(f"备份或恢复断在半路，留下了明文：{folder}。请删掉这个文件夹。")
    room = shutil.disk_usage(settings.data)
    left = room.free / room.total
    if left < _LITTLE:
        said = f"{settings.data} 所在磁盘只剩 {left:.0%}。"
        yield Finding(said, grave=left < _TOO_LITTLE)
    yield from _disk(settings.data)


def _disk(folder: Path) -> Iterator[Finding]:
    probe = folder / f".doctor-{os.getpid()}"
    try:
        with probe.open("xb") as file:
            file.write(b"probe" * 1000)
            file.flush()
            began = time.monotonic()
            os.fsync(file.fileno())
            took = time.monotonic() - began
    except OSError as fault:
        yield Finding(f"{folder} 写不进去：{fault.strerror}。")
        return
    finally:
        probe.unlink(missing_ok=True)
    if took > _SLOW_FSYNC:
        yield Finding(f"写盘很慢：一次 {took * 1000:.0f} 毫秒。", grave=False)


def _durable(patient: Patient) -> Iterator[Finding]:
    """The settings without which acknowledged data may be forgotten."""
    try:
        patient.database.check()
    except WrongSettings as fault:
        yield Finding(f"数据库设置会丢数据：{fault}")
    except Away as fault:
        yield Finding(str(fault))


def _migrations(patient: Patient) -> Iterator[Finding]:
    if pending := installation.pending_migrations(patient.database):
        yield Finding(f"数据库还差 {len(pending)} 步升级。请运行 portal init。")


def _clock(patient: Patient) -> Iterator[Finding]:
    """Deadlines and codes go by this machine's clock; the database has one of its own."""
    if patient.database.embedded:
        return
    with patient.database.engine.connect() as connection:
        there = connection.execute(text("SELECT now()")).scalar_one()
    apart = abs(there - patient.now)
    if apart > _CLOCKS_APART:
        yield Finding(f"本机和数据库的钟差 {apart.total_seconds():.0f} 秒。请校时。")


def _handover(patient: Patient) -> Iterator[Finding]:
    with patient.database.reading() as session:
        oldest, count = outbox.oldest_undelivered(session), outbox.undelivered(session)
    waited = patient.now - oldest if oldest else timedelta()
    if waited > _LATE:
        minutes = int(waited / _MINUTE)
        said = f"有 {count} 份材料没送到窗口，最早的等了 {minutes} 分钟。"
        yield Finding(said, grave=waited > _VERY_LATE)


def _photos(patient: Patient) -> Iterator[Finding]:
    rows = select(func.min(Document.created_at)).where(Document.state == "received")
    with patient.database.reading() as session:
        oldest = session.scalar(rows)
    if oldest is not None and patient.now - oldest > _LATE:
        yield Finding(
            f"有照片等了 {int((patient.now - oldest) / _MINUTE)} 分钟还没处理。", grave=False
        )


def _broker(patient: Patient) -> Iterator[Finding]:
    if not patient.settings.brokered:
        return
    broker = import_module("portal.handover.broker")
    asked = broker.Broker(patient.settings.queue)
    try:
        broker.check(patient.settings.queue)
        aside = {n: c for n, c in asked.waiting().items() if n.endswith(".set-aside") and c}
    except broker.BrokerAway as fault:
        yield Finding(f"消息队列连不上（{fault}）。材料先留在本机。")
        return
    except WrongSettings as fault:
        yield Finding(f"消息队列不对：{fault}")
        return
    finally:
        asked.close()
    for name, count in aside.items():
        yield Finding(f"{name} 里有 {count} 条读不懂的消息，请人看看。", grave=False)


def _redis(patient: Patient) -> Iterator[Finding]:
    if not patient.settings.redis_url:
        return
    counter = import_module("portal.foundation.shared_counter").SharedCounter(
        patient.settings.redis_url
    )
    if not counter.answers():
        yield Finding("Redis 连不上。验证码短信现在发不出。")
    counter.close()


def _blobs(patient: Patient) -> Iterator[Finding]:
    """The store takes, gives back and deletes; and every blob a row names is there."""
    try:
        blobs = open_blobs(patient.settings)
        blobs.prepare()
        _probe(blobs)
        missing = missing_blobs(patient.database, blobs)
    except (Busy, WrongSettings, OSError) as fault:
        yield Finding(f"照片存储用不了：{fault}")
        return
    if missing:
        yield Finding(f"少了 {missing} 个照片或材料文件。请从备份恢复。")


def _probe(blobs: Blobs) -> None:
    data = os.urandom(64)
    name = blobs.put(data)
    given = blobs.read(name)
    blobs.delete(name)
    if given != data:
        raise OSError("gives back something else")


def _publication(patient: Patient) -> Iterator[Finding]:
    """Without a place's own period a grant hangs on the village's board and nowhere online."""
    programs = catalogue(patient.settings).programs.values()
    if not any(
        rule.step == publishing.STEP and rule.days for p in programs for rule in p.deadlines
    ):
        yield Finding("没有设公布多少天。批准后只印在村公示栏，网上不公布。", grave=False)


def _audit(patient: Patient) -> Iterator[Finding]:
    """What the worker found in its last week's look."""
    found = audit_check.last(patient.settings.data)
    if found.faults:
        yield Finding("审计记录对不上，可能有人改过。请看手册 Somebody may have got in。")
    if found.since is None or patient.now - found.since > 9 * _DAY:
        yield Finding("审计记录九天没有核对。请运行 portal verify-audit。", grave=False)
    with patient.database.reading() as session:
        if not vault.own_ones(session, audit.SEALS):
            yield Finding("审计封印没有密钥。请运行 portal init。")


def _backup(patient: Patient) -> Iterator[Finding]:
    made = backup.last_made(patient.settings)
    if made is None:
        yield Finding("这里还没有做过备份：portal backup。", grave=False)
    elif patient.now - made > 26 * _HOUR:
        days = (patient.now - made) / _DAY
        yield Finding(f"上次备份是 {days:.1f} 天前。", grave=days > 7)


_LOOKS: tuple[Look, ...] = (
    _durable, _migrations, _clock, waiting.key_change, _handover, _photos, waiting.texts,
    waiting.parked, waiting.workers, _broker, _redis, _blobs, waiting.certificate, _publication,
    _audit, _backup,
)  # fmt: skip
