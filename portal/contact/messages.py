"""Texts waiting to be sent, sealed until they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contact.tables import TextMessage
from portal.contact.templates import MOST_CHARACTERS, TEMPLATES
from portal.foundation import vault

MESSAGE_KEY = "message"
"""Purpose of a data key that lives and dies with one message."""


@dataclass(frozen=True)
class Message:
    """One text as a sender needs it. `id` stays the same when it is sent again."""

    id: UUID
    phone: str
    text: str
    template: str
    created_at: datetime
    sent_at: datetime | None = None


def queue_text(
    session: Session,
    *,
    key_id: UUID | None,
    phone: str,
    template: str,
    values: Mapping[str, str],
    now: datetime,
    expires_at: datetime | None = None,
) -> UUID:
    """Queue one text in the caller's transaction; the worker sends it, never after `expires_at`.

    `key_id` seals it: of the person or application it is about; None gives it a key of its own.
    """
    text = TEMPLATES[template].format_map(values)
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"template {template} grew past {MOST_CHARACTERS} characters")
    key_id = key_id or vault.new_key(session, MESSAGE_KEY, now=now)
    message_id = uuid4()
    session.add(
        TextMessage(
            id=message_id,
            key_id=key_id,
            phone_sealed=vault.seal_text(session, key_id, phone, place=_place("phone", message_id)),
            text_sealed=vault.seal_text(session, key_id, text, place=_place("text", message_id)),
            template=template,
            created_at=now,
            next_try_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()
    return message_id


def latest(session: Session, *, limit: int = 30) -> list[Message]:
    """The newest texts, opened: for the page that stands in for a phone."""
    rows = session.scalars(
        select(TextMessage).order_by(TextMessage.created_at.desc(), TextMessage.id).limit(limit)
    )
    return [message for row in rows if (message := try_open(session, row)) is not None]


def try_open(session: Session, row: TextMessage) -> Message | None:
    """The text of a row; None when its key was destroyed."""
    try:
        return Message(
            id=row.id,
            phone=vault.unseal_text(
                session, row.key_id, row.phone_sealed, place=_place("phone", row.id)
            ),
            text=vault.unseal_text(
                session, row.key_id, row.text_sealed, place=_place("text", row.id)
            ),
            template=row.template,
            created_at=row.created_at,
            sent_at=row.sent_at,
        )
    except vault.Unreadable:
        return None


def _place(column: str, message_id: UUID) -> str:
    return f"text_messages.{column}_sealed:{message_id}"
