"""Where a case stands, for people: whose turn, what next, by when, whom to call."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import events, history, limits, photo_states, stages
from portal.casework.clock import totals
from portal.casework.limits import Limit
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application, Submission
from portal.foundation.clock import local_date
from portal.foundation.errors import NotFound
from portal.policy import directory, regions
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import FINAL, Status

_STARTS = {
    "accepted": "accepted", "public_notice": "first_reviewed", "county_review": "county_received",
    "approved": "approved",
}  # fmt: skip


def timeline(
    session: Session, application: Application, catalogue: Catalogue, *, now: datetime
) -> dict[str, Any]:
    """Everything the applicant is shown about the case, as plain JSON values.

    `turn` you · township · county · nobody, `turn_text`, `stage`, `next` {what, by, by_text,
    basis, ours, at_least, provisional, overdue}, `total` (same shape, from acceptance to the
    decision, or None), `call` {name, number (None: the hotline), hotline, hours, text}, `stages` [{key, title, state: done · now ·
    later · skipped, on, on_text, limit, basis}], `corrections` [{item, title, sentence,
    answered}], `photos` [{id, item, title, state: on_portal · with_township · accepted · retake,
    text, sentence}],
    `history` [{at, on_text, kind, text, sentence, place, name, corrected}], `remedy` [sentences].
    """
    program = catalogue.find(application.program_id)
    status = Status(application.status)
    happened = events.of(session, application)
    sent = history.submissions(session, application)
    starts = _starts(happened, sent)
    return {
        "reference_no": application.reference_no,
        "program": program.title,
        "status": str(status),
        "stage": stages.LABELS[status],
        "turn": stages.turn(status),
        "turn_text": stages.TURNS[stages.turn(status)],
        "next": _next(program, application, status, happened, starts, now),
        "total": _total(session, application, catalogue, happened, starts, now),
        "call": _call(session, application),
        "stages": _stages(program, application, status, happened, starts),
        "corrections": to_do(session, application, program, happened),
        "photos": photo_states.of(session, application, program, sent),
        "history": history.lines(session, application),
        "remedy": list(stages.REMEDY) if status in stages.CAN_BE_CONTESTED else [],
        "remedy_basis": stages.REMEDY_BASIS if status in stages.CAN_BE_CONTESTED else "",
    }


def stage_only(
    session: Session, application: Application, catalogue: Catalogue, *, now: datetime
) -> dict[str, Any]:
    """What anybody with the number and the last four may know: the stage, whose turn, what
    next, by when, whom to call."""
    status = Status(application.status)
    turn = stages.turn(status)
    happened = events.of(session, application)
    starts = _starts(happened, history.submissions(session, application))
    program = catalogue.find(application.program_id)
    next_step = _next(program, application, status, happened, starts, now)
    return {
        "stage": str(status),
        "label": stages.LABELS[status],
        "turn": turn,
        "whose_turn": stages.TURNS[turn],
        "what": next_step["what"],
        "by_text": next_step["by_text"] if turn != "nobody" else "",
        "overdue": next_step["overdue"],
        "since": local_date(application.changed_at).isoformat(),
        "call": _call(session, application),
    }


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _starts(happened: Sequence[CaseEvent], sent: Sequence[Submission]) -> dict[str, datetime]:
    """When each clock began: the last time its event happened."""
    starts: dict[str, datetime] = {}
    if sent:
        starts = {"submitted": sent[-1].submitted_at, "registered": sent[0].submitted_at}
    for event in happened:
        if event.kind in _STARTS:
            starts[_STARTS[event.kind]] = event.at
        if event.kind in ("approved", "denied"):
            starts["decided"] = event.at
    return starts


def _next(
    program: Program,
    application: Application,
    status: Status,
    happened: Sequence[CaseEvent],
    starts: Mapping[str, datetime],
    now: datetime,
) -> dict[str, Any]:
    steps: tuple[str, ...] = ()
    if status is Status.PUBLIC_NOTICE:
        steps = ("public_notice",)
    elif status is Status.DENIED:
        steps = ("denial_notice",)
    elif status is not Status.FIRST_REVIEW:
        steps = next(
            (s.limits for s in stages.road(application, happened) if status in s.reached), ()
        )
    found = limits.limit(program, application.region_path or "", steps, starts)
    if found is None and stages.turn(status) in ("township", "county"):
        found = Limit(limits.NOBODY_SAID, "")
    return {"what": stages.WHAT_NEXT[status], **_by(found, now)}


def _total(
    session: Session,
    application: Application,
    catalogue: Catalogue,
    happened: Sequence[CaseEvent],
    starts: Mapping[str, datetime],
    now: datetime,
) -> dict[str, Any] | None:
    """The total that holds here, as the bar shows it."""
    program = catalogue.find(application.program_id)
    which = totals.of(session, application, program, catalogue, happened)
    decided = Status(application.status) in FINAL or "decided" in starts
    if "accepted" not in starts or decided or which is None:
        return None
    step = (which.rule.step,)
    return _by(limits.limit(program, application.region_path or "", step, starts), now)


def _by(found: Limit | None, now: datetime) -> dict[str, Any]:
    if found is None:
        return {
            "by": None, "by_text": "", "basis": "", "ours": False, "at_least": False,
            "provisional": False, "overdue": False,
        }  # fmt: skip
    overdue = found.on is not None and not found.at_least and local_date(now) > found.on
    return {
        "by": found.on.isoformat() if found.on else None,
        "by_text": _by_text(found),
        "basis": found.basis,
        "ours": found.ours,
        "at_least": found.at_least,
        "provisional": found.provisional,
        "overdue": overdue,
    }


def _by_text(found: Limit) -> str:
    if found.on is None:
        return found.words
    day = day_text(found.on)
    text = f"公示到{day}，{found.words}" if found.at_least else f"最迟{day}"
    if found.provisional:
        text += "（放假安排没公布，日期暂定）"
    return f"{text}（{limits.OURS}）" if found.ours else text


def _call(session: Session, application: Application) -> dict[str, Any]:
    try:
        name = regions.find(session, application.region_code or "").name
    except NotFound:
        name = "乡镇（街道）"
    path = application.region_path or ""
    contact = directory.for_place(session, path, kinds=directory.OFFICES)
    own = contact.kind == "window"
    return {
        "name": contact.name if own else name,
        "number": contact.phone if contact != directory.EVERYWHERE else None,
        "hotline": directory.HOTLINE,
        "hours": contact.hours,
        "text": f"打{contact.phone}，找{contact.name}" if own else f"打{contact.phone}，说找{name}",
    }


def _stages(
    program: Program,
    application: Application,
    status: Status,
    happened: Sequence[CaseEvent],
    starts: Mapping[str, datetime],
) -> list[dict[str, Any]]:
    dates = {event.after or event.kind: event.at for event in happened}
    if "registered" in starts:
        dates["submitted"] = starts["registered"]
    road = [s for s in stages.road(application, happened) if _on_the_road(s, program, dates)]
    road = [s for s in road if status not in FINAL or s.key != status]
    here = _here(road, status, dates)
    shown = [
        _stage(program, application, stage, number, here, dates, starts)
        for number, stage in enumerate(road)
        if number < here or status not in FINAL
    ]
    if status in FINAL or status in (Status.REVIEWING, Status.GRADUATING):
        shown.append(_last(status, dates))
    return shown


def _on_the_road(stage: stages.Stage, program: Program, dates: Mapping[str, datetime]) -> bool:
    if stage.key != "public_notice":
        return True
    return stage.key in dates or any(d.step == stage.key for d in program.deadlines)


def _here(road: Sequence[stages.Stage], status: Status, dates: Mapping[str, datetime]) -> int:
    """The index of the step that is next; behind the last one when all is done."""
    for number, stage in enumerate(road):
        if status in stage.reached:
            return number
    if status is Status.FIRST_REVIEW:
        return next(n for n, s in enumerate(road) if s.key == "county_review")
    if status not in FINAL:
        return len(road)
    return 1 + max((n for n, s in enumerate(road) if s.key in dates), default=-1)


def _stage(
    program: Program,
    application: Application,
    stage: stages.Stage,
    number: int,
    here: int,
    dates: Mapping[str, datetime],
    starts: Mapping[str, datetime],
) -> dict[str, Any]:
    state = "now" if number == here else "later" if number > here else "done"
    at = dates.get(stage.key) if state == "done" else None
    if state == "done" and at is None:
        state = "skipped"
    found = limits.limit(program, application.region_path or "", stage.limits, starts)
    return {
        "key": stage.key,
        "title": stage.title,
        "state": state,
        "on": local_date(at).isoformat() if at else None,
        "on_text": day_text(local_date(at)) if at else "这次不用办" if state == "skipped" else "",
        "limit": _by_text(found) if found and state in ("now", "later") else "",
        "basis": found.basis if found and state in ("now", "later") else "",
    }


def _last(status: Status, dates: Mapping[str, datetime]) -> dict[str, Any]:
    at = dates.get(status)
    day = local_date(at) if at else None
    return {
        "key": str(status), "title": stages.LABELS[status], "state": "now",
        "on": day.isoformat() if day else None, "on_text": day_text(day) if day else "",
        "limit": "", "basis": "",
    }  # fmt: skip


def to_do(
    session: Session, application: Application, program: Program, happened: Sequence[CaseEvent]
) -> list[dict[str, Any]]:
    """The list of the last 补正, each thing done or still open; empty once the file went on."""
    if application.status != Status.RETURNED:
        return []
    last = [event for event in happened if event.kind == "returned"][-1:]
    return [
        {
            "item": correction.item,
            "title": history.item_title(program, correction.item),
            "sentence": events.sentence(session, application, correction),
            "answered": events.is_answered(session, application, correction, since=last[0].at),
        }
        for correction in events.corrections(session, application)
        if last and correction.event_id == last[0].id
    ]
