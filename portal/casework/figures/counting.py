"""What the figures are counted from: one SQL statement a measure, grouped, never a row a case.

Every statement reads indexes made for it (ix_applications_figures, ix_case_events_kind), so that
the page opens as fast over 100,000 cases.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    case,
    cast,
    distinct,
    func,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from portal.casework.clock.tables import CaseClock
from portal.casework.tables import CaseEvent
from portal.casework.talk.rating import LOW, Rating
from portal.filing.tables import Application
from portal.people.mandate_tables import Mandate
from portal.policy.lifecycle import FINAL, Status

Key = InstrumentedAttribute[Any]
OVER = (*FINAL, Status.APPROVED, Status.PAYING)
"""Nothing waits for an office in these; reviews of who is paid count as open again."""
TWICE = {"bounced": "transferred", "second": "returned"}
"""Measures of what happened to a file more than once."""
_STAFF = "staff:"


@dataclass(frozen=True)
class Figures:
    """`filed`: handed in at all; `open`: an office has to do something; `spans`: how many were
    decided after so many tenths of a day; `overdue`: open with a clock that ran out; `bounced`:
    transferred twice or more; `second`: asked for papers a second time; `rated`: the person said how they found it,
    `unhappy`: badly."""

    filed: int = 0
    open: int = 0
    spans: Counter[int] = field(default_factory=Counter)
    overdue: int = 0
    bounced: int = 0
    second: int = 0
    rated: int = 0
    unhappy: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: a + getattr(other, name) for name, a in vars(self).items()})

    @property
    def decided(self) -> int:
        return self.spans.total()

    @property
    def mean_days(self) -> float | None:
        """From the first filing to the decision; None before anything was decided."""
        whole = sum(tenths * n for tenths, n in self.spans.items())
        return whole / 10 / self.decided if self.decided else None

    @property
    def median_days(self) -> float | None:
        """Half took no longer than this; of two in the middle, between them."""
        every = sorted(self.spans.elements())
        half = len(every) // 2
        return (every[half] + every[~half]) / 20 if every else None


Found = dict[str, Figures]


def by_column(
    session: Session, column: Key, which: Sequence[ColumnElement[bool]], *, today: date
) -> Found:
    """{value of a column of applications: figures}."""
    found = _now(session, column, which, today=today)
    _put_spans(session, found, _taken(session, column, which))
    return found


def by_step(session: Session, which: Sequence[ColumnElement[bool]], *, today: date) -> Found:
    """{status: figures} of what stands there now; `spans` are of the stays that are over: how
    many files left the step, and how long they had been in it."""
    found = _now(session, Application.status, which, today=today)
    moved = (
        select(
            CaseEvent.after.label("step"), CaseEvent.at.label("since"),
            func.lead(CaseEvent.at)
            .over(partition_by=CaseEvent.application_id, order_by=CaseEvent.seq)
            .label("until"),
        )
        .join(Application, Application.id == CaseEvent.application_id)
        .where(CaseEvent.after.is_not(None), *which)
        .subquery()
    )  # fmt: skip
    tenths = _tenths(session, moved.c.since, moved.c.until)
    stays = select(moved.c.step.label("key"), tenths).where(moved.c.until.is_not(None))
    _put_spans(session, found, stays)
    return found


def whole_of_steps(session: Session, found: Found, which: Sequence[ColumnElement[bool]]) -> Found:
    """What by_step found, added up; with how long whole cases took, not steps."""
    whole = {key: replace(one, spans=Counter()) for key, one in found.items()}
    _put_spans(session, whole, _taken(session, Application.status, which))
    return whole


def by_clerk(session: Session, which: Sequence[ColumnElement[bool]], *, today: date) -> Found:
    """{staff:<id>: figures}: files each acted in, passed on, and asked about a second time."""
    acted = (
        select(CaseEvent.actor, func.count(distinct(CaseEvent.application_id)))
        .join(Application, Application.id == CaseEvent.application_id)
        .where(CaseEvent.actor.startswith(_STAFF), *which)
    )
    found = {
        actor: Figures(filed=number)
        for actor, number in session.execute(acted.group_by(CaseEvent.actor))
    }
    for name, kind in TWICE.items():
        _put(session, found, _again(kind, which), name)
    late = (
        select(Application.investigator_id, func.count(distinct(Application.id)))
        .join(CaseClock, CaseClock.application_id == Application.id)
        .where(CaseClock.due_on < today, Application.investigator_id.is_not(None), *which)
    )
    for staff_id, number in session.execute(late.group_by(Application.investigator_id)):
        key = f"{_STAFF}{staff_id}"
        found[key] = replace(found.get(key, Figures()), overdue=number)
    return found


def by_helper(session: Session, which: Sequence[ColumnElement[bool]], *, today: date) -> Found:
    """{account of who fills in for others: figures of the households they help}."""
    helps = and_(
        Mandate.household_id == Application.household_id, Mandate.helper_account_id.is_not(None)
    )
    column: Any = Mandate.helper_account_id
    rows = select(column, func.count(distinct(Application.id))).join(Mandate, helps).where(*which)
    found = {str(key): Figures(filed=n) for key, n in session.execute(rows.group_by(column))}
    tenths = _tenths(session, Application.filed_at, Application.decided_at)
    taken = select(column.label("key"), tenths, Application.id).join(Mandate, helps)
    decided = taken.where(Application.decided_at.is_not(None), *which)
    _put_spans(session, found, decided.distinct())
    late = (
        select(column, func.count(distinct(Application.id)))
        .join(Mandate, helps)
        .join(CaseClock, CaseClock.application_id == Application.id)
        .where(CaseClock.due_on < today, *which)
    )
    _put(session, found, late.group_by(column), "overdue")
    twice = files_with_two("returned")
    second = (
        select(column, func.count(distinct(Application.id)))
        .join(Mandate, helps)
        .join(twice, twice.c.application_id == Application.id)
        .where(*which)
    )
    _put(session, found, second.group_by(column), "second")
    return found


def _now(
    session: Session, column: Key, which: Sequence[ColumnElement[bool]], *, today: date
) -> Found:
    """How it stands, without how long it took."""
    waits = func.sum(case((Application.status.in_(OVER), 0), else_=1))
    rows = select(column, func.count(), waits).where(*which).group_by(column)
    found = {
        str(key): Figures(filed=n, open=int(open_now or 0))
        for key, n, open_now in session.execute(rows)
    }
    late = (
        select(column, func.count(distinct(Application.id)))
        .join(CaseClock, CaseClock.application_id == Application.id)
        .where(CaseClock.due_on < today, *which)
    )
    _put(session, found, late.group_by(column), "overdue")
    for name, kind in TWICE.items():
        _put(session, found, _twice(kind, column, which), name)
    rated = select(column, func.count()).join(Rating).where(*which).group_by(column)
    _put(session, found, rated, "rated")
    _put(session, found, rated.where(Rating.face == LOW), "unhappy")
    return found


def _twice(kind: str, column: Key, which: Sequence[ColumnElement[bool]]) -> Select[Any, int]:
    """How many files had this happen more than once."""
    twice = files_with_two(kind)
    return (
        select(column, func.count())
        .join(twice, twice.c.application_id == Application.id)
        .where(*which)
        .group_by(column)
    )


def files_with_two(kind: str) -> Any:
    """The ids of the files in which this happened more than once."""
    return (
        select(CaseEvent.application_id)
        .where(CaseEvent.kind == kind)
        .group_by(CaseEvent.application_id)
        .having(func.count() > 1)
        .subquery()
    )


def _again(kind: str, which: Sequence[ColumnElement[bool]]) -> Select[Any, int]:
    """By whom it was done in a file where it had been done before."""
    before = aliased(CaseEvent)
    earlier = (
        select(before.id)
        .where(
            before.kind == kind, before.application_id == CaseEvent.application_id,
            before.seq < CaseEvent.seq,
        )
        .exists()
    )  # fmt: skip
    return (
        select(CaseEvent.actor, func.count(distinct(CaseEvent.application_id)))
        .join(Application, Application.id == CaseEvent.application_id)
        .where(CaseEvent.kind == kind, CaseEvent.actor.startswith(_STAFF), earlier, *which)
        .group_by(CaseEvent.actor)
    )


def _put(session: Session, found: Found, rows: Select[Any, int], name: str) -> None:
    for key, number in session.execute(rows):
        found[str(key)] = replace(found.get(str(key), Figures()), **{name: number})


def _taken(session: Session, column: Key, which: Sequence[ColumnElement[bool]]) -> Select[Any]:
    tenths = _tenths(session, Application.filed_at, Application.decided_at)
    return select(column.label("key"), tenths).where(Application.decided_at.is_not(None), *which)


def _put_spans(session: Session, found: Found, taken: Select[Any]) -> None:
    """`taken`: a row a decided case, with its key and its tenths of days."""
    each = taken.subquery()
    rows = select(each.c.key, each.c.tenths, func.count()).group_by(each.c.key, each.c.tenths)
    spans: dict[str, Counter[int]] = {}
    for key, tenths, number in session.execute(rows.where(each.c.tenths.is_not(None))):
        spans.setdefault(str(key), Counter())[tenths] = number
    for key, counted in spans.items():
        found[key] = replace(found.get(key, Figures()), spans=counted)


def _tenths(session: Session, since: Any, until: Any) -> Any:
    """Whole tenths of a day, on either database."""
    if session.get_bind().dialect.name == "sqlite":
        days = func.julianday(until) - func.julianday(since)
    else:
        days = cast(func.extract("epoch", until - since), Float) / 86400.0
    return cast(func.round(days * 10), Integer).label("tenths")
