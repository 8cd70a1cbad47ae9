"""The desk's lists: what waits for whom, found by filters; what is in whose hands is leases.py."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.casework import clocks, duties, filters, leases
from portal.casework.clock.tables import CaseClock
from portal.casework.duties import check_staff as check_staff
from portal.casework.duties import scope as scope
from portal.casework.filters import Wanted as Wanted
from portal.casework.leases import LEASE as LEASE
from portal.casework.leases import check_free as check_free
from portal.casework.leases import current as current
from portal.casework.leases import keep as keep
from portal.casework.leases import reader as reader
from portal.casework.leases import release as release
from portal.casework.leases import take_next as take_next
from portal.casework.limits import OUR_TARGET_DAYS
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import NotFound
from portal.handover.tables import IntakeDossier, OutboxRow
from portal.people.access import Actor, Role
from portal.people.identity import plain
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import FINAL, Status

MOST_LINES = 200
NOT_GOING = frozenset({Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.PAYING, *FINAL})
_SETTLED = 1
"""More bounces than this, and the county decides where a file belongs."""


@dataclass(frozen=True)
class Line:
    """One file in a list: nothing personal in it."""

    application: Application
    with_me: bool = False
    with_colleague: bool = False
    late: bool = False
    transfers: int = 0


@dataclass(frozen=True)
class Section:
    """One list. `duty` is a key of duties.DUTIES when its files are taken up one by one."""

    key: str
    title: str
    lines: Sequence[Line]
    empty: str = "没有。"
    duty: str = ""


@dataclass(frozen=True)
class Queue:
    """The lists of the desk's first page, oldest first; alerts before everything."""

    alerts: Sequence[Line]
    sections: Sequence[Section]
    counted: dict[str, int] = field(default_factory=dict)
    undelivered: int = 0
    oldest_undelivered: datetime | None = None

    def lines(self, key: str) -> Sequence[Line]:
        """Of the section of this name; empty when this person has none."""
        return next((s.lines for s in self.sections if s.key == key), ())

    @property
    def waiting(self) -> Sequence[Line]:
        return self.lines("accept")

    @property
    def returned(self) -> Sequence[Line]:
        return self.lines("returned")

    @property
    def going(self) -> Sequence[Line]:
        return self.lines("going")

    @property
    def closed(self) -> int:
        return sum(number for status, number in self.counted.items() if status in FINAL)


def lists(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    wanted: Wanted | None = None,
    catalogue: Catalogue | None = None,
) -> Queue:
    """What this division has for this person; with filters, one list of what they find.

    Raises Forbidden for anybody but staff of the desk. Supervisors get figures and no list.
    """
    check_staff(actor)
    mine = scope(actor)
    if duties.only_watches(actor):
        return Queue((), (), counted(session, actor=actor))
    if wanted:
        sections = [_found(session, wanted, catalogue, actor=actor, now=now)]
    else:
        sections = [
            Section(key, title, _lines(session, _of(session, mine, what), actor, now), empty, duty)
            for key, title, what, empty, duty in _sections(actor)
        ]
    alarmed = _of(session, mine, Application.alert.is_not(None))
    oldest, undelivered = _undelivered(session, mine)
    return Queue(
        alerts=_lines(session, alarmed, actor, now),
        sections=sections,
        counted=counted(session, actor=actor),
        undelivered=undelivered,
        oldest_undelivered=oldest,
    )


def find(session: Session, number: str, *, actor: Actor) -> Application:
    """The file of this number in this person's division. Raises NotFound."""
    duties.check_reader(actor)
    rows = select(Application).where(
        scope(actor), _submitted(), Application.reference_no == plain(number)[:20]
    )
    found = session.scalars(rows).first()
    if found is None:
        raise NotFound("没有找到这个编号。")
    return found


def counts(session: Session, *, actor: Actor) -> tuple[int, int]:
    """How many alerts nobody has answered, and how many files wait to be accepted."""
    check_staff(actor)
    alarmed = select(func.count()).where(scope(actor), _submitted(), Application.alert.is_not(None))
    waiting = select(func.count()).where(
        scope(actor), Application.status == Status.SUBMITTED, _arrived()
    )
    return session.scalar(alarmed) or 0, session.scalar(waiting) or 0


