"""The one way a case changes after submission: desk acts and outside events alike."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import chronology, heard_first
from portal.casework import said as words
from portal.casework.tables import CaseEvent, Correction
from portal.casework.talk import telling
from portal.filing import applications
from portal.filing.tables import Application, Document
from portal.foundation import audit, vault
from portal.foundation.errors import Conflict, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import FINAL, NOTES, Party, Status, check_move, check_note
from portal.policy.lifecycle import KINDS as KINDS

_TEXTS = {
    "accepted": "accepted",
    "returned": "returned",
    "declined": "not_accepted",
    "transferred": "transferred",
    "alert_answered": None,
    "withdrawn": None,
    "photo_retake": "photo_retake",
    "visit_planned": "visit_planned",
    "visit_change": None,
    "extended": "extended",
    "hearing_asked": "hearing",
    **dict.fromkeys(
        (
            "photo_accepted", "nudged", "escalated", "check_requested", "visit", "near_kin",
            "notice_over", "decision_delivered", "heard", "registered_small", "papers_made_up",
            "conference", "death",
        )
    ),
}  # fmt: skip
"""Which text goes to the phone after an event: progress, when none is named; None: no text."""
_AFTER_A_HEARING = frozenset({"reduced", "stopped"})


def record(
    session: Session,
    application: Application,
    kind: str,
    *,
    after: Status | None,
    party: Party,
    actor: str,
    said: Mapping[str, Any] | None,
    now: datetime,
    at: datetime | None = None,
    event_id: UUID | None = None,
) -> CaseEvent:
    """Write one event, move the status, tell the person; all in the caller's transaction.

    `at` is when the office did it (now, if it does not say), `event_id` its own name for
    it. The application's row is
    locked first. Raises Conflict when the lifecycle has no such move for this party,
    Invalid when the words it needs are missing; Conflict (hearing_needed) for a reduction or
    a stop nobody heard the person about (社会救助法 第48条).
    """
    if KINDS[kind] is not after:
        raise ValueError(f"{kind} does not lead to {after}")
    lock(session, application)
    before = application.status
    _check_turn(session, application, kind, after, party, said, at)
    checked = words.check(kind, said)
    event = CaseEvent(
        id=event_id or uuid4(), application_id=application.id, kind=kind, before=before,
        after=after, party=party, actor=actor, at=at or now, recorded_at=now,
    )  # fmt: skip
    _append(session, application, event, now=now)
    if checked:
        _seal(session, application, event, checked)
    _settle(session, application, event, checked, now=now)
    _audit(session, application, event, now=now)
    _tell(session, application, kind, checked, now=now)
    return event


def withdraw(
    session: Session, application: Application, *, actor: Actor, now: datetime
) -> CaseEvent:
    """The applicant takes the application back. Raises NotFound, Conflict when it is too late."""
    if actor.role is not Role.APPLICANT or application.account_id != actor.id:
        raise NotFound("没有找到这份申请。")
    return record(
        session, application, "withdrawn", after=Status.WITHDRAWN, party=Party.APPLICANT,
        actor=str(actor), said=None, now=now,
    )  # fmt: skip


def lock(session: Session, application: Application) -> None:
    """The row as it is now, held until the transaction ends; own changes are written first."""
    session.flush()
    session.refresh(application, with_for_update=True)


def of(session: Session, application: Application) -> list[CaseEvent]:
    """All events of a case, first to last."""
    rows = select(CaseEvent).where(CaseEvent.application_id == application.id)
    return list(session.scalars(rows.order_by(CaseEvent.seq)))


def is_heard(happened: Sequence[CaseEvent]) -> bool:
    """Whether the person was heard since money was last decided on (社会救助法 第48条)."""
    for event in reversed(happened):
        if event.kind == "heard":
            return True
        if event.after in (Status.PAYING, Status.APPROVED):
            return False
    return False


def said(session: Session, application: Application, event: CaseEvent) -> dict[str, Any]:
    """What was said with an event; empty when nothing was, or it has been erased."""
    if event.said_sealed is None:
        return {}
    try:
        plain = vault.unseal(
            session, application.key_id, event.said_sealed, place=_said_place(event.id)
        )
    except vault.Unreadable:
        return {}
    found: dict[str, Any] = json.loads(plain)
    return found


def corrections(session: Session, application: Application) -> list[Correction]:
    """Everything that was asked for, in the order of the list."""
    lists = [event for event in of(session, application) if event.kind == "returned"]
    order = {
        (event.id, entry["item"]): (event.seq, number)
        for event in lists
        for number, entry in enumerate(said(session, application, event).get("items", []))
    }
    rows = select(Correction).where(Correction.application_id == application.id)
    return sorted(session.scalars(rows), key=lambda c: order.get((c.event_id, c.item), (0, 0)))


def sentence(session: Session, application: Application, correction: Correction) -> str:
    sealed, place = correction.sentence_sealed, _sentence_place(correction.id)
    return vault.unseal_text(session, application.key_id, sealed, place=place)


def is_answered(
    session: Session, application: Application, correction: Correction, *, since: datetime
) -> bool:
    """Whether the person did it after `since`: a new photo of the item, or a new answer."""
    if correction.answered_at is not None:
        return True
    photos = select(Document.id).where(
        Document.application_id == application.id,
        Document.item == correction.item,
        Document.created_at > since,
    )
    if session.scalars(photos.limit(1)).first() is not None:
        return True
    answer = applications.kept_answers(session, application).get(correction.item)
    return answer is not None and datetime.fromisoformat(answer.at) > since


def _check_turn(
    session: Session,
    application: Application,
    kind: str,
    after: Status | None,
    party: Party,
    given: Mapping[str, Any] | None,
    at: datetime | None,
) -> None:
    """A move by the table, now. What leaves the status may also be told late: it has its place
    where the case was when it happened."""
    if after is None:
        happened = of(session, application) if at else []
        then = chronology.status_at(application, happened, at) if at else ""
        check_note(then if then in NOTES[kind].at else application.status, kind, party)
        return
    check_move(application.status, after, party, machine=application.machine, kind=kind)
    if kind not in (*_AFTER_A_HEARING, "paying"):
        return
    happened, words_of = of(session, application), partial(said, session, application)
    heard = is_heard(happened)
    heard_first.check_amount(kind, (given or {}).get("amount"), happened, words_of, heard=heard)
    gone = kind == "stopped" and heard_first.nobody_left(happened, words_of)
    if kind in _AFTER_A_HEARING and not heard and not gone:
        raise Conflict("要先听本人的意见，再减、再停。", code="hearing_needed")


def _append(session: Session, application: Application, event: CaseEvent, *, now: datetime) -> None:
    application.event_seq += 1
    event.seq = application.event_seq
    session.add(event)
    application.changed_at = now
    if event.after is not None:
        application.status = event.after
        application.closed_at = now if event.after in FINAL else None
        if event.after in FINAL or event.after == Status.APPROVED:
            application.decided_at = application.decided_at or event.at
    session.flush()


def _seal(
    session: Session, application: Application, event: CaseEvent, checked: Mapping[str, Any]
) -> None:
    text = json.dumps(checked, ensure_ascii=False, sort_keys=True)
    place = _said_place(event.id)
    event.said_sealed = vault.seal_text(session, application.key_id, text, place=place)


def _settle(
    session: Session,
    application: Application,
    event: CaseEvent,
    checked: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """A list asked for becomes rows; a file that goes on has nothing open any more."""
    if event.after is None:
        return
    for correction in corrections(session, application):
        correction.answered_at = correction.answered_at or now
    if event.kind != "returned":
        return
    for entry in checked["items"]:
        new = uuid4()
        sealed = vault.seal_text(
            session, application.key_id, entry["sentence"], place=_sentence_place(new)
        )
        session.add(
            Correction(
                id=new, application_id=application.id, event_id=event.id, item=entry["item"],
                sentence_sealed=sealed,
            )
        )  # fmt: skip


def _audit(session: Session, application: Application, event: CaseEvent, *, now: datetime) -> None:
    detail = {
        "event": str(event.id), "kind": event.kind, "seq": event.seq,
        "before": event.before, "after": event.after, "party": event.party,
    }  # fmt: skip
    audit.record(
        session, "record.event", actor=event.actor, subject=application.id, detail=detail, now=now
    )


def _tell(
    session: Session,
    application: Application,
    kind: str,
    checked: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """The person hears that something happened; what, only in the portal."""
    if (template := _TEXTS.get(kind, "progress")) is not None:
        telling.tell(session, application, template, said=checked, now=now)


def _said_place(event_id: UUID) -> str:
    return f"case_events.said:{event_id}"


def _sentence_place(correction_id: UUID) -> str:
    return f"corrections.sentence:{correction_id}"
