"""The outbox: a submitted file stays here until the queue's signed receipt says it has it."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from portal.filing.preparing import Stores
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.crash import crash_point
from portal.handover import dossier, receipts
from portal.handover.receipts import WrongReceipt
from portal.handover.tables import OutboxRow
from portal.people import consents

Deliver = Callable[[str, bytes], str | None]
"""(key, dossier) → the queue's signed receipt, or None: it will come to `accept` by itself;
raises whatever went wrong."""

LEASE = timedelta(seconds=30)
"""A claimed row is one worker's for this long; each drain ends while its leases still hold."""
LONGEST_PAUSE = timedelta(minutes=5)
PHOTOS_WAIT = timedelta(minutes=2)
"""So long a file waits for its photos to be prepared; then it goes with a note instead."""
_PHOTOS_PAUSE = timedelta(seconds=1)
_RECEIPT_WAIT, _LONGEST_RECEIPT_WAIT = timedelta(minutes=2), timedelta(hours=1)
_log = logging.getLogger(__name__)


class QueueAway(Exception):
    """The queue takes nothing at all now: no other file is tried in this round."""


@dataclass(frozen=True)
class _Job:
    """A claimed row."""

    id: UUID
    key: str
    application_id: UUID
    version: int
    created_at: datetime
    tries: int
    lease: UUID


def put(session: Session, application: Application, *, now: datetime) -> None:
    """Queue the newest submission, in the caller's transaction."""
    version = application.submission_no
    session.add(
        OutboxRow(
            key=f"{application.id}/{version}",
            application_id=application.id,
            version=version,
            region_code=application.region_code,
            created_at=now,
            next_try_at=now,
            sent=[],
        )
    )
    session.flush()


def drain(
    portal: Stores,
    deliver: Deliver,
    *,
    now: datetime,
    limit: int = 20,
    trusted: Sequence[bytes] = (),
) -> int:
    """Hand over what is due; how many rows were closed by a verified receipt.

    Nothing is ever given up: after a fault a row waits 2, 4, 8 … seconds, at most five
    minutes. When the queue itself is away (QueueAway) the round ends. A file may be delivered twice; the queue knows it by its key. `trusted` are the
    queue's public keys, by default those of the embedded queue.
    """
    with portal.database.reading() as session:
        trusted = trusted or receipts.public_keys(session, "intake")
    closed, until = 0, time.monotonic() + LEASE.total_seconds() / 2
    for _ in range(limit):
        job = _claim(portal, now=now) if time.monotonic() < until else None
        if job is None:
            break
        crash_point("F1")
        try:
            closed += _hand_over(portal, job, deliver, trusted=trusted, now=now)
        except QueueAway:
            break
    return closed


def oldest_undelivered(session: Session, *, region_code: str | None = None) -> datetime | None:
    """Since when the file that waits longest has waited; of one township, or of all."""
    rows = select(func.min(OutboxRow.created_at)).where(*_open(region_code))
    return session.scalar(rows)


def undelivered(session: Session, *, region_code: str | None = None) -> int:
    """How many submitted files the queue has not acknowledged."""
    rows = select(func.count()).select_from(OutboxRow).where(*_open(region_code))
    return session.scalar(rows) or 0


def delivered_at(session: Session, application_id: UUID, version: int) -> datetime | None:
    """When the township's queue acknowledged this submission; None: not yet collected."""
    rows = select(OutboxRow.delivered_at).where(OutboxRow.key == f"{application_id}/{version}")
    return session.scalar(rows)


def _open(region_code: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [OutboxRow.delivered_at.is_(None)]
    if region_code is not None:
        conditions.append(OutboxRow.region_code == region_code)
    return conditions


def _claim(portal: Stores, *, now: datetime) -> _Job | None:
    """The next due row, leased to us. One table only: SKIP LOCKED is exact for nothing else."""
    due = (
        select(OutboxRow.id)
        .where(
            OutboxRow.delivered_at.is_(None),
            OutboxRow.next_try_at <= now,
            or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until <= now),
        )
        .order_by(OutboxRow.next_try_at)
        .limit(1)
    )
    with portal.database.reading() as session:
        if session.scalar(due) is None:
            return None
    lease = uuid4()
    with portal.database.writing() as session:
        row = session.scalars(
            update(OutboxRow)
            .where(OutboxRow.id == due.with_for_update(skip_locked=True).scalar_subquery())
            .values(lease=lease, leased_until=now + LEASE)
            .returning(OutboxRow)
            .execution_options(synchronize_session=False)
        ).first()
        if row is None:
            return None
        return _Job(
            row.id, row.key, row.application_id, row.version, row.created_at, row.tries, lease
        )


