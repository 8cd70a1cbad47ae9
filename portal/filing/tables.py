"""An application up to its submission."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal.foundation.database import Base

_COUNTY_DIGITS = 6


def _only(name: str, column: str, where: str) -> Index:
    """An index of the few rows that are looked for."""
    return Index(name, column, sqlite_where=text(where), postgresql_where=text(where))


class Application(Base):
    """申请. Personal data live in `answers_sealed` under the application's own key.

    `answers_sealed` opens to {field: {value, question, revision, at}}; `revision` grows
    with every save. `region_code` is the township that receives it, `county_code` the county
    above it, `filed_at` the first filing time, which a transfer keeps. `held_by` has it open
    for the duty `held_duty` until `held_until`. `bounces` counts transfers the county has not
    settled.
    """

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_town", "region_code", "status", "urgent", "filed_at", "id"),
        Index("ix_applications_county", "county_code", "status", "urgent", "filed_at", "id"),
        Index("ix_applications_changed_at", "changed_at"),
        _only("ix_applications_alert", "alert", "alert IS NOT NULL"),
        _only("ix_applications_held_by", "held_by", "held_by IS NOT NULL"),
        _only("ix_applications_investigator_id", "investigator_id", "investigator_id IS NOT NULL"),
        _only("ix_applications_bounces", "county_code", "bounces > 1"),
        Index("ix_applications_household_index_program_id", "household_index", "program_id"),
        Index("ix_applications_carried", "carried_from", "program_id", unique=True),
        Index(
            "ix_applications_figures", "region_path", "county_code", "region_code", "program_id",
            "status", "submission_no", "bounces", "filed_at", "decided_at", "id", "household_id",
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    reference_no: Mapped[str] = mapped_column(String(16), unique=True)
    program_id: Mapped[str] = mapped_column(String(32))
    machine: Mapped[str] = mapped_column(String(16), default="standard", server_default="standard")
    """The road of lifecycle.yaml, its program's when it was handed in."""
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("households.id"), index=True)
    carried_from: Mapped[UUID | None] = mapped_column(ForeignKey("applications.id"))
    """The file whose answers and photos the office took over into this one."""
    carried_why: Mapped[str | None] = mapped_column(String(16))
    """next_tier (转评) · township (窗口加办); None for what the person began."""
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
    decided_at: Mapped[datetime | None]
    """When it was first decided; sixty days later it is closed to helpers."""
    next_tier_at: Mapped[datetime | None]
    """When it was settled whether a refusal or stop opens the next tier."""
    county_code: Mapped[str | None] = mapped_column(String(12))
    held_by: Mapped[str | None] = mapped_column(String(80))
    held_duty: Mapped[str | None] = mapped_column(String(16))
    held_until: Mapped[datetime | None]
    investigator_id: Mapped[UUID | None]
    bounces: Mapped[int] = mapped_column(Integer, default=0, server_default="0")

    @validates("region_path")
    def _know_the_county(self, _name: str, path: str | None) -> str | None:
        self.county_code = county_of(path)
        return path


def county_of(path: str | None) -> str | None:
    """The county in a path from the province down: 430000/430900/430923/430923121 → 430923."""
    counties = [code for code in (path or "").split("/") if len(code) == _COUNTY_DIGITS]
    return counties[-1] if counties else None


class Document(Base):
    """申请材料: one photo. The sent bytes are kept sealed, never served; people see `prepared`."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("application_id", "item", "sent_digest"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    item: Mapped[str] = mapped_column(String(64))
    sent_digest: Mapped[str] = mapped_column(String(64))
    envelope_digest: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the envelope it came in, for a photo the phone had sealed."""
    sent_size: Mapped[int] = mapped_column(Integer)
    sent_blob: Mapped[str] = mapped_column(String(64), index=True)
    sealed_for: Mapped[UUID | None] = mapped_column(ForeignKey("applications.id"), index=True)
    """The file of the same household whose key still seals `sent_blob`; None: its own."""
    media_type: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    """received → prepared | unreadable."""
    prepare_tries: Mapped[int] = mapped_column(Integer, default=0)
    prepared_digest: Mapped[str | None] = mapped_column(String(64))
    prepared_blob: Mapped[str | None] = mapped_column(String(64), index=True)
    thumbnail_blob: Mapped[str | None] = mapped_column(String(64), index=True)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    advice: Mapped[str | None] = mapped_column(String(32))
    """Comma-separated of blurry, dark, small; None until prepared."""
    mandate_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandates.id"))
    """The mandate under which a helper sent it; None: the person."""
    created_at: Mapped[datetime]


class Upload(Base):
    """分段上传: a photo that is still arriving, addressed by the digest of its bytes."""

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("application_id", "digest"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    digest: Mapped[str] = mapped_column(String(64))
    length: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(index=True)


class UploadPart(Base):
    """上传的一段: sealed bytes from `start` on."""

    __tablename__ = "upload_parts"

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    start: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(Integer)
    blob: Mapped[str] = mapped_column(String(64), index=True)


class Signature(Base):
    """签名: who consented to which exact text, how, and how strong it is."""

    __tablename__ = "signatures"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    signer: Mapped[str] = mapped_column(String(64))
    """`applicant`, `member:<row id>` of the household list, or `outside:<id>`."""
    signer_name_sealed: Mapped[bytes]
    method: Mapped[str] = mapped_column(String(16))
    """screen · code · paper · visit."""
    text_version: Mapped[str] = mapped_column(String(16))
    text_digest: Mapped[bytes]
    strokes_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    text: Mapped[str | None]
    """The exact words read; None for signatures older than this column."""
    device: Mapped[str | None] = mapped_column(String(16))
    """phone · tablet · computer · wechat: the kind only."""
    via: Mapped[str | None] = mapped_column(String(16))
    """here (on the phone of whoever fills in) · link (on the signer's own)."""
    signed_as: Mapped[str | None] = mapped_column(String(16))
    """guardian for who cannot sign; None: for oneself."""
    mandate_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandates.id"))
    signed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Submission(Base):
    """提交: one frozen version of an application and its signed receipt."""

    __tablename__ = "submissions"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    frozen_sealed: Mapped[bytes]
    receipt_sealed: Mapped[bytes]
    mandate_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandates.id"))
    """The mandate under which a helper handed it in; None: the person."""
    submitted_at: Mapped[datetime]
