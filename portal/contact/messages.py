"""Texts waiting to be sent, sealed until they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contact.rules import awake
from portal.contact.tables import TextMessage
from portal.contact.templates import AT_ONCE, text_of
from portal.foundation import vault

MESSAGE_KEY = "message"
"""Purpose of a data key that lives and dies with one message."""
QUEUED, SENT, DELIVERED, FAILED = "queued", "sent", "delivered", "failed"
STATES: Mapping[str, str] = {
    QUEUED: "等着发", SENT: "已发出，还没回执", DELIVERED: "手机收到了", FAILED: "没有送到",
}  # fmt: skip


@dataclass(frozen=True)
class Message:
    """One text as a sender needs it. `id` stays the same when it is sent again.

    `phone` "": only WeChat could take it. `account_id`: whose WeChat may, first.
    """

    id: UUID
    phone: str
    text: str
    template: str
    created_at: datetime
    sent_at: datetime | None = None
    state: str = QUEUED
    fault: str | None = None
    waits_until: datetime | None = None
    second: bool = False
    account_id: UUID | None = None


@dataclass(frozen=True)
class About:
    """What a text belongs to, so that another way is tried when it does not arrive."""

    application_id: UUID | None
    inbox_id: UUID | None = None
    second: bool = False
    mandate_id: UUID | None = None


def queue_text(
    session: Session,
    *,
    key_id: UUID | None,
    phone: str,
    template: str,
    values: Mapping[str, str],
    now: datetime,
    expires_at: datetime | None = None,
    word: str = "",
    about: About | None = None,
    account_id: UUID | None = None,
) -> UUID:
    """Queue one text in the caller's transaction; the worker sends it, never after `expires_at`,
    and at night only codes.

    `key_id` seals it: of the person or application it is about; None gives it a key of its own.
    `word` is the code word the person chose. `account_id`: it goes to this person's WeChat, as
    far as they allowed it, and by text where WeChat does not take it; `phone` "" for nowhere.
    """
    text = text_of(template, values, word=word)
    key_id = key_id or vault.new_key(session, MESSAGE_KEY, now=now)
    message_id = uuid4()
    session.add(
        TextMessage(
            id=message_id,
            key_id=key_id,
            phone_sealed=vault.seal_text(session, key_id, phone, place=_place("phone", message_id)),
            text_sealed=vault.seal_text(session, key_id, text, place=_place("text", message_id)),
            template=template,
            state=QUEUED,
            created_at=now,
            next_try_at=now if template in AT_ONCE else awake(now),
            expires_at=expires_at,
            application_id=about.application_id if about else None,
            inbox_id=about.inbox_id if about else None,
            second=about.second if about else False,
            mandate_id=about.mandate_id if about else None,
            account_id=account_id,
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
        phone = vault.unseal_text(
            session, row.key_id, row.phone_sealed, place=_place("phone", row.id)
        )
        text = vault.unseal_text(session, row.key_id, row.text_sealed, place=_place("text", row.id))
    except vault.Unreadable:
        return None
    waits = row.state == QUEUED and row.next_try_at > row.created_at
    return Message(
        id=row.id, phone=phone, text=text, template=row.template, created_at=row.created_at,
        sent_at=row.sent_at, state=row.state, fault=row.fault,
        waits_until=row.next_try_at if waits else None, second=row.second,
        account_id=row.account_id,
    )  # fmt: skip


def _place(column: str, message_id: UUID) -> str:
    return f"text_messages.{column}_sealed:{message_id}"