def _hand_over(
    portal: Stores, job: _Job, deliver: Deliver, *, trusted: Sequence[bytes], now: datetime
) -> int:
    """1 when the row was closed. No fault of one file may hold up the next. Raises QueueAway
    when trying the next would only cost its building, for days and for thousands of files."""
    try:
        if _held_back(portal, job):
            _put_off(portal, job, now + LONGEST_PAUSE)
            return 0
        if _waits_for_photos(portal, job, now=now):
            _put_off(portal, job, now + _PHOTOS_PAUSE)
            return 0
        data = dossier.build(portal, job.application_id, job.version)
        crash_point("F2")
        digest = sha256(data).hexdigest()
        _note_sent(portal, job, digest)
        crash_point("F3")
        text = deliver(job.key, data)
        crash_point("F4")
        if text is None:
            _put_off(portal, job, now + _receipt_wait(job.tries), fault="no receipt yet")
            return 0
        _verify(portal, job.id, job.key, text, trusted)
        crash_point("R2")
    except Exception as fault:
        _log.warning("file %s was not handed over: %s", job.key, type(fault).__name__)
        crash_point("F5")
        _put_off(portal, job, now + pause(job.tries + 1), fault=type(fault).__name__)
        crash_point("F6")
        if isinstance(fault, QueueAway):
            raise
        return 0
    _close(portal, job.id, text, now=now)
    crash_point("R4")
    return 1


def accept(portal: Stores, text: str, *, trusted: Sequence[bytes], now: datetime) -> None:
    """Close the row a receipt is for, that came by itself; again, and it is closed already.

    Raises WrongReceipt.
    """
    key = str(receipts.verified_by(text, keys=trusted).get("key"))
    with portal.database.reading() as session:
        row_id = session.scalar(select(OutboxRow.id).where(OutboxRow.key == key))
    if row_id is None:
        raise WrongReceipt("for a file we do not know")
    _verify(portal, row_id, key, text, trusted)
    _close(portal, row_id, text, now=now)


def _receipt_wait(tries: int) -> timedelta:
    """Before it is sent again to a broker that took it: whoever reads there may be away."""
    return min(_LONGEST_RECEIPT_WAIT, _RECEIPT_WAIT * (1 << min(tries, 10)))


def pause(tries: int) -> timedelta:
    """Before the next try, after so many failed ones."""
    return min(LONGEST_PAUSE, timedelta(seconds=2 ** min(tries, 12)))


def _held_back(portal: Stores, job: _Job) -> bool:
    """The person took the consent to hand over back: the file waits until it is given again
    (个人信息保护法 第15条); what the queue has already is not called back here."""
    with portal.database.reading() as session:
        owner = session.get_one(Application, job.application_id).account_id
        return owner is not None and consents.withdrawn(session, owner, "handover")


def _waits_for_photos(portal: Stores, job: _Job, *, now: datetime) -> bool:
    if now - job.created_at >= PHOTOS_WAIT:
        return False
    with portal.database.reading() as session:
        return dossier.pending(session, job.application_id, job.version)


def _note_sent(portal: Stores, job: _Job, digest: str) -> None:
    """Before the queue can have it we remember what it was: a rebuilt file may differ."""
    with portal.database.writing() as session:
        row = session.get_one(OutboxRow, job.id, with_for_update=True)
        if digest not in row.sent:
            row.sent = [*row.sent, digest]


def _verify(portal: Stores, row_id: UUID, key: str, text: str, trusted: Sequence[bytes]) -> None:
    """Raises WrongReceipt unless the queue signed for this key and one of our files."""
    crash_point("R1")
    body = receipts.verified_by(text, keys=trusted)
    if body.get("key") != key:
        raise WrongReceipt("for another file")
    with portal.database.reading() as session:
        if body.get("sha256") not in session.get_one(OutboxRow, row_id).sent:
            raise WrongReceipt("for other contents")


def _close(portal: Stores, row_id: UUID, text: str, *, now: datetime) -> None:
    """The receipt, the end of the row and the audit line, together."""
    with portal.database.writing() as session:
        row = session.get_one(OutboxRow, row_id, with_for_update=True)
        if row.delivered_at is not None:
            return
        row.delivered_at, row.receipt = now, text
        row.lease = row.leased_until = row.last_fault = None
        session.flush()
        crash_point("R3")
        detail = {"key": row.key, "receipt": sha256(text.encode()).hexdigest()}
        audit.record(
            session, "dossier.delivered", actor="portal", subject=row.application_id,
            detail=detail, now=now,
        )  # fmt: skip


def _put_off(portal: Stores, job: _Job, until: datetime, *, fault: str | None = None) -> None:
    """Try again then; a fault counts as a try."""
    with portal.database.writing() as session:
        row = session.get_one(OutboxRow, job.id, with_for_update=True)
        if row.lease != job.lease:
            return
        row.lease = row.leased_until = None
        row.next_try_at = until
        if fault is not None:
            row.tries, row.last_fault = row.tries + 1, fault[:200]
