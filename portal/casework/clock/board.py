"""What the desk's page of clocks shows: what is late, what ends soon, what was told, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.casework import clocks, duties, limits, parking
from portal.casework.clock import digest
from portal.casework.clock.tables import CaseClock, Digest, Escalation
from portal.casework.parking import Waiting
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.people.access import Actor
from portal.policy.catalogue import Catalogue

_MOST = 200
_TITLES = {
    "acceptance": "受理", "survey_start": "开始调查", "check_start": "开始核对",
    "survey": "调查和初审", "expense_survey": "调查审核", "objection": "处理异议",
    "grant_objection": "查清公布以后的异议", "stop_objection": "查清停发前的异议",
    "county_review": "县级审核确认", "over_limit": "县级决定", "denial_notice": "送达决定书",
    "selfcare_check": "重新看生活能不能自理",
    "first_payment": "发放", "small_track": "小额快救", "first_aid": "先行救助",
    "first_aid_papers": "补手续", "graduating": "渐退期", "total": "全程", "total_delegated": "全程",
    "total_hard": "全程（已延长）", "nudge": "催办", "alert": "急事：没饭吃、没地方住",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One case and one clock of it; nothing personal. `over`: working days past the last day."""

    application: Application
    program: str
    step: str
    title: str
    due_on: date
    ours: bool
    over: int = 0


@dataclass(frozen=True)
class Told:
    """Offices were told: of a clock that ran out, or of a nudge. `levels`: township, county."""

    application: Application
    program: str
    title: str
    levels: tuple[str, ...]
    due_on: date
    made_at: datetime


@dataclass(frozen=True)
class Board:
    overdue: Sequence[Line]
    soon: Sequence[Line]
    told: Sequence[Told]
    parked: Sequence[Waiting]
    figures: dict[str, int]
    digests: Sequence[Digest]


def read(session: Session, catalogue: Catalogue, *, actor: Actor, now: datetime) -> Board:
    """The clocks of this person's division. Raises Forbidden for who may not open files."""
    duties.check_reader(actor)
    today = local_date(now)
    soon, _guessed = clocks.add_workdays(today, digest.SOON_WORKDAYS)
    late = CaseClock.due_on < today
    ends = (CaseClock.due_on >= today) & (CaseClock.due_on <= soon)
    return Board(
        overdue=_lines(session, catalogue, late, actor=actor, now=now),
        soon=_lines(session, catalogue, ends, actor=actor, now=now),
        told=_told(session, catalogue, actor=actor),
        parked=parking.waiting(session, actor=actor),
        figures=digest.figures(session, actor.region_code, now=now),
        digests=digest.latest(session, actor.region_code),
    )


def title_of(step: str) -> str:
    return _TITLES.get(step, step)


def _lines(
    session: Session,
    catalogue: Catalogue,
    which: ColumnElement[bool],
    *,
    actor: Actor,
    now: datetime,
) -> list[Line]:
    rows = (
        select(CaseClock, Application)
        .join(Application, Application.id == CaseClock.application_id)
        .where(duties.scope(actor), which)
        .order_by(CaseClock.due_on, CaseClock.due_at, Application.filed_at, Application.id)
        .limit(_MOST)
    )
    return [_line(clock, file, catalogue, now) for clock, file in session.execute(rows)]


def _line(clock: CaseClock, file: Application, catalogue: Catalogue, now: datetime) -> Line:
    program = catalogue.find(file.program_id)
    return Line(
        application=file,
        program=program.short,
        step=clock.step,
        title=f"{title_of(clock.step)}（{limits.OURS}）" if clock.ours else title_of(clock.step),
        due_on=clock.due_on,
        ours=clock.ours,
        over=clocks.workdays_between(clock.due_on, local_date(now)),
    )


def _told(session: Session, catalogue: Catalogue, *, actor: Actor) -> list[Told]:
    """What was told and is not done yet, newest first; one line a case and clock."""
    rows = (
        select(Escalation, Application)
        .join(Application, Application.id == Escalation.application_id)
        .where(duties.scope(actor), Escalation.settled_at.is_(None))
        .order_by(Escalation.made_at.desc(), Escalation.level.desc(), Escalation.id)
        .limit(_MOST)
    )
    found: dict[tuple[UUID, str, date], Told] = {}
    for one, file in session.execute(rows):
        key = (file.id, one.step, one.due_on)
        before = found.get(key)
        levels = (*before.levels, one.level) if before else (one.level,)
        found[key] = Told(
            application=file,
            program=catalogue.find(file.program_id).short,
            title=title_of(one.step),
            levels=tuple(sorted(levels, reverse=True)),
            due_on=one.due_on,
            made_at=before.made_at if before else one.made_at,
        )
    return list(found.values())
