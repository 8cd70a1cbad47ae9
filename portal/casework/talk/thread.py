"""Messages between a person and the office about one file: written, or spoken.

Adding a spoken one takes three steps, so that no file is touched inside a writing transaction:

    voice = audio.check(data)                                              # pure
    blob = thread.seal_and_store(session, blobs, application, id, voice)   # disk
    thread.write(session, application, id, spoken=(voice, blob), …)

A recording is kept sealed, played to both sides, and listened to by people only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.casework import duties
from portal.casework.talk import targets, telling
from portal.casework.talk.audio import TYPES, Voice
from portal.casework.talk.tables import ThreadMessage
from portal.contact.rules import rules
from portal.filing.tables import Application
from portal.foundation import audit, rates, vault
from portal.foundation.blobs import Blobs, begins
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.people.tables import Staff
from portal.policy.lifecycle import Status

MOST_CHARACTERS = 500
RESIDENT, OFFICE = "resident", "office"
_ANSWERING = duties.TOWNSHIP | duties.COUNTY
_PER_DAY, _PER_HOUR_OFFICE = 20, 60
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """One message as people read it. `mine` on the reader's own side."""

    id: UUID
    side: str
    mine: bool
    who: str
    text: str
    voice: bool
    seconds: int | None
    at: datetime
    new: bool


def seal_and_store(
    session: Session, blobs: Blobs, application: Application, message_id: UUID, voice: Voice
) -> str:
    """The name of the blob that now safely holds the recording.

    `session` only reads: never call this inside a writing transaction. Raises Busy.
    """
    sealed = vault.seal(session, application.key_id, voice.data, place=_voice_place(message_id))
    return blobs.put(sealed)


def write(
    session: Session,
    application: Application,
    message_id: UUID,
    *,
    text: str = "",
    spoken: tuple[Voice, str] | None = None,
    actor: Actor,
    now: datetime,
) -> ThreadMessage:
    """Say something about a file; the other side is told that there is something new.

    `message_id` is the writer's own, so that the same said twice is there once. Raises
    Invalid without words and voice or past 500 characters, Conflict before submission,
    Forbidden for those who only look, TooOften.
    """
    known = session.get(ThreadMessage, message_id)
    if known is not None:
        return _same(known, application, actor)
    side = _side(application, actor)
    words = _checked(text, spoken is not None)
    _limit(session, application, side, now)
    message = ThreadMessage(
        id=message_id, application_id=application.id, side=side, author=str(actor), created_at=now,
        text_sealed=_sealed(session, application, message_id, words),
    )  # fmt: skip
    if spoken is not None:
        voice, message.voice_blob = spoken
        message.voice_type, message.voice_seconds = voice.kind, voice.seconds
    session.add(message)
    session.flush()
    if side == OFFICE:
        _answer(session, application, now=now)
        telling.tell(session, application, "office_wrote", now=now)
    detail = {"message": str(message_id), "side": side, "voice": spoken is not None}
    audit.record(
        session, "write.message", actor=str(actor), subject=application.id, detail=detail, now=now
    )
    return message


def lines(session: Session, application: Application, *, actor: Actor) -> list[Line]:
    """All of them, first to last, as this reader sees them."""
    here = RESIDENT if actor.role is Role.APPLICANT else OFFICE
    return [_line(session, application, row, here) for row in _rows(session, application)]


def mark_seen(session: Session, application: Application, *, actor: Actor, now: datetime) -> int:
    """Note that this side has had the other's messages before its eyes; how many were new."""
    other = OFFICE if actor.role is Role.APPLICANT else RESIDENT
    rows = update(ThreadMessage).where(
        ThreadMessage.application_id == application.id, ThreadMessage.side == other,
        ThreadMessage.seen_at.is_(None),
    )  # fmt: skip
    return int(session.execute(rows.values(seen_at=now)).rowcount)  # type: ignore[attr-defined]


def unseen(session: Session, application: Application, *, actor: Actor) -> int:
    """How many of the other side's are new to this one."""
    other = OFFICE if actor.role is Role.APPLICANT else RESIDENT
    rows = select(func.count()).where(
        ThreadMessage.application_id == application.id, ThreadMessage.side == other,
        ThreadMessage.seen_at.is_(None),
    )  # fmt: skip
    return session.scalar(rows) or 0


def find(session: Session, application: Application, message_id: UUID) -> ThreadMessage:
    """Raises NotFound, also for a message of another file."""
    row = session.get(ThreadMessage, message_id)
    if row is None or row.application_id != application.id:
        raise NotFound("没有这条留言。")
    return row


def open_voice(
    session: Session, blobs: Blobs, application: Application, message: ThreadMessage
) -> tuple[bytes, str]:
    """(the recording, its media type). Raises NotFound for a written one, or when erased."""
    if message.voice_blob is None or message.voice_type is None:
        raise NotFound("这条留言没有录音。")
    try:
        sealed = blobs.read(message.voice_blob)
        data = vault.unseal(session, application.key_id, sealed, place=_voice_place(message.id))
    except (FileNotFoundError, vault.Unreadable) as fault:
        raise NotFound("录音已经删除。") from fault
    return data, TYPES[message.voice_type]


