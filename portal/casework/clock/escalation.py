"""A clock that ran out is told to the office, and to the one above; what was done is settled."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.casework import clocks, events
from portal.casework.clock import texting, watching
from portal.casework.clock.bar import Row
from portal.casework.clock.tables import CaseClock, Escalation
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.database import Database
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import Party

PATIENCE_WORKDAYS = 1
"""Our own: so long past our own target only the township is told; then the county as well.
What the law set is told to both at once."""
_OF_THE_COUNTY = frozenset({"county_review", "over_limit", "check_start", "first_payment"})


def escalate(database: Database, catalogue: Catalogue, *, now: datetime, limit: int = 200) -> int:
    """Tell of every clock that has run out and was not told of yet; how many were.

    One short transaction a case.
    """
    rows = (
        select(CaseClock.application_id)
        .where(CaseClock.due_on <= local_date(now), ~_told_to_the_county())
        .group_by(CaseClock.application_id)
        .order_by(func.min(CaseClock.due_on), CaseClock.application_id)
        .limit(limit)
    )
    with database.reading() as session:
        found = session.scalars(rows).all()
    return sum(_one(database, application_id, catalogue, now=now) for application_id in found)


def alarm(database: Database, *, now: datetime) -> int:
    """Tell township and county at once of somebody without food or shelter; how many cases.

    社会救助法 第50条. A text at any hour, and a line on both lists until somebody answered.
    """
    told = select(Escalation.id).where(
        Escalation.application_id == Application.id, Escalation.step == watching.ALERT
    )
    rows = select(Application.id).where(Application.alert.is_not(None), ~told.exists())
    with database.reading() as session:
        found = session.scalars(rows.order_by(Application.filed_at).limit(100)).all()
    for application_id in found:
        with database.writing() as session:
            file = session.get_one(Application, application_id)
            for level in (texting.TOWNSHIP, texting.COUNTY):
                if note(session, file, watching.ALERT, level, local_date(now), now=now):
                    place = texting.office_of(file, level)
                    texting.tell(session, place, level, "alert", now=now)
    return len(found)


def note(
    session: Session,
    application: Application,
    step: str,
    level: str,
    due_on: date,
    *,
    now: datetime,
) -> bool:
    """Put it on the list of one office; False when it stands there already."""
    same = select(Escalation.id).where(
        Escalation.application_id == application.id, Escalation.step == step,
        Escalation.level == level, Escalation.due_on == due_on,
    )  # fmt: skip
    if session.scalars(same).first() is not None:
        return False
    session.add(
        Escalation(
            application_id=application.id, step=step, level=level, due_on=due_on, made_at=now
        )
    )
    session.flush()
    detail = {"step": step, "level": level, "due": due_on.isoformat()}
    audit.record(
        session, "escalate.case", actor="portal", subject=application.id, detail=detail, now=now
    )
    return True


def _told_to_the_county() -> ColumnElement[bool]:
    """Whether the clock that runs out stands on the county's list already."""
    return (
        select(Escalation.id)
        .where(
            Escalation.application_id == CaseClock.application_id,
            Escalation.step == CaseClock.step,
            Escalation.due_on == CaseClock.due_on,
            Escalation.level == texting.COUNTY,
        )
        .exists()
    )


def _one(database: Database, application_id: UUID, catalogue: Catalogue, *, now: datetime) -> int:
    with database.writing() as session:
        file = session.get_one(Application, application_id, with_for_update=True)
        rows = watching.rows_of(session, file, catalogue)
        watching.keep(session, file, rows, now=now)
        late = [row for row in rows if row.runs() and row.late(now)]
        return sum(_tell(session, file, row, now=now) for row in late)


def _tell(session: Session, file: Application, row: Row, *, now: datetime) -> int:
    assert row.due is not None  # noqa: S101 - only what has a last day is late
    told = 0
    for level in _levels(row, now):
        if not note(session, file, row.key, level, row.due.on, now=now):
            continue
        told += 1
        template = "overdue" if level == texting.TOWNSHIP else "overdue_below"
        texting.tell(session, texting.office_of(file, level), level, template, now=now)
        if level == texting.COUNTY and row.key not in _OF_THE_COUNTY:
            said = {"step": row.key, "level": level}
            events.record(
                session, file, "escalated", after=None, party=Party.PORTAL, actor="portal",
                said=said, now=now,
            )  # fmt: skip
    return told


def _levels(row: Row, now: datetime) -> list[str]:
    if row.key in _OF_THE_COUNTY:
        return [texting.COUNTY]
    if not row.ours:
        return [texting.TOWNSHIP, texting.COUNTY]
    assert row.due is not None  # noqa: S101
    last, _guessed = clocks.add_workdays(row.due.on, PATIENCE_WORKDAYS)
    patient = local_date(now) <= last
    return [texting.TOWNSHIP] if patient else [texting.TOWNSHIP, texting.COUNTY]
