"""What people and offices say to each other beside the case itself."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class ThreadMessage(Base):
    """留言: one message between the person and the office, written or spoken; sealed."""

    __tablename__ = "thread_messages"
    __table_args__ = (
        Index("ix_thread_messages_application_id_created_at", "application_id", "created_at"),
        Index("ix_thread_messages_side_answered_at", "side", "answered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    side: Mapped[str] = mapped_column(String(16))
    """resident · office."""
    author: Mapped[str] = mapped_column(String(80))
    text_sealed: Mapped[bytes | None]
    voice_blob: Mapped[str | None] = mapped_column(String(64), index=True)
    voice_type: Mapped[str | None] = mapped_column(String(16))
    voice_seconds: Mapped[int | None] = mapped_column(Integer)
    """None when the recording does not say how long it is."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """When the other side first had it before their eyes."""
    answered_at: Mapped[datetime | None]
    """For a resident's: when the office next wrote."""


class Complaint(Base):
    """举报投诉: about how an office deals with people; answered a level above it. Sealed."""

    __tablename__ = "complaints"
    __table_args__ = (
        Index("ix_complaints_office_code_answered_at", "office_code", "answered_at"),
        Index("ix_complaints_account_id", "account_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code_index: Mapped[bytes] = mapped_column(unique=True)
    """A keyed digest of the code its writer follows it by; the code itself is nowhere."""
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    account_id: Mapped[UUID | None]
    """Who wrote it, unless they wished not to be named."""
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("applications.id"))
    topic: Mapped[str] = mapped_column(String(16))
    region_code: Mapped[str] = mapped_column(String(12))
    """Where it happened."""
    office_code: Mapped[str] = mapped_column(String(12))
    """Who answers: the county, or the prefecture above it."""
    above_code: Mapped[str | None] = mapped_column(String(12))
    """Who sees it as well once it is late."""
    words_sealed: Mapped[bytes]
    phone_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    due_on: Mapped[date]
    escalated_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(80))
    answer_sealed: Mapped[bytes | None]


class DraftReminder(Base):
    """草稿提醒: that a draft was spoken of after so many days; once each."""

    __tablename__ = "draft_reminders"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    days: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
