"""An application up to its submission."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Application(Base):
    """申请. Personal data live in `answers_sealed` under the application's own key.

    `answers_sealed` opens to {field: {value, question, revision, at}}; `revision` grows
    with every save. `region_code` is the township that receives it, `filed_at` the first
    filing time, which a transfer keeps.
    """

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_region_code_status", "region_code", "status"),
        Index("ix_applications_household_index_program_id", "household_index", "program_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    reference_no: Mapped[str] = mapped_column(String(16), unique=True)
    program_id: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    status: Mapped[str] = mapped_column(String(32))
    revision: Mapped[int] = mapped_column(Integer, default=0)
    answers_sealed: Mapped[bytes]
    region_code: Mapped[str | None] = mapped_column(String(12))
    region_path: Mapped[str | None] = mapped_column(String(64))
    routed_by: Mapped[str | None] = mapped_column(String(32))
    household_index: Mapped[bytes | None]
    last_four_index: Mapped[bytes | None]
    submission_no: Mapped[int] = mapped_column(Integer, default=0)
    event_seq: Mapped[int] = mapped_column(Integer, default=0)
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    alert: Mapped[str | None] = mapped_column(String(16))
    """food or shelter while 没饭吃/没地方住 waits for a named person; None otherwise."""
    alert_answered_by: Mapped[UUID | None]
    alert_answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    filed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Document(Base):
    """申请材料: one photo. The sent bytes are kept sealed, never served; people see `prepared`."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("application_id", "item", "sent_digest"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    item: Mapped[str] = mapped_column(String(64))
    sent_digest: Mapped[str] = mapped_column(String(64))
    sent_size: Mapped[int] = mapped_column(Integer)
    sent_blob: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    """received → prepared | unreadable."""
    prepare_tries: Mapped[int] = mapped_column(Integer, default=0)
    prepared_digest: Mapped[str | None] = mapped_column(String(64))
    prepared_blob: Mapped[str | None] = mapped_column(String(64))
    thumbnail_blob: Mapped[str | None] = mapped_column(String(64))
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    advice: Mapped[str | None] = mapped_column(String(32))
    """Comma-separated of blurry, dark, small; None until prepared."""
    created_at: Mapped[datetime]


class Signature(Base):
    """签名: who consented to which exact text, how, and how strong it is."""

    __tablename__ = "signatures"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    signer: Mapped[str] = mapped_column(String(32))
    """`applicant`, or `member:<row id>` of the household list."""
    signer_name_sealed: Mapped[bytes]
    method: Mapped[str] = mapped_column(String(16))
    """screen · code · paper · visit."""
    text_version: Mapped[str] = mapped_column(String(16))
    text_digest: Mapped[bytes]
    strokes_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    signed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Submission(Base):
    """提交: one frozen version of an application and its signed receipt."""

    __tablename__ = "submissions"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    frozen_sealed: Mapped[bytes]
    receipt_sealed: Mapped[bytes]
    submitted_at: Mapped[datetime]
