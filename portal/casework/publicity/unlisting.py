"""不公开: a household whom publishing would endanger stands on no page and on no printed board.

Asked for by the person it is hidden at once; the township or the county answers with a reason.
The days of a 公示 run on all the same: nobody waits longer for having asked.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.decision import standing
from portal.casework.publicity.tables import Unlisted
from portal.casework.talk import telling
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import FINAL

MOST_CHARACTERS = 300
_BODY = "unlisted_cases.body_sealed"
_DECIDING = (Role.TOWNSHIP_REVIEWER, Role.TOWNSHIP_CLERK, Role.COUNTY_CONFIRMER)


def ask(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> Unlisted:
    """The person asks not to be shown: hidden from now until the office answers.

    Raises NotFound for anybody but the applicant and helpers, Conflict (asked_already,
    move_not_allowed), Invalid (sentence).
    """
    if actor.role is not Role.APPLICANT:
        raise NotFound("没有找到这份申请。")
    events.lock(session, application)
    if not application.submission_no or application.status in FINAL:
        raise Conflict("现在没有要公开的。", code="move_not_allowed")
    if of(session, application) is not None:
        raise Conflict("已经说过了，办事的人会答复。", code="asked_already")
    body = {"reason": _text(sentence), "answer": ""}
    made = Unlisted(
        application_id=application.id, asked_by=str(actor), asked_at=now,
        body_sealed=_sealed(session, application, body),
    )  # fmt: skip
    session.add(made)
    session.flush()
    _audit(session, application, "ask.unlisted", actor, now, kept=None)
    return made


def decide(
    session: Session,
    application: Application,
    sentence: str,
    *,
    keep: bool,
    actor: Actor,
    now: datetime,
) -> Unlisted:
    """The office keeps it off every board, or shows it again, and says why.

    Raises Invalid (sentence), Forbidden, NotFound.
    """
    standing.check_role(actor, application, *_DECIDING)
    events.lock(session, application)
    words, found = _text(sentence), of(session, application)
    asked = found is not None and found.asked_by.startswith(("applicant", "helper"))
    body = {"reason": said(session, application)["reason"] if asked else words, "answer": words}
    sealed_words = _sealed(session, application, body)
    if found is None:
        found = Unlisted(
            application_id=application.id, asked_by=str(actor), asked_at=now,
            body_sealed=sealed_words,
        )  # fmt: skip
        session.add(found)
    found.body_sealed = sealed_words
    found.kept, found.decided_by, found.decided_at = keep, str(actor), now
    session.flush()
    _audit(session, application, "decide.unlisted", actor, now, kept=keep)
    if asked:
        telling.tell(session, application, "office_wrote", said={"sentence": words}, now=now)
    return found


def of(session: Session, application: Application) -> Unlisted | None:
    with session.no_autoflush:
        return session.get(Unlisted, application.id)


def said(session: Session, application: Application) -> dict[str, Any]:
    """{"reason", "answer"}."""
    found = of(session, application)
    sealed_words = found.body_sealed if found is not None else None
    words = sealed.unseal(session, application, _BODY, application.id, sealed_words)
    return {"reason": words.get("reason", ""), "answer": words.get("answer", "")}


def is_hidden(session: Session, application: Application) -> bool:
    """Asked for and not refused, or kept off by the office."""
    found = of(session, application)
    return found is not None and found.kept is not False


def listed() -> ColumnElement[bool]:
    """The same in SQL, of the application in the query: may be shown."""
    hidden = select(Unlisted.application_id).where(
        Unlisted.application_id == Application.id, Unlisted.kept.is_not(False)
    )
    return ~exists(hidden)


def _sealed(session: Session, application: Application, body: dict[str, str]) -> bytes:
    return sealed.seal(session, application, _BODY, application.id, body)


def _audit(
    session: Session,
    application: Application,
    what: str,
    actor: Actor,
    now: datetime,
    *,
    kept: bool | None,
) -> None:
    audit.record(
        session, what, actor=str(actor), subject=application.id, detail={"kept": kept}, now=now
    )


def _text(given: str) -> str:
    text = given.replace("\r\n", "\n").strip()
    hidden = any(c < " " and c not in "\n\t" or "\ud800" <= c <= "\udfff" for c in text)
    if not text or len(text) > MOST_CHARACTERS or hidden:
        fault = f"请写为什么，最多{MOST_CHARACTERS}个字。"
        raise Invalid(fault, fields={"sentence": [fault]})
    return text
