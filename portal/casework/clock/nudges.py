"""催办: when a clock has run out the person may say so, once a working day; the second goes higher."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import clocks, events, stages
from portal.casework.clock import bar, escalation, texting, watching
from portal.casework.clock.bar import Row
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, NotFound
from portal.people import access
from portal.people.access import Act, Actor, Role
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import Party, Status

_DAY = timedelta(days=1)


def nudge(
    session: Session, application: Application, catalogue: Catalogue, *, actor: Actor, now: datetime
) -> CaseEvent:
    """The office is told that the person waits: the township first, from the second time the county.

    So may a helper who may follow. Raises NotFound for anybody else, Forbidden (out_of_scope),
    Conflict (not_late, nudged_today).
    """
    theirs = application.account_id == actor.id or actor.grant is not None
    if actor.role is not Role.APPLICANT or not theirs:
        raise NotFound("没有找到这份申请。")
    access.check_act(actor, Act.FOLLOW)
    events.lock(session, application)
    happened = events.of(session, application)
    late = overdue(session, application, catalogue, now=now)
    if late is None:
        raise Conflict("还没到时限，不用催。到时可以催。", code="not_late")
    if _already(happened, now):
        raise Conflict("今天已经催过了。下个工作日可以再催。", code="nudged_today")
    number = 1 + len(_since_it_moved(happened))
    event = events.record(
        session, application, "nudged", after=None, party=Party.APPLICANT, actor=str(actor),
        said={"number": min(number, 100), "step": late.key}, now=now,
    )  # fmt: skip
    level = texting.TOWNSHIP if number == 1 else texting.COUNTY
    escalation.note(session, application, watching.NUDGE, level, local_date(now), now=now)
    texting.tell(session, texting.office_of(application, level), level, "nudged", now=now)
    return event


def for_applicant(
    session: Session, application: Application, catalogue: Catalogue, *, now: datetime
) -> dict[str, Any]:
    """{bar: the clocks, nudge: {possible, text, number}} for the case page and the desk."""
    program = catalogue.find(application.program_id)
    happened = events.of(session, application)
    late = overdue(session, application, catalogue, now=now)
    number = len(_since_it_moved(happened))
    possible = late is not None and not _already(happened, now)
    return {
        "bar": bar.bar(session, application, program, now=now, catalogue=catalogue),
        "nudge": {"possible": possible, "text": _text(late, possible, number), "number": number},
    }


def overdue(
    session: Session, application: Application, catalogue: Catalogue, *, now: datetime
) -> Row | None:
    """The clock that ran out first, while it is the office's turn; None when none has."""
    if stages.turn(Status(application.status)) == "you":
        return None
    program = catalogue.find(application.program_id)
    rows = bar.of(session, application, program, catalogue)
    return next((row for row in rows if row.runs() and row.late(now)), None)


def _since_it_moved(happened: Sequence[CaseEvent]) -> list[CaseEvent]:
    """The nudges since the case last changed its status."""
    found: list[CaseEvent] = []
    for event in happened:
        if event.after is not None:
            found = []
        elif event.kind == "nudged":
            found.append(event)
    return found


def _already(happened: Sequence[CaseEvent], now: datetime) -> bool:
    """Whether there was one on this working day; days off belong to the working day before."""
    days = [_working_day(local_date(e.at)) for e in happened if e.kind == "nudged"]
    return _working_day(local_date(now)) in days


def _working_day(day: date) -> date:
    while not clocks.is_workday(day)[0]:
        day -= _DAY
    return day


def _text(late: Row | None, possible: bool, number: int) -> str:
    if late is None:
        return ""
    if possible:
        whom = "乡镇（街道）" if number == 0 else "县民政局"
        return f"时限过了，还没办。可以催，会告诉{whom}。"
    return "今天催过了。下个工作日还没办，可以再催。"
