"""Messages a person reads in the portal: they always exist, whatever becomes of the text."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.contact.tables import InboxMessage
from portal.contact.templates import message_of
from portal.foundation import vault

_SHOWN = 50


@dataclass(frozen=True)
class Read:
    """One message, opened. `application_id` of what it is about."""

    id: UUID
    title: str
    body: str
    template: str
    application_id: UUID | None
    created_at: datetime
    new: bool


def put(
    session: Session,
    account_id: UUID,
    template: str,
    *,
    key_id: UUID,
    said: str = "",
    application_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Lay one message into a person's box. `said`: the office's own sentence, put behind ours.

    `key_id` seals it: of the application it is about, so that it goes when that is erased.
    """
    words, message_id = message_of(template), uuid4()
    text = json.dumps({"title": words.title, "body": _joined(words.body, said)}, ensure_ascii=False)
    session.add(
        InboxMessage(
            id=message_id,
            account_id=account_id,
            application_id=application_id,
            key_id=key_id,
            template=template,
            text_sealed=vault.seal_text(session, key_id, text, place=_place(message_id)),
            created_at=now,
        )
    )
    session.flush()
    return message_id


def of(session: Session, account_id: UUID, *, limit: int = _SHOWN) -> list[Read]:
    """A person's messages, newest first; without those whose application was erased."""
    rows = session.scalars(
        select(InboxMessage)
        .where(InboxMessage.account_id == account_id)
        .order_by(InboxMessage.created_at.desc(), InboxMessage.id)
        .limit(limit)
    )
    return [found for row in rows if (found := _opened(session, row)) is not None]


def unread(session: Session, account_id: UUID) -> int:
    rows = select(func.count()).where(
        InboxMessage.account_id == account_id, InboxMessage.read_at.is_(None)
    )
    return session.scalar(rows) or 0


def mark_read(
    session: Session, account_id: UUID, only: Collection[UUID] | None = None, *, now: datetime
) -> None:
    """Note that the person has seen their messages; `only` some of them."""
    change = update(InboxMessage).where(
        InboxMessage.account_id == account_id, InboxMessage.read_at.is_(None)
    )
    if only is not None:
        change = change.where(InboxMessage.id.in_(only))
    session.execute(change.values(read_at=now))


def was_read(session: Session, message_id: UUID | None) -> bool:
    row = session.get(InboxMessage, message_id) if message_id else None
    return row is not None and row.read_at is not None


def last(session: Session, application_id: UUID, templates: Sequence[str]) -> datetime | None:
    """When the newest message of these kinds about an application was laid in."""
    return session.scalar(
        select(func.max(InboxMessage.created_at)).where(
            InboxMessage.application_id == application_id, InboxMessage.template.in_(templates)
        )
    )


def _opened(session: Session, row: InboxMessage) -> Read | None:
    try:
        text = vault.unseal_text(session, row.key_id, row.text_sealed, place=_place(row.id))
    except vault.Unreadable:
        return None
    return Read(
        id=row.id, application_id=row.application_id, template=row.template,
        created_at=row.created_at, new=row.read_at is None, **json.loads(text),
    )  # fmt: skip


def _joined(body: str, said: str) -> str:
    if not said:
        return body
    return f"{body}\n办事人员说：{said}"


def _place(message_id: UUID) -> str:
    return f"inbox_messages.text_sealed:{message_id}"
