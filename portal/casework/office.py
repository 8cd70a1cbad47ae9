"""What a clerk at the one-door window does with a file. Nobody here approves or denies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import (
    colleagues,
    duties,
    events,
    flags,
    front_door,
    intake_events,
    openings,
    photo_marks,
)
from portal.casework import transfers as moving
from portal.casework.front_door import find as find
from portal.casework.queue import lists as lists
from portal.casework.queue import release as release
from portal.casework.queue import take_next as take_next
from portal.casework.readers import of as _readers
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.people.access import Actor
from portal.people.tables import Staff
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Party

transfer = moving.transfer
send_back = moving.send_back
settle = moving.settle
transfers = moving.of
photo_states = photo_marks.states
assign = colleagues.assign
readers = _readers


def note_reading(
    session: Session,
    application: Application,
    what: str,
    *,
    actor: Actor,
    now: datetime,
    **detail: Any,
) -> None:
    """Who opened what: `read.file`, `read.photo`, `read.form`, `view.number`."""
    seen = {
        "version": application.submission_no, "role": actor.role, "region": actor.region_code,
    }  # fmt: skip
    audit.record(
        session, what, actor=str(actor), subject=application.id, detail={**seen, **detail}, now=now
    )


def accept(session: Session, application: Application, *, actor: Actor, now: datetime) -> CaseEvent:
    """受理. The legal clocks start here (社会救助法 第64条)."""
    return _act(session, application, "accepted", None, actor=actor, now=now)


def ask_for(
    session: Session,
    application: Application,
    program: Program,
    items: Sequence[tuple[str, str]],
    *,
    again: str = "",
    superior: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """一次性告知: one complete list, a sentence each; the applicant's turn.

    A second list needs a reason `again` and the `superior` who agreed to it; in an office
    with nobody else the reason alone, and supervision is told. What the office checks itself
    is never asked for (社会救助法 第62条). Raises Invalid by item.
    """
    front_door.check_window(actor)
    _check_items(program, items)
    listed = [{"item": item, "sentence": sentence} for item, sentence in items]
    said: dict[str, Any] = {"items": listed}
    alone = False
    if any(e.kind == "returned" for e in events.of(session, application)):
        agreed = _agreed(session, application, again, superior, actor=actor)
        said |= {"again": again, "superior": agreed.display_name if agreed else ""}
        alone = agreed is None
    event = _act(session, application, "returned", said, actor=actor, now=now)
    if alone:
        flags.put(session, application, flags.SECOND_LIST, actor=actor, now=now)
    return event


def reveal(
    session: Session,
    application: Application,
    reason: str,
    words: str = "",
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Whole numbers may be shown with this answer: the reason is kept, the applicant sees it.

    Raises Forbidden for those who only watch, Invalid (reason, words).
    """
    if not actor.holds(*duties.TOWNSHIP, *duties.COUNTY):
        raise Forbidden("完整号码只给经办的人看。", code="party_not_allowed")
    openings.note(session, application, "number", reason, words, actor=actor, now=now)


def open_with_reason(
    session: Session, application_id: UUID, words: str, *, actor: Actor, now: datetime
) -> Application:
    """A supervisor opens one file for half an hour. Raises NotFound, Invalid (words)."""
    application = find(session, application_id, actor=actor, opened=True)
    openings.note(session, application, "file", "supervise", words, actor=actor, now=now)
    return application


def opened(session: Session, application_id: UUID, *, actor: Actor, now: datetime) -> Application:
    """`find`, and for a supervisor only with a reason given in the last half hour."""
    application = find(session, application_id, actor=actor, opened=True)
    if duties.only_watches(actor):
        openings.check_open(session, application, actor=actor, now=now)
    return application


def decline(
    session: Session,
    application: Application,
    reason: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """不予受理, only as duplicate · withdrawn · not_assistance (社会救助法 第70条).

    Papers that lack are asked for; they are no reason. Raises Invalid.
    """
    said = {"reason": reason, "sentence": sentence}
    return _act(session, application, "declined", said, actor=actor, now=now)


def answer_alert(
    session: Session,
    application: Application,
    *,
    name: str,
    sentence: str,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """A named person has answered 没饭吃 or 没地方住. Raises Conflict when somebody has already."""
    find(session, application.id, actor=actor)
    events.lock(session, application)
    if application.alert is None:
        raise Conflict("这件急事已经有人答复。", code="alert_answered")
    if not sentence.strip():
        raise Invalid("请写一句怎么帮的。", fields={"sentence": ["请写一句怎么帮的。"]})
    said = {"name": name, "sentence": sentence, "alert": application.alert}
    party = Party.COUNTY if actor.holds(*duties.COUNTY) else Party.TOWNSHIP
    event = events.record(
        session, application, "alert_answered", after=None, party=party, actor=str(actor),
        said=said, now=now,
    )  # fmt: skip
    application.alert = None
    application.alert_answered_by, application.alert_answered_at = actor.id, now
    return event


def _act(
    session: Session,
    application: Application,
    kind: str,
    said: dict[str, Any] | None,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """One act of the township at the front door, on a file no colleague has."""
    front_door.take(session, application, actor=actor, now=now)
    event = events.record(
        session, application, kind, after=events.KINDS[kind], party=Party.TOWNSHIP,
        actor=str(actor), said=said, now=now,
    )  # fmt: skip
    intake_events.retry(session, application, now=now)
    return event


def _agreed(
    session: Session,
    application: Application,
    again: str,
    superior: UUID | None,
    *,
    actor: Actor,
) -> Staff | None:
    """Who agreed to a second list; None where there is nobody to agree. Raises Invalid."""
    faults: dict[str, list[str]] = {}
    if not again.strip():
        faults["again"] = ["请写为什么又要补。"]
    there = {one.id: one for one in colleagues.superiors(session, application, actor=actor)}
    if there and superior not in there:
        faults["superior"] = ["请选同意再补的负责人。"]
    if faults:
        raise Invalid("补正只告知一次。再要补，要写明原因。", code="asked_before", fields=faults)
    return there.get(superior) if superior else None


def _check_items(program: Program, items: Sequence[tuple[str, str]]) -> None:
    if not items:
        raise Invalid("请勾选要补的，每项写一句话。", fields={"items": ["请至少勾选一项。"]})
    shared = {rule.item for rule in program.documents if rule.need == "shared"}
    known = {i for i, _title in askable(program)}
    errors: dict[str, list[str]] = {}
    for item, sentence in items:
        if item in shared:
            errors[item] = ["这项由我们自己查，不能要求补。"]
        elif item not in known:
            errors[item] = ["没有这一项。"]
        elif not sentence.strip():
            errors[item] = ["请写一句话，说清要补什么。"]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)


def askable(program: Program) -> list[tuple[str, str]]:
    """(item, title) of everything a clerk may ask for: papers, answers, anything else."""
    papers = [(r.item, r.title) for r in program.documents if r.need != "shared"]
    answers = [(f.name, f.label) for f in program.form.fields if f.kind != "consent"]
    named = {item for item, _title in papers}
    return [*papers, *(a for a in answers if a[0] not in named), ("other", "其他")]
