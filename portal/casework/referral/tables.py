"""Who was asked to help further, what they were told, and whether the person agreed."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Referral(Base):
    """转介: one way from a township to one department, trace and result included.

    With `application_id` it is that file or a need found while it was looked at; without
    one, a need found at a household that has no file. `key_id` seals what travels.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        Index("ix_referrals_department_region_code_state", "department", "region_code", "state"),
        Index("ix_referrals_from_region_code_state", "from_region_code", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("applications.id"), index=True)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    program_id: Mapped[str] = mapped_column(String(32))
    """Whose allow-list of answers holds."""
    department: Mapped[str] = mapped_column(String(64))
    region_code: Mapped[str] = mapped_column(String(12))
    """The county whose department it is."""
    region_path: Mapped[str] = mapped_column(String(64))
    from_region_code: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(16))
    """referred · received · returned · closed · cancelled."""
    on_paper: Mapped[bool]
    """The department has no account: a printed sheet goes, the township writes the answers down."""
    moves_file: Mapped[bool]
    """Whether the application itself waits for this answer."""
    bounces: Mapped[int] = mapped_column(Integer, default=0)
    due_on: Mapped[date | None]
    due_basis: Mapped[str | None] = mapped_column(String(16))
    """ours (a target of our own) · local (a rule of the place)."""
    contents_sealed: Mapped[bytes]
    """A JSON object: sentence, fields [{name, label, text}], statuses."""
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral_consents.id"))
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class ReferralStep(Base):
    """转介经过: one line of the way, never changed."""

    __tablename__ = "referral_steps"
    __table_args__ = (UniqueConstraint("referral_id", "seq"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    seq: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    """referred · received · returned · again · closed · cancelled."""
    said_sealed: Mapped[bytes | None]
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class ReferralConsent(Base):
    """转介同意: asked of one person, for these few answers to this one receiver."""

    __tablename__ = "referral_consents"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("applications.id"), index=True)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    program_id: Mapped[str] = mapped_column(String(32))
    fields: Mapped[list[str]]
    asked_sealed: Mapped[bytes]
    """A JSON object: receiver, sentence, labels; exactly what the person reads."""
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    """asked · agreed · declined · withdrawn · replaced (said under another question)."""
    how: Mapped[str | None] = mapped_column(String(16))
    """portal · phone · visit · paper: how the person said it."""
    answered_by: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[datetime | None]


class DepartmentMember(Base):
    """专项部门人员: for which department a member of staff answers; several in a small county."""

    __tablename__ = "department_members"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    department: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime]
