"""What the worker forgets every hour: each kind of retention.yaml that has a number of days."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.casework import intake_events
from portal.casework.leads import keeping
from portal.casework.talk import old_drafts
from portal.contact import sending, wechat_push
from portal.filing import sign_links, uploads
from portal.filing.tables import Application
from portal.foundation import idempotency, rates, retention
from portal.foundation.database import Base, Database
from portal.people import codes, pass_codes, second_factor, sessions
from portal.policy.lifecycle import Status

WAYS: Mapping[str, Callable[..., None]] = {
    "limits": rates.forget_old,
    "codes": codes.forget_old,
    "guards": codes.forget_guards,
    "repeats": idempotency.forget_old,
    "sessions": sessions.forget_old,
    "devices": second_factor.forget_old,
    "nonces": intake_events.forget_old,
    "pushes": wechat_push.forget_old,
    "texts": sending.forget_old,
    "uploads": uploads.forget_old,
    "links": sign_links.forget_old,
    "passes": pass_codes.forget_old,
    "drafts": old_drafts.throw_away,
}
ELSEWHERE = {"blobs", "backups", "logs"}
"""Files, not rows: the worker's sweep, the backup's unit, the journal's settings."""


def forget(session: Session, *, now: datetime) -> None:
    """Remove what has had its time."""
    for way in WAYS.values():
        way(session, now=now)
    keeping.forget_old(session, now=now)


def counted(session: Session, *, now: datetime) -> dict[str, int]:
    """The same; how many rows of each kind went."""
    gone = {}
    for kind, way in WAYS.items():
        before = _standing(session, kind)
        way(session, now=now)
        gone[kind] = before - _standing(session, kind)
    return gone | {"leads": keeping.forget_old(session, now=now)}


def due(database: Database, *, now: datetime) -> dict[str, int]:
    """What `forget` would remove now: done in a transaction that is taken back."""
    session = database.open_writing()
    try:
        found = counted(session, now=now)
        session.rollback()
        return found
    finally:
        database.close_writing(session)


def _standing(session: Session, kind: str) -> int:
    if kind == "drafts":
        rows = select(func.count()).where(Application.status == Status.DRAFT)
        return session.scalar(rows) or 0
    tables = (Base.metadata.tables[name] for name in retention.kinds()[kind].tables)
    return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
