"""The township's one-door queue 一门受理: what waits, who reads it, what comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from portal.casework import clocks
from portal.casework.limits import OUR_TARGET_DAYS
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.errors import Forbidden
from portal.handover.tables import IntakeDossier, OutboxRow
from portal.people.access import Actor, Role
from portal.policy.lifecycle import FINAL, Status

LEASE = timedelta(minutes=30)
"""So long a file stays with the clerk who took it without her doing anything."""
_MOST_LINES = 200
_STAFF = frozenset({Role.TOWNSHIP_CLERK, Role.COUNTY_CLERK})


@dataclass(frozen=True)
class Line:
    """One file in a list: nothing personal in it."""

    application: Application
    with_me: bool = False
    with_colleague: bool = False
    late: bool = False
    transfers: int = 0


@dataclass(frozen=True)
class Queue:
    """The lists of the desk's first page, oldest first; alerts before everything."""

    alerts: Sequence[Line]
    waiting: Sequence[Line]
    returned: Sequence[Line]
    going: Sequence[Line]
    closed: int
    undelivered: int
    oldest_undelivered: datetime | None


def lists(session: Session, *, actor: Actor, now: datetime) -> Queue:
    """What this division has. Raises Forbidden for anybody but its clerks."""
    check_staff(actor)
    mine = scope(actor)
    alarmed = _of(session, mine, Application.alert.is_not(None))
    waiting = _of(session, mine, Application.status == Status.SUBMITTED, _arrived())
    under_way = Application.status.not_in(
        [Status.DRAFT, Status.SUBMITTED, Status.RETURNED, *FINAL, Status.PAYING]
    )
    oldest, undelivered = _undelivered(session, mine)
    return Queue(
        alerts=_lines(session, alarmed, actor, now),
        waiting=_lines(session, waiting, actor, now),
        returned=_lines(
            session, _of(session, mine, Application.status == Status.RETURNED), actor, now
        ),
        going=_lines(session, _of(session, mine, under_way), actor, now),
        closed=session.scalar(
            select(func.count()).where(mine, Application.status.in_(FINAL), _submitted())
        )
        or 0,
        undelivered=undelivered,
        oldest_undelivered=oldest,
    )


def take_next(session: Session, *, actor: Actor, now: datetime) -> Application | None:
    """The file this clerk is to read: the one she has, else the next that nobody has.

    Unanswered alerts first, then urgent ones, then the oldest first filing. It is hers
    alone for thirty minutes from the last thing she did with it.
    """
    check_staff(actor)
    order = (
        Application.alert.is_(None), Application.urgent.desc(), Application.filed_at,
        Application.id,
    )  # fmt: skip
    for free in (IntakeDossier.leased_by == str(actor), _free(now)):
        rows = _waiting_rows(actor).where(free).order_by(*order).limit(50)
        for row_id in session.scalars(rows).all():
            found = _claim(session, row_id, actor=actor, now=now)
            if found is not None:
                return found
    return None


