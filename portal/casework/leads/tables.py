"""Households somebody found: what was said of them, and what the township made of it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Lead(Base):
    """线索: a household in need that did not apply itself. Who reported it is kept nowhere."""

    __tablename__ = "leads"
    __table_args__ = (
        Index("ix_leads_region_code_status", "region_code", "status"),
        Index("ix_leads_same_index", "same_index"),
        Index("ix_leads_status_created_at", "status", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code_index: Mapped[bytes | None] = mapped_column(unique=True)
    """A keyed digest of the reporter's code; None for what came in a list."""
    same_index: Mapped[bytes]
    """A keyed digest of signal, place and words: what came before comes once."""
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    signal: Mapped[str] = mapped_column(String(16))
    """reported · medical · job · disaster · other."""
    region_code: Mapped[str] = mapped_column(String(12))
    """The village where it is known, else the township."""
    region_path: Mapped[str] = mapped_column(String(80))
    about_sealed: Mapped[bytes]
    """A JSON object: what, find, why."""
    status: Mapped[str] = mapped_column(String(16))
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("applications.id"))
    mandate_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandates.id"))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    late_since: Mapped[datetime | None]
    """When the offices were told that nobody had gone to look in time."""
    erased_at: Mapped[datetime | None]
    """When its key was destroyed: what is left tells of no household."""


class LeadStep(Base):
    """线索经过: one step of a lead, and what was found or done."""

    __tablename__ = "lead_steps"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"), index=True)
    after: Mapped[str] = mapped_column(String(16))
    words_sealed: Mapped[bytes]
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