def clock(session: Session, application: Application, *, now: datetime) -> dict[str, Any] | None:
    """How long the person has waited for an answer, against our own target; None when nobody waits."""
    rows = select(func.min(ThreadMessage.created_at)).where(
        ThreadMessage.application_id == application.id, ThreadMessage.side == RESIDENT,
        ThreadMessage.answered_at.is_(None),
    )  # fmt: skip
    start = session.scalar(rows)
    if start is None:
        return None
    return targets.bar("answer", "答复留言", start, rules().answer_workdays, now=now)


def waiting(
    session: Session, *, actor: Actor, now: datetime, limit: int = 200
) -> list[tuple[Application, int, dict[str, Any]]]:
    """The desk's list: files whose people wait for an answer, with how many messages and since
    when, the longest wait first."""
    duties.check_reader(actor)
    first = func.min(ThreadMessage.created_at)
    rows = (
        select(Application, func.count(), first)
        .join(ThreadMessage, ThreadMessage.application_id == Application.id)
        .where(ThreadMessage.side == RESIDENT, ThreadMessage.answered_at.is_(None))
        .where(duties.scope(actor))
        .group_by(Application.id)
        .order_by(first)
        .limit(limit)
    )
    days = rules().answer_workdays
    return [
        (file, number, targets.bar("answer", "答复留言", start, days, now=now))
        for file, number, start in session.execute(rows)
    ]


def blob_names(session: Session, prefix: str = "") -> set[str]:
    """Every recording that can still be opened; the sweep must leave these."""
    rows = (
        select(ThreadMessage.voice_blob)
        .join(Application, Application.id == ThreadMessage.application_id)
        .join(vault.DataKey, vault.DataKey.id == Application.key_id)
        .where(vault.DataKey.destroyed_at.is_(None), begins(ThreadMessage.voice_blob, prefix))
    )
    return {name for name in session.scalars(rows) if name is not None}


def _same(known: ThreadMessage, application: Application, actor: Actor) -> ThreadMessage:
    if known.application_id != application.id or known.author != str(actor):
        raise Conflict("请刷新页面再发一次。", code="message_id_taken")
    return known


def _side(application: Application, actor: Actor) -> str:
    """Whoever got here may read the file; not all of them may write."""
    if actor.role is Role.APPLICANT:
        if application.status == Status.DRAFT:
            raise Conflict("提交以后才能给窗口留言。", code="not_submitted")
        return RESIDENT
    if not actor.holds(*_ANSWERING):
        raise Forbidden("您可以看，不能回复。", code="party_not_allowed")
    return OFFICE


def _checked(text: str, spoken: bool) -> str:
    words = text.replace("\r\n", "\n").strip()
    if not words and not spoken:
        raise Invalid("请写几句，或录一段话。", fields={"text": ["请写几句。"]})
    if len(words) > MOST_CHARACTERS:
        too_long = f"太长了，最多{MOST_CHARACTERS}个字。"
        raise Invalid(too_long, fields={"text": [too_long]})
    if any(c < " " and c not in "\n\t" or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in words):
        raise Invalid("有看不见的字符，请删掉。", fields={"text": ["有看不见的字符。"]})
    return words


def _limit(session: Session, application: Application, side: str, now: datetime) -> None:
    most, per = (_PER_DAY, _DAY) if side == RESIDENT else (_PER_HOUR_OFFICE, _DAY / 24)
    rates.count(session, f"thread:{side}:{application.id}", most=most, per=per, now=now)


def _answer(session: Session, application: Application, *, now: datetime) -> None:
    rows = update(ThreadMessage).where(
        ThreadMessage.application_id == application.id, ThreadMessage.side == RESIDENT,
        ThreadMessage.answered_at.is_(None),
    )  # fmt: skip
    session.execute(rows.values(answered_at=now))


def _rows(session: Session, application: Application) -> Sequence[ThreadMessage]:
    rows = select(ThreadMessage).where(ThreadMessage.application_id == application.id)
    return session.scalars(rows.order_by(ThreadMessage.created_at, ThreadMessage.id)).all()


def _line(session: Session, application: Application, row: ThreadMessage, here: str) -> Line:
    return Line(
        id=row.id, side=row.side, mine=row.side == here, who=_who(session, row),
        text=_opened(session, application, row), voice=row.voice_blob is not None,
        seconds=row.voice_seconds, at=row.created_at, new=row.side != here and row.seen_at is None,
    )  # fmt: skip


def _who(session: Session, row: ThreadMessage) -> str:
    """The name of the member of staff; the applicant is 申请人."""
    kind, _, rest = row.author.partition(":")
    staff = session.get(Staff, UUID(rest)) if kind == "staff" else None
    return staff.display_name if staff is not None else "申请人" if row.side == RESIDENT else "窗口"


def _sealed(
    session: Session, application: Application, message_id: UUID, words: str
) -> bytes | None:
    if not words:
        return None
    return vault.seal_text(session, application.key_id, words, place=_text_place(message_id))


def _opened(session: Session, application: Application, row: ThreadMessage) -> str:
    if row.text_sealed is None:
        return ""
    try:
        return vault.unseal_text(
            session, application.key_id, row.text_sealed, place=_text_place(row.id)
        )
    except vault.Unreadable:
        return ""


def _text_place(message_id: UUID) -> str:
    return f"thread_messages.text_sealed:{message_id}"


def _voice_place(message_id: UUID) -> str:
    return f"thread_messages.voice:{message_id}"