def keep(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """She is still reading it: thirty minutes more, if it is hers."""
    row = current(session, application)
    if row is not None and row.leased_by == str(actor) and row.taken_at is None:
        row.leased_until = now + LEASE


def counts(session: Session, *, actor: Actor) -> tuple[int, int]:
    """How many alerts nobody has answered, and how many files wait."""
    check_staff(actor)
    alarmed = select(func.count()).where(scope(actor), _submitted(), Application.alert.is_not(None))
    waiting = select(func.count()).where(
        scope(actor), Application.status == Status.SUBMITTED, _arrived()
    )
    return session.scalar(alarmed) or 0, session.scalar(waiting) or 0


def release(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """Put it back for colleagues. Nothing happens when it was not hers."""
    row = current(session, application)
    if row is not None and row.leased_by == str(actor) and row.taken_at is None:
        row.leased_by = row.leased_until = None
        audit.record(session, "release.file", actor=str(actor), subject=application.id, now=now)


def current(session: Session, application: Application) -> IntakeDossier | None:
    """The queue's row for the newest submission, locked; None while it is on its way."""
    rows = select(IntakeDossier).where(
        IntakeDossier.application_id == application.id,
        IntakeDossier.version == application.submission_no,
    )
    return session.scalars(rows.with_for_update()).first()


def reader(session: Session, application: Application, *, now: datetime) -> str | None:
    """Who has it open now, as the audit names them."""
    rows = select(IntakeDossier.leased_by).where(
        IntakeDossier.application_id == application.id,
        IntakeDossier.version == application.submission_no,
        IntakeDossier.taken_at.is_(None),
        IntakeDossier.leased_until > now,
    )
    return session.scalars(rows).first()


def check_staff(actor: Actor) -> None:
    if actor.role not in _STAFF or not actor.region_code:
        raise Forbidden("这里只给受理窗口和县民政局用。")


def scope(actor: Actor) -> ColumnElement[bool]:
    """The same rule as access.covers, said in SQL."""
    path = literal("/").concat(Application.region_path).concat("/")
    inside = path.contains(f"/{actor.region_code}/", autoescape=True)
    if actor.role is Role.TOWNSHIP_CLERK:
        return inside & (Application.region_code == actor.region_code)
    return inside


def _claim(session: Session, row_id: UUID, *, actor: Actor, now: datetime) -> Application | None:
    """The row locked and looked at again: two clerks never get the same."""
    row = session.scalars(
        select(IntakeDossier)
        .where(IntakeDossier.id == row_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if row is None or row.taken_at is not None:
        return None
    elsewhere = row.leased_until is not None and row.leased_until > now
    if elsewhere and row.leased_by != str(actor):
        return None
    if row.leased_by != str(actor) or not elsewhere:
        audit.record(session, "take.file", actor=str(actor), subject=row.application_id, now=now)
    row.leased_by, row.leased_until = str(actor), now + LEASE
    session.flush()
    return session.get_one(Application, row.application_id)


def _waiting_rows(actor: Actor) -> Select[UUID]:
    return (
        select(IntakeDossier.id)
        .join(Application, Application.id == IntakeDossier.application_id)
        .where(
            scope(actor),
            Application.status == Status.SUBMITTED,
            IntakeDossier.version == Application.submission_no,
            IntakeDossier.taken_at.is_(None),
        )
    )


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(IntakeDossier.leased_until.is_(None), IntakeDossier.leased_until <= now)


def _submitted() -> ColumnElement[bool]:
    return Application.submission_no > 0


def _arrived() -> ColumnElement[bool]:
    return (
        select(IntakeDossier.id)
        .where(
            IntakeDossier.application_id == Application.id,
            IntakeDossier.version == Application.submission_no,
        )
        .exists()
    )


def _of(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Application]:
    rows = select(Application).where(*conditions, _submitted())
    order = (Application.alert.is_(None), Application.urgent.desc(), Application.filed_at)
    return session.scalars(rows.order_by(*order, Application.id).limit(_MOST_LINES)).all()


def _lines(
    session: Session, found: Iterable[Application], actor: Actor, now: datetime
) -> list[Line]:
    files = list(found)
    readers = _readers(session, files, now)
    moved = _transfers(session, files)
    return [
        Line(
            file,
            with_me=readers.get(file.id) == str(actor),
            with_colleague=readers.get(file.id, str(actor)) != str(actor),
            late=file.status == Status.SUBMITTED and _late(file, now),
            transfers=moved.get(file.id, 0),
        )
        for file in files
    ]


def _readers(session: Session, files: list[Application], now: datetime) -> dict[UUID, str | None]:
    rows = select(IntakeDossier.application_id, IntakeDossier.leased_by).where(
        IntakeDossier.application_id.in_([f.id for f in files]),
        IntakeDossier.taken_at.is_(None),
        IntakeDossier.leased_until > now,
    )
    return {file: value for file, value in session.execute(rows)}  # noqa: C416


def _transfers(session: Session, files: list[Application]) -> dict[UUID, int]:
    rows = (
        select(CaseEvent.application_id, func.count())
        .where(CaseEvent.application_id.in_([f.id for f in files]), CaseEvent.kind == "transferred")
        .group_by(CaseEvent.application_id)
    )
    return {file: value for file, value in session.execute(rows)}  # noqa: C416


def _late(file: Application, now: datetime) -> bool:
    """Past our own target of two working days; the law counts nothing here."""
    if file.filed_at is None:
        return False
    last, _provisional = clocks.add_workdays(local_date(file.filed_at), OUR_TARGET_DAYS)
    return local_date(now) > last


def _undelivered(session: Session, mine: ColumnElement[bool]) -> tuple[datetime | None, int]:
    rows = (
        select(func.min(OutboxRow.created_at), func.count())
        .join(Application, Application.id == OutboxRow.application_id)
        .where(mine, OutboxRow.delivered_at.is_(None))
    )
    oldest, number = session.execute(rows).one()
    return oldest, number