def counted(session: Session, *, actor: Actor) -> dict[str, int]:
    """How many files there are in each status; drafts are the applicant's own."""
    if not actor.holds(*duties.READING):
        return {}
    rows = (
        select(Application.status, func.count())
        .where(scope(actor), Application.status != Status.DRAFT, _submitted())
        .group_by(Application.status)
    )
    return {status: number for status, number in session.execute(rows)}  # noqa: C416


def _sections(actor: Actor) -> list[tuple[str, str, ColumnElement[bool], str, str]]:
    """(key, title, which files, what an empty list says, duty) of this person's lists."""
    status = Application.status
    found = [(d.key, d.title, _work(d), d.empty, d.key) for d in duties.of(actor)]
    if actor.holds(Role.COUNTY_CLERK, Role.AUDITOR):
        found.append(("accept", "等受理", _work(duties.DUTIES["accept"]), "没有等受理的申请。", ""))
    if actor.holds(*duties.COUNTY):
        bounced = Application.bounces > _SETTLED
        found.append(("bounced", "来回转办，要县里定", bounced, "没有。", ""))
    if actor.holds(Role.TOWNSHIP_CLERK, Role.COUNTY_CLERK, Role.AUDITOR):
        found.append(("returned", "等居民补正", status == Status.RETURNED, "没有。", ""))
        found.append(("going", "已受理，在办", status.not_in(sorted(NOT_GOING)), "没有。", ""))
    return found


def _work(duty: duties.Duty) -> ColumnElement[bool]:
    """Everything this duty is about, also what has no turn today."""
    inside = Application.status.in_(sorted(duty.statuses))
    if duty.key == "accept":
        return inside & _arrived()
    if duty.key == "check":
        return inside & leases.check_is_open()
    return inside


def _found(
    session: Session,
    wanted: Wanted,
    catalogue: Catalogue | None,
    *,
    actor: Actor,
    now: datetime,
) -> Section:
    """One list of everything the filters leave, closed files too."""
    files = _of(
        session, scope(actor), *filters.conditions(session, wanted, catalogue, actor=actor, now=now)
    )
    lines = _lines(session, files, actor, now)
    if wanted.late:
        lines = [line for line in lines if line.late]
    return Section("found", "找到的", lines, "没有符合的申请。")


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
    rows = select(Application).where(*conditions, Application.status != Status.DRAFT, _submitted())
    order = (Application.alert.is_(None), Application.urgent.desc(), Application.filed_at)
    return session.scalars(rows.order_by(*order, Application.id).limit(MOST_LINES)).all()


def _lines(
    session: Session, found: Iterable[Application], actor: Actor, now: datetime
) -> list[Line]:
    files = list(found)
    readers = leases.readers(session, files, now=now)
    moved, over = _transfers(session, files), _over(session, files, now)
    return [
        Line(
            file,
            with_me=readers.get(file.id) == str(actor),
            with_colleague=readers.get(file.id, str(actor)) != str(actor),
            late=file.id in over or (file.status == Status.SUBMITTED and _late(file, now)),
            transfers=moved.get(file.id, 0),
        )
        for file in files
    ]


def _transfers(session: Session, files: list[Application]) -> dict[UUID, int]:
    rows = (
        select(CaseEvent.application_id, func.count())
        .where(CaseEvent.application_id.in_([f.id for f in files]), CaseEvent.kind == "transferred")
        .group_by(CaseEvent.application_id)
    )
    return {file: value for file, value in session.execute(rows)}  # noqa: C416


def _over(session: Session, files: list[Application], now: datetime) -> set[UUID]:
    rows = select(CaseClock.application_id).where(
        CaseClock.application_id.in_([f.id for f in files]), CaseClock.due_on < local_date(now)
    )
    return set(session.scalars(rows))


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
