"""The worker's look at the clocks: which of them run, and when each runs out.

Only what changed since the last look is reckoned anew, so that a million quiet cases cost
nothing; a new holiday calendar makes it begin again.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ScalarResult, Select, and_, or_, select
from sqlalchemy.orm import Session

from portal.casework.clock import afterwards, bar
from portal.casework.clock.bar import Row
from portal.casework.clock.tables import CaseClock, Escalation, WorkerMark
from portal.filing.tables import Application
from portal.foundation.database import Database
from portal.policy import workdays
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import FINAL, Status

NUDGE, ALERT = "nudge", "alert"
MOST, _AT_ONCE = 500, 20
_NAME = "clocks"
_OVERLAP = timedelta(minutes=2)
"""A request's own time is older than its commit."""
_UNWATCHED = (FINAL | {Status.DRAFT, Status.PAYING}) - {Status.DENIED}
"""Nothing of the office's runs there, unless somebody objects or reports; a denial is watched until its
letter is delivered."""
_AFTERWARDS = (afterwards.GRANT, afterwards.STOP, afterwards.SELFCARE)
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def look(database: Database, catalogue: Catalogue, *, now: datetime, limit: int = MOST) -> int:
    """Go on from the last look through the cases that changed; how many were looked at.

    Reckoned while others write, kept in short transactions. Call it again while it returns
    `limit`.
    """
    with database.reading() as session:
        begins = _begins(session)
        found = session.scalars(_changed(*begins, now).limit(limit)).all()
        places = [(application.changed_at, application.id) for application in found]
        wanted = [
            (a.id, _mark(a), rows_of(session, a, catalogue)) for a in found if _is_new(session, a)
        ]
    while wanted:
        with database.writing() as session:
            for application_id, mark, rows in wanted[:_AT_ONCE]:
                application = session.get_one(Application, application_id)
                if _mark(application) == mark:
                    keep(session, application, rows, now=now)
        wanted = wanted[_AT_ONCE:]
    ends = places[-1] if len(places) == limit else (max(begins[0], now - _OVERLAP), UUID(int=0))
    with database.writing() as session:
        cursor = _cursor(session)
        cursor.at, cursor.after = ends
    return len(places)


def keep(session: Session, application: Application, rows: Sequence[Row], *, now: datetime) -> None:
    """Note every clock that runs, and take from the lists what has been done since."""
    _settle(session, application, rows, now=now)
    known = {clock.step: clock for clock in _known(session, application)}
    for row in rows:
        if not row.runs() or row.due is None or row.at_least:
            continue
        clock = known.pop(row.key, None)
        if clock is None:
            clock = CaseClock(application_id=application.id, step=row.key)
            session.add(clock)
        clock.mark, clock.ours, clock.under = _mark(application), row.ours, _calendar()
        clock.due_on, clock.due_at = row.due.on, row.due.at
    for clock in known.values():
        session.delete(clock)
    session.flush()


def _is_new(session: Session, application: Application) -> bool:
    """Whether it has to be reckoned: what is watched and moved, or is watched no more."""
    known = _known(session, application)
    if not _is_watched(session, application):
        return bool(known) or _open(session, application).first() is not None
    mark, under = _mark(application), _calendar()
    asked = afterwards.selfcare_since(session, application) is not None
    if asked != any(clock.step == afterwards.SELFCARE for clock in known):
        return True
    return not known or any((clock.mark, clock.under) != (mark, under) for clock in known)


def _known(session: Session, application: Application) -> Sequence[CaseClock]:
    return session.scalars(
        select(CaseClock).where(CaseClock.application_id == application.id)
    ).all()


def rows_of(session: Session, application: Application, catalogue: Catalogue) -> list[Row]:
    """What is watched of its clocks; while it is paid only what somebody objects to or reports."""
    if not _is_watched(session, application):
        return []
    rows = bar.of(session, application, catalogue.find(application.program_id), catalogue)
    everything = application.status not in _UNWATCHED
    return [row for row in rows if everything or row.key in _AFTERWARDS]


def _is_watched(session: Session, application: Application) -> bool:
    return application.status not in _UNWATCHED or afterwards.runs(session, application)


def _settle(
    session: Session, application: Application, rows: Sequence[Row], *, now: datetime
) -> None:
    """What is late no more is settled; a nudge by anything that leaves no clock late."""
    late = {row.key for row in rows if row.runs() and row.late(now)}
    for one in _open(session, application):
        if not _still(one, application, late):
            one.settled_at = now


def _open(session: Session, application: Application) -> ScalarResult[Escalation]:
    """What stands on a list and is not done."""
    return session.scalars(
        select(Escalation).where(
            Escalation.application_id == application.id, Escalation.settled_at.is_(None)
        )
    )


def _still(one: Escalation, application: Application, late: set[str]) -> bool:
    if one.step == ALERT:
        return application.alert is not None
    return bool(late) if one.step == NUDGE else one.step in late


def _mark(application: Application) -> int:
    """Another number after every event and submission."""
    return application.event_seq * 1000 + application.submission_no


def _changed(at: datetime, after: UUID, now: datetime) -> Select[Application]:
    later = or_(
        Application.changed_at > at,
        and_(Application.changed_at == at, Application.id > after),
    )
    return (
        select(Application)
        .where(later, Application.changed_at <= now, Application.submission_no > 0)
        .order_by(Application.changed_at, Application.id)
    )


def _begins(session: Session) -> tuple[datetime, UUID]:
    """Where to go on; at the beginning the first time, and under another calendar."""
    found = session.get(WorkerMark, _NAME)
    if found is None or found.under != _calendar():
        return _BEGINNING, UUID(int=0)
    return found.at, found.after


def _cursor(session: Session) -> WorkerMark:
    found = session.get(WorkerMark, _NAME)
    if found is None:
        found = WorkerMark(name=_NAME)
        session.add(found)
    found.under = _calendar()
    return found


def _calendar() -> str:
    days = {
        year: [sorted(map(str, notice.off)), sorted(map(str, notice.working)), notice.published]
        for year, notice in sorted(workdays.YEARS.items())
    }
    return sha256(json.dumps(days).encode()).hexdigest()[:16]
