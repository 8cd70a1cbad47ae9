"""Why somebody of the office looked at more than their work shows: a reason before the look."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.database import Base
from portal.foundation.errors import Forbidden, Invalid
from portal.people.access import Actor

REASONS: Mapping[str, str] = {
    "call": "打电话联系申请人",
    "compare": "和证件、系统核对",
    "enter": "录入上级系统",
    "pay": "核对发放账户",
    "supervise": "监督抽查",
    "other": "其他",
}
"""Chosen at the desk; `other` and `supervise` are written out as well."""
WRITTEN = frozenset({"supervise", "other"})
GRANT = timedelta(minutes=30)
"""So long one written reason opens one file to a supervisor."""
_MOST = 200


class Opening(Base):
    """查看理由: who looked at whole numbers, or opened or took out a file, and why."""

    __tablename__ = "openings"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    actor: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(16))
    """file · number · copy · export."""
    reason: Mapped[str] = mapped_column(String(16))
    words_sealed: Mapped[bytes | None]
    at: Mapped[datetime]
    until: Mapped[datetime]


def note(
    session: Session,
    application: Application,
    what: str,
    reason: str,
    words: str = "",
    *,
    actor: Actor,
    now: datetime,
) -> Opening:
    """Keep the reason before anything is shown; the audit line names it by its id.

    Raises Invalid (reason) for none, or for one that has to be written out and is not.
    """
    said = check(reason, words)
    new = uuid4()
    sealed = None
    if said:
        sealed = vault.seal_text(session, application.key_id, said, place=_place(new))
    opening = Opening(
        id=new, application_id=application.id, actor=str(actor), what=what, reason=reason,
        words_sealed=sealed, at=now, until=now + GRANT,
    )  # fmt: skip
    session.add(opening)
    session.flush()
    detail = {
        "opening": str(new), "what": what, "reason": reason, "role": actor.role,
        "region": actor.region_code,
    }  # fmt: skip
    audit.record(
        session, "open.file", actor=str(actor), subject=application.id, detail=detail, now=now
    )
    return opening


def check(reason: str, words: str) -> str:
    """The written part, trimmed. Raises Invalid (reason, words)."""
    said = " ".join(words.split())
    if reason not in REASONS:
        raise _wrong("reason", "请选一个理由。")
    if reason in WRITTEN and not said:
        raise _wrong("words", "请写明理由。")
    if len(said) > _MOST:
        raise _wrong("words", f"太长了，最多{_MOST}个字。")
    return said


def check_open(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """Raises Forbidden (reason_needed) unless this person gave a reason within half an hour."""
    rows = select(Opening.id).where(
        Opening.application_id == application.id, Opening.actor == str(actor),
        Opening.what == "file", Opening.until > now,
    )  # fmt: skip
    if session.scalars(rows.limit(1)).first() is None:
        raise Forbidden("看单件要先写明理由。", code="reason_needed")


def of(session: Session, application: Application) -> Sequence[Opening]:
    """First to last."""
    rows = select(Opening).where(Opening.application_id == application.id)
    return session.scalars(rows.order_by(Opening.at, Opening.id)).all()


def in_words(session: Session, application: Application, opening: Opening) -> str:
    """打电话联系申请人, or what was written; empty parts left out."""
    named = REASONS.get(opening.reason, "") if opening.reason != "other" else ""
    if opening.words_sealed is None:
        return named
    try:
        said = vault.unseal_text(
            session, application.key_id, opening.words_sealed, place=_place(opening.id)
        )
    except vault.Unreadable:
        return named
    return "：".join(part for part in (named, said) if part)


def _wrong(name: str, sentence: str) -> Invalid:
    return Invalid(sentence, code="reason", fields={name: [sentence]})


def _place(opening_id: UUID) -> str:
    return f"openings.words:{opening_id}"
