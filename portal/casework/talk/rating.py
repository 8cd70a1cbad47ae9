"""满意度: three faces and a sentence once a case is decided or closed; a sad one is followed up.

Only the person's own word counts: no helper gives it. The county follows up, past the office
that handled the file, and no rating changes anything about the case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Integer, String, literal, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.casework.tables import CaseEvent
from portal.casework.talk import answering
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.database import Base
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role, covers

FACES: Mapping[int, str] = {3: "满意", 2: "一般", 1: "不满意"}
LOW = 1
MOST_CHARACTERS = 300
_MOST = 200


class Rating(Base):
    """满意度: how one person found it; `answered_at` when somebody followed a low one up."""

    __tablename__ = "ratings"
    __table_args__ = (Index("ix_ratings_face_answered_at", "face", "answered_at"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    face: Mapped[int] = mapped_column(Integer)
    words_sealed: Mapped[bytes | None]
    at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(80))
    answer_sealed: Mapped[bytes | None]


def may_rate(application: Application) -> bool:
    """Decided, or over in another way."""
    return application.decided_at is not None or application.closed_at is not None


def give(
    session: Session, application: Application, face: int, words: str,
    *, actor: Actor, now: datetime,
) -> Rating:  # fmt: skip
    """Said again it takes the place of what was said before, until somebody followed it up.

    Raises Forbidden for a helper, Conflict (not_decided, already_answered), Invalid (face, words).
    """
    if actor.role is not Role.APPLICANT or application.account_id != actor.id:
        raise Forbidden("满不满意，要本人来说。", code="helper_never")
    if not may_rate(application):
        raise Conflict("有了结果，再请您评一评。", code="not_decided")
    said = words.replace("\r\n", "\n").strip()
    if face not in FACES:
        raise Invalid("请点一个脸。", fields={"face": ["请点一个。"]})
    if len(said) > MOST_CHARACTERS or any(c < " " and c != "\n" for c in said):
        text = f"最多写{MOST_CHARACTERS}个字。"
        raise Invalid(text, fields={"words": [text]})
    row = session.get(Rating, application.id, with_for_update=True)
    if row is not None and row.answered_at is not None:
        raise Conflict("已经有人跟进了，谢谢您。", code="already_answered")
    if row is None:
        row = Rating(application_id=application.id)
        session.add(row)
    row.face, row.at = face, now
    place = _at("words", application.id)
    row.words_sealed = (
        vault.seal_text(session, application.key_id, said, place=place) if said else None
    )
    session.flush()
    audit.record(
        session, "give.rating", actor=str(actor), subject=application.id, detail={"face": face},
        now=now,
    )  # fmt: skip
    return row


def of(session: Session, application: Application, *, actor: Actor) -> dict[str, Any] | None:
    """{face, words, at, answered_at, answer}, opened; None while there is none, and for a helper:
    what the person thinks is not for who stands beside them."""
    row = session.get(Rating, application.id)
    if row is None or actor.grant is not None:
        return None
    return {
        "face": row.face, "at": row.at, "answered_at": row.answered_at,
        "words": _open(session, application, "words", row.words_sealed),
        "answer": _open(session, application, "answer", row.answer_sealed),
    }  # fmt: skip


def low(session: Session, *, actor: Actor) -> Sequence[tuple[Rating, Application]]:
    """Unhappy people nobody has followed up in this division, oldest first, but for those whose
    file this person handled. Raises Forbidden."""
    answering.check(actor)
    rows = (
        select(Rating, Application)
        .join(Application, Application.id == Rating.application_id)
        .where(Rating.face == LOW, Rating.answered_at.is_(None))
        .order_by(Rating.at, Rating.application_id)
        .limit(_MOST)
    )
    found = session.execute(rows.where(_within(actor), ~_handled(actor)))
    return [(row, file) for row, file in found]


def follow_up(
    session: Session, application_id: UUID, sentence: str, *, actor: Actor, now: datetime
) -> None:
    """Somebody spoke with the person; what came of it is read by the person as well.

    Raises Forbidden (own_handling: for who handled the file), NotFound, Conflict, Invalid (sentence).
    """
    answering.check(actor)
    if not actor.holds(*answering.ANSWERING):
        raise Forbidden("您可以看，不能办。", code="party_not_allowed")
    application = session.get(Application, application_id)
    row = session.get(Rating, application_id, with_for_update=True)
    if (
        application is None
        or row is None
        or not covers(actor.region_code, application.region_path or "")
    ):
        raise NotFound("没有找到这件评价。")
    own = select(_handled(actor)).where(Application.id == application_id)
    if session.scalar(own):
        raise Forbidden("您办过这份申请，要由别人跟进。", code="own_handling")
    if row.answered_at is not None:
        raise Conflict("已经有人跟进了。请刷新。", code="already_answered")
    words = sentence.strip()
    if not words or len(words) > MOST_CHARACTERS:
        text = f"请写怎么跟进的，最多{MOST_CHARACTERS}字。"
        raise Invalid(text, fields={"sentence": [text]})
    place = _at("answer", application_id)
    row.answer_sealed = vault.seal_text(session, application.key_id, words, place=place)
    row.answered_at, row.answered_by = now, str(actor)
    session.flush()
    audit.record(session, "answer.rating", actor=str(actor), subject=application_id, now=now)


def _handled(actor: Actor) -> ColumnElement[bool]:
    """The files in which this person acted."""
    acted = select(CaseEvent.id).where(
        CaseEvent.application_id == Application.id, CaseEvent.actor == str(actor)
    )
    return acted.exists()


def _within(actor: Actor) -> ColumnElement[bool]:
    path = literal("/").concat(Application.region_path).concat("/")
    return path.contains(f"/{actor.region_code}/", autoescape=True)


def _open(session: Session, file: Application, column: str, sealed: bytes | None) -> str:
    if sealed is None:
        return ""
    return vault.unseal_text(session, file.key_id, sealed, place=_at(column, file.id))


def _at(column: str, application_id: UUID) -> str:
    return f"ratings.{column}_sealed:{application_id}"
