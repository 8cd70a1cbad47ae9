"""核对异议: the person says the result is wrong; the township looks again and answers.

民发〔2021〕57号 第18条. What is said on either side is for the two of them: the case's history,
which helpers read too, only says that it happened.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.survey import investigators, register
from portal.casework.survey.tables import CheckDispute
from portal.filing.tables import Application
from portal.foundation.clock import spoken
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status

CORRECTED, KEPT = "corrected", "kept"
OUTCOMES: Mapping[str, str] = {CORRECTED: "核对有误，已更正", KEPT: "核对无误，维持原来结果"}
MADE = "申请人对核对结果有异议。"
"""What history says of every dispute."""
_SENTENCE, _ANSWER = "check_disputes.sentence_sealed", "check_disputes.answer_sealed"
_MOST = 500


def make(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> CheckDispute:
    """The applicant disputes the newest result; the township is to look again.

    Raises NotFound for anybody else, Invalid without a sentence, Conflict (no_result, or where
    the case has left the survey).
    """
    check_owner(application, actor)
    return note(session, application, {"sentence": sentence}, actor=actor, now=now)


def note(
    session: Session,
    application: Application,
    spoken_words: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> CheckDispute:
    """The person's dispute; `spoken_words` {sentence, and how and on where they said it}. Who may
    write it down is the caller's. Raises Invalid, Conflict."""
    events.lock(session, application)
    row = register.last_told(session, application)
    if row is None:
        raise Conflict("核对还没有结果，不用提异议。", code="no_result")
    said = _sentence(spoken_words.get("sentence", ""), "请写哪里不对。一句话就行。")
    events.record(
        session, application, "check_dispute", after=Status.CHECK_DISPUTE, party=Party.APPLICANT,
        actor=str(actor), said={**spoken_words, "sentence": MADE}, now=now,
    )  # fmt: skip
    new = uuid4()
    dispute = CheckDispute(
        id=new, application_id=application.id, request_id=row.id,
        sentence_sealed=sealed.seal(session, application, _SENTENCE, new, {"sentence": said}),
        made_at=now,
    )  # fmt: skip
    session.add(dispute)
    session.flush()
    return dispute


def answer(
    session: Session,
    application: Application,
    outcome: str,
    sentence: str,
    corrected: Sequence[tuple[str, str]] = (),
    *,
    actor: Actor,
    now: datetime,
) -> CheckDispute:
    """The township's answer after looking again: corrected or kept, with the reason.

    `corrected` are (record id, item) of the lines that were wrong; they stay, marked. Raises
    Invalid, Conflict (no_dispute), Forbidden.
    """
    investigators.check_duty(actor, application, Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_CLERK)
    events.lock(session, application)
    dispute = standing(session, application)
    if dispute is None:
        raise Conflict("没有等答复的异议。请刷新。", code="no_dispute")
    if outcome not in OUTCOMES:
        raise Invalid("请选更正或维持。", fields={"outcome": ["请选更正或维持。"]})
    lines = list(corrected) if outcome == CORRECTED else []
    _check_lines(session, application, lines)
    said = {"sentence": _sentence(sentence, "请写理由，让申请人看得懂。"), "lines": lines}
    events.record(
        session, application, "check_dispute_answered", after=Status.SURVEYING,
        party=Party.TOWNSHIP, actor=str(actor), said={"sentence": f"{OUTCOMES[outcome]}。"}, now=now,
    )  # fmt: skip
    dispute.outcome, dispute.answered_by, dispute.answered_at = outcome, actor.id, now
    dispute.answer_sealed = sealed.seal(session, application, _ANSWER, dispute.id, said)
    return dispute


def standing(session: Session, application: Application) -> CheckDispute | None:
    """The one that waits for an answer."""
    return next((d for d in of(session, application) if d.answered_at is None), None)


def of(session: Session, application: Application) -> Sequence[CheckDispute]:
    """Newest first."""
    rows = select(CheckDispute).where(CheckDispute.application_id == application.id)
    return session.scalars(rows.order_by(CheckDispute.made_at.desc(), CheckDispute.id)).all()


def find(session: Session, application: Application, dispute_id: UUID) -> CheckDispute:
    """Raises NotFound."""
    dispute = session.get(CheckDispute, dispute_id)
    if dispute is None or dispute.application_id != application.id:
        raise NotFound("没有找到这条异议。")
    return dispute


def told(session: Session, application: Application, dispute: CheckDispute) -> dict[str, Any]:
    """In words: sentence, on_text, outcome, outcome_text, answer, answered_text, lines."""
    said = sealed.unseal(session, application, _SENTENCE, dispute.id, dispute.sentence_sealed)
    reply = sealed.unseal(session, application, _ANSWER, dispute.id, dispute.answer_sealed)
    return {
        "id": str(dispute.id),
        "sentence": said.get("sentence", ""),
        "on_text": spoken(dispute.made_at),
        "outcome": dispute.outcome or "",
        "outcome_text": OUTCOMES.get(dispute.outcome or "", ""),
        "answer": reply.get("sentence", ""),
        "answered_text": spoken(dispute.answered_at) if dispute.answered_at else "",
        "lines": [tuple(one) for one in reply.get("lines", ())],
    }


def corrected_lines(session: Session, application: Application) -> set[tuple[str, str]]:
    """(record id, item) of everything an answer has put right."""
    return {
        (line[0], line[1])
        for dispute in of(session, application)
        for line in told(session, application, dispute)["lines"]
    }


def check_owner(application: Application, actor: Actor) -> None:
    """Raises NotFound for anybody but the applicant's own account."""
    if actor.role is not Role.APPLICANT or application.account_id != actor.id:
        raise NotFound("没有找到这份申请。")


def _check_lines(
    session: Session, application: Application, lines: Sequence[tuple[str, str]]
) -> None:
    row = register.last_told(session, application)
    known = {
        (str(record.id), code)
        for record in (register.records(session, row) if row else ())
        for code in register.report_of(session, application, record).get("items", {})
    }
    if any(one not in known for one in lines):
        raise Invalid("没有这一条核对信息。", fields={"lines": ["没有这一条核对信息。"]})


def _sentence(given: str, otherwise: str) -> str:
    said = given.strip() if isinstance(given, str) else ""
    wrong = otherwise if not said else f"太长了，最多{_MOST}个字。" if len(said) > _MOST else ""
    if wrong:
        raise Invalid(wrong, fields={"sentence": [wrong]})
    return said
