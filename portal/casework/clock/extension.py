"""延长: the longest total, once, for a listed reason, before the time is over; the person is told."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.casework import clocks, events, history, limits, office
from portal.casework.clock import bar, marks, totals
from portal.casework.decision import standing
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.people.access import Actor, Role
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import FINAL

ROLES = (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_REVIEWER, Role.COUNTY_CONFIRMER)
_OBJECTED = frozenset({"objected", "reinvestigating"})


def extend(
    session: Session,
    application: Application,
    catalogue: Catalogue,
    reason: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """To the program's longest total, counted from 受理 as before.

    Raises Forbidden (party_not_allowed), Invalid (reason, sentence), Conflict (no_extension,
    already_extended, too_late, nothing_objected, move_not_allowed).
    """
    if not actor.holds(*ROLES):
        raise Forbidden("延长由窗口、初审或审核确认的人办理。", code="party_not_allowed")
    office.find(session, application.id, actor=actor)
    events.lock(session, application)
    program = catalogue.find(application.program_id)
    happened = events.of(session, application)
    listed = {line.code for line in totals.reasons(program)}
    if not listed:
        raise Conflict("这个项目没有延长的规定。", code="no_extension")
    if reason not in listed:
        raise Invalid("只有列出的情形可以延长。", fields={"reason": ["请选一个列出的情形。"]})
    if not sentence.strip():
        raise Invalid("请写一句话，说清为什么。", fields={"sentence": ["申请人会看到这句话。"]})
    if reason == "objection" and not any(e.kind in _OBJECTED for e in happened):
        raise Conflict("公示还没有人提异议。", code="nothing_objected")
    _check_time(session, application, program, catalogue, happened, now)
    said = {"reason": reason, "sentence": sentence, "until": _until(session, application, program)}
    return events.record(
        session, application, "extended", after=None, party=standing.party(actor),
        actor=str(actor), said=said, now=now,
    )  # fmt: skip


def may(
    session: Session, application: Application, catalogue: Catalogue, *, actor: Actor, now: datetime
) -> bool:
    """Whether this person can extend it now."""
    program = catalogue.find(application.program_id)
    happened = events.of(session, application)
    if not actor.holds(*ROLES) or not totals.reasons(program) or application.status in FINAL:
        return False
    try:
        _check_time(session, application, program, catalogue, happened, now)
    except Conflict:
        return False
    return True


def _check_time(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    happened: list[CaseEvent],
    now: datetime,
) -> None:
    if totals.extended_for(session, application, program, happened) is not None:
        raise Conflict("已经延长过一次。", code="already_extended")
    rows = bar.of(session, application, program, catalogue)
    total = next((row for row in rows if row.key in (totals.USUAL, totals.DELEGATED)), None)
    if total is None or not total.runs():
        raise Conflict("现在没有在走的全程时限。", code="move_not_allowed")
    if total.late(now):
        raise Conflict("期限已经过了，不能再延长。", code="too_late")


def _until(session: Session, application: Application, program: Program) -> str:
    sent, happened = history.submissions(session, application), events.of(session, application)
    start = marks.begun(happened, sent)["accepted"]
    longest = limits.rule(program, application.region_path or "", totals.LONGEST)
    assert longest is not None  # noqa: S101 - a listed reason exists only with it
    assert longest.days is not None  # noqa: S101
    return clocks.due(start, longest.days, longest.unit).on.isoformat()
