"""Figures of a live installation for Prometheus: a number for every promise, none about a person.

The alarms on them stand in deploy/prometheus/jiuzhutong.rules.yml.
"""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from portal.casework import intake_events
from portal.casework.clock import heartbeat
from portal.casework.clock.tables import CaseClock
from portal.contact import unsent
from portal.filing.tables import Application, Document
from portal.foundation import audit_check, backup, master_key, rates
from portal.foundation.audit_tables import AuditHead, AuditSeal
from portal.foundation.blobs import Blobs
from portal.foundation.clock import local_date
from portal.foundation.settings import Settings
from portal.handover import outbox

Measure = tuple[str, str, float]
"""Name, words, value."""
_NEVER = timedelta(days=3650).total_seconds()


def of_neighbours(session: Session, blobs: Blobs) -> Iterator[Measure]:
    """Whether Redis and the store of photos answer; where no setting names one it does."""
    counter: rates.Counter | None = session.info.get("counter")
    there = counter is None or counter.answers()
    yield "portal_redis_answers", "1 when Redis answers, or none is used", float(there)
    yield "portal_store_answers", "1 when the store of photos answers", float(blobs.answers())


def of_installation(session: Session, settings: Settings, *, now: datetime) -> Iterator[Measure]:
    """Counts and ages in seconds, from the database and the data folder."""

    def age(since: datetime | None, never: float = 0.0) -> float:
        return never if since is None else max(0.0, (now - since).total_seconds())

    def count(*which: ColumnElement[bool]) -> float:
        return float(session.scalar(select(func.count()).where(*which)) or 0)

    oldest, unprepared = outbox.oldest_undelivered(session), Document.state == "received"
    unanswered = Application.alert.is_not(None) & Application.alert_answered_at.is_(None)
    late = CaseClock.ours & (CaseClock.due_on < local_date(now))
    room = shutil.disk_usage(settings.data)
    yield "portal_outbox_oldest_seconds", "age of the oldest undelivered submission", age(oldest)
    waiting = float(outbox.undelivered(session))
    yield "portal_outbox_waiting", "submissions without a receipt", waiting
    yield "portal_photos_waiting", "photos not yet prepared", count(unprepared)
    first = _first(session, Document.created_at, unprepared)
    yield "portal_photos_oldest_seconds", "age of the oldest unprepared photo", age(first)
    first = unsent.oldest(session, now=now)
    yield "portal_texts_oldest_seconds", "age of the oldest text that should be gone", age(first)
    lost = float(unsent.lost(session, now=now))
    yield "portal_texts_lost", "texts given up in the last half hour", lost
    yield "portal_alerts_open", "urgent calls nobody answered yet", count(unanswered)
    parked = intake_events.oldest_parked(session)
    yield "portal_events_parked_oldest_seconds", "age of the oldest parked event", age(parked)
    yield "portal_deadlines_missed", "running clocks of ours that ran out", count(late)
    yield from _of_workers(session, now)
    yield from _of_the_record(session, settings, now)
    made = age(backup.last_made(settings), _NEVER)
    yield "portal_backup_age_seconds", "since the last backup from this machine", made
    yield "portal_disk_free_ratio", "room left for data, of all", room.free / room.total
    masters = float(len(master_key.masters_of(settings)))
    yield "portal_master_keys", "master keys: more than one while they are changed", masters


def _of_workers(session: Session, now: datetime) -> Iterator[Measure]:
    last = heartbeat.last_beat(session)
    beat = _NEVER if last is None else max(0.0, (now - last).total_seconds())
    yield "portal_worker_silent_seconds", "since a worker last finished a round", beat
    stopped = float(len(heartbeat.silent(session, now=now)))
    yield "portal_workers_stopped", "workers silent for five minutes, the last day's", stopped
    failing = float(len(heartbeat.failing(session, now=now)))
    yield "portal_worker_steps_failing", "steps of workers that fail each time", failing


def _of_the_record(session: Session, settings: Settings, now: datetime) -> Iterator[Measure]:
    unsealed, found = _unsealed(session, now), audit_check.last(settings.data)
    yield "portal_audit_unsealed_seconds", "since the record moved on unsealed", unsealed
    age = (now - found.since).total_seconds() if found.since else _NEVER
    yield "portal_audit_check_age_seconds", "since the record was last gone through whole", age
    faults = float(found.faults)
    yield "portal_audit_faults", "parts of the record where something does not fit", faults


def _first(
    session: Session, column: InstrumentedAttribute[datetime], which: ColumnElement[bool]
) -> datetime | None:
    return session.scalar(select(func.min(column)).where(which))


def _unsealed(session: Session, now: datetime) -> float:
    """Seconds since the last seal, when lines were written since."""
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).first()
    heads = {str(h.chain): h.seq for h in session.scalars(select(AuditHead))}
    sealed = {} if last is None else {c: seq for c, (seq, _) in json.loads(last.heads).items()}
    if all(seq == sealed.get(chain, 0) for chain, seq in heads.items()):
        return 0.0
    return (now - last.at).total_seconds() if last else 0.0
