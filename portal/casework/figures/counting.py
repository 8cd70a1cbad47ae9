"""What the figures are counted from: one SQL statement a measure, grouped, never a row a case.

Every statement reads indexes made for it (ix_applications_figures, ix_case_events_kind), so that
the page opens as fast over 100,000 cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
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
from portal.filing.tables import Application
from portal.people.mandate_tables import Mandate
from portal.policy.lifecycle import FINAL, Status

Key = InstrumentedAttribute[Any]
OVER = (*FINAL, Status.APPROVED, Status.PAYING)
"""Nothing waits for an office in these; reviews of who is paid count as open again."""
_STAFF = "staff:"


@dataclass(frozen=True)
class Figures:
    """`filed`: handed in at all; `open`: an office has to do something; `decided` with the sum of
    their `days`; `overdue`: open with a clock that ran out; `bounced`: transferred twice or more;
    `second`: asked for papers a second time."""

    filed: int = 0
    open: int = 0
    decided: int = 0
    days: float = 0.0
    overdue: int = 0
    bounced: int = 0
    second: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: a + getattr(other, name) for name, a in vars(self).items()})

    @property
    def mean_days(self) -> float | None:
        """From the first filing to the decision; None before anything was decided."""
        return self.days / self.decided if self.decided else None


Found = dict[str, Figures]


def by_column(
    session: Session, column: Key, which: Sequence[ColumnElement[bool]], *, today: date
) -> Found:
    """{value of a column of applications: figures}."""
    days = _days(session, Application.filed_at, Application.decided_at)
    rows = select(
        column, func.count(), func.sum(case((Application.status.in_(OVER), 0), else_=1)),
        func.count(Application.decided_at), func.coalesce(func.sum(days), 0.0),
    ).where(*which)  # fmt: skip
    found = {
        str(key): Figures(filed=n, open=int(waits or 0), decided=decided, days=float(total))
        for key, n, waits, decided, total in session.execute(rows.group_by(column))
    }
    late = (
        select(column, func.count(distinct(Application.id)))
        .join(CaseClock, CaseClock.application_id == Application.id)
        .where(CaseClock.due_on < today, *which)
    )
    _put(session, found, late.group_by(column), "overdue")
    for kind, name in (("transferred", "bounced"), ("returned", "second")):
        _put(session, found, _twice(kind, column, which), name)
    return found


def by_step(session: Session, which: Sequence[ColumnElement[bool]], *, today: date) -> Found:
    """{status: figures} of what stands there now; `decided` and `days` are of the stays that are
    over: how many files left the step, and how long all of them had been in it."""
    found = by_column(session, Application.status, which, today=today)
    found = {key: replace(one, decided=0, days=0.0) for key, one in found.items()}
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
    stays = select(
        moved.c.step, func.count(), func.sum(_days(session, moved.c.since, moved.c.until))
    ).where(moved.c.until.is_not(None))
    for step, number, total in session.execute(stays.group_by(moved.c.step)):
        before = found.get(str(step), Figures())
        found[str(step)] = replace(before, decided=number, days=float(total))
    return found


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
    for kind, name in (("transferred", "bounced"), ("returned", "second")):
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
    days = _days(session, Application.filed_at, Application.decided_at)
    rows = (
        select(
            column, func.count(distinct(Application.id)),
            func.count(distinct(case((Application.decided_at.is_not(None), Application.id)))),
            func.coalesce(func.sum(days), 0.0),
        )
        .join(Mandate, helps)
        .where(*which)
    )  # fmt: skip
    found = {
        str(key): Figures(filed=n, decided=decided, days=float(total))
        for key, n, decided, total in session.execute(rows.group_by(column))
    }
    late = (
        select(column, func.count(distinct(Application.id)))
        .join(Mandate, helps)
        .join(CaseClock, CaseClock.application_id == Application.id)
        .where(CaseClock.due_on < today, *which)
    )
    _put(session, found, late.group_by(column), "overdue")
    twice = _files_with_two("returned")
    second = (
        select(column, func.count(distinct(Application.id)))
        .join(Mandate, helps)
        .join(twice, twice.c.application_id == Application.id)
        .where(*which)
    )
    _put(session, found, second.group_by(column), "second")
    return found


def _twice(kind: str, column: Key, which: Sequence[ColumnElement[bool]]) -> Select[Any, int]:
    """How many files had this happen more than once."""
    twice = _files_with_two(kind)
    return (
        select(column, func.count())
        .join(twice, twice.c.application_id == Application.id)
        .where(*which)
        .group_by(column)
    )


def _files_with_two(kind: str) -> Any:
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


def _days(session: Session, since: Any, until: Any) -> ColumnElement[float]:
    """In days, on either database."""
    if session.get_bind().dialect.name == "sqlite":
        return cast(func.julianday(until) - func.julianday(since), Float)
    return cast(func.extract("epoch", until - since) / 86400.0, Float)
