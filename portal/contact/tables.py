"""What is told to whom: texts to phones, messages read in the portal, and asking somebody to go."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class TextMessage(Base):
    """短信. Number and text are sealed with `key_id`; closed by `sent_at`."""

    __tablename__ = "text_messages"
    __table_args__ = (
        Index("ix_text_messages_state_created_at", "state", "created_at"),
        Index("ix_text_messages_application_id", "application_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key_id: Mapped[UUID]
    phone_sealed: Mapped[bytes]
    text_sealed: Mapped[bytes]
    template: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    """When it was given up: too late to be of use, or refused for too long."""
    state: Mapped[str] = mapped_column(String(16), default="queued", server_default="queued")
    """queued → sent → delivered | failed; what was dropped has failed."""
    fault: Mapped[str | None] = mapped_column(String(40))
    """The gateway's code, when it failed."""
    reported_at: Mapped[datetime | None]
    """When the gateway said whether it arrived."""
    application_id: Mapped[UUID | None]
    inbox_id: Mapped[UUID | None]
    """The message in the portal that says the same; read there, it needs no other way."""
    second: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Went to the second number, because the first did not receive."""
    followed_up_at: Mapped[datetime | None]
    """When another way was tried, or found needless."""
    account_id: Mapped[UUID | None]
    """Whose WeChat may take it first; None: by text only."""
    mandate_id: Mapped[UUID | None]
    """The mandate it speaks of, flagged when the text does not arrive."""
    wechat_no: Mapped[str | None] = mapped_column(String(32), index=True)
    """WeChat's number of the message, when WeChat took it."""


class InboxMessage(Base):
    """站内消息: one message a person reads in the portal; `text_sealed` opens to {title, body}."""

    __tablename__ = "inbox_messages"
    __table_args__ = (
        Index("ix_inbox_messages_account_id_read_at", "account_id", "read_at"),
        Index("ix_inbox_messages_application_id", "application_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID]
    application_id: Mapped[UUID | None]
    key_id: Mapped[UUID]
    template: Mapped[str] = mapped_column(String(40))
    text_sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Errand(Base):
    """当面告知: somebody is asked to tell a person what no phone could; nothing personal in it."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_region_code_done_at", "region_code", "done_at"),
        Index("ix_tasks_application_id", "application_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID]
    region_code: Mapped[str] = mapped_column(String(12))
    """The village where it is known, else the township."""
    region_path: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(String(16))
    """no_phone · undelivered."""
    topics: Mapped[str] = mapped_column(String(400))
    """The templates to be told of, comma-separated, first to last."""
    created_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """How often somebody went and found nobody."""
    tried_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(80))
    how: Mapped[str | None] = mapped_column(String(16))
    """visit · phone · family."""


class ContactChoice(Base):
    """联系方式的选择: the code word in our texts, a second number, no reminders; sealed."""

    __tablename__ = "contact_choices"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    word_sealed: Mapped[bytes | None]
    second_phone_sealed: Mapped[bytes | None]
    reminders_off: Mapped[bool] = mapped_column(Boolean, default=False)
    asked_at: Mapped[datetime | None]
    """When the person was shown the choice of a word, chosen or skipped."""
    changed_at: Mapped[datetime]
