"""What a household says after the decision; the words are sealed with the file's key."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class ChangeReport(Base):
    """情况变化: one change somebody tells of (社会救助法 第46条); it changes no money by itself."""

    __tablename__ = "change_reports"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """members · income · address · account · selfcare."""
    body_sealed: Mapped[bytes]
    """{sentence}."""
    reported_by: Mapped[str] = mapped_column(String(80))
    reported_at: Mapped[datetime]
    answer_sealed: Mapped[bytes | None]
    """{sentence}."""
    answered_by: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[datetime | None]


class Recheck(Base):
    """定期核查: one 「still true?」, due by the calendar of the decision."""

    __tablename__ = "rechecks"
    __table_args__ = (Index("ix_rechecks_due_on", "due_on", "answered_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    every: Mapped[str] = mapped_column(String(16))
    """yearly · half_yearly."""
    due_on: Mapped[date]
    asked_at: Mapped[datetime | None]
    """When the person was told that it is time."""
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(80))
    how: Mapped[str | None] = mapped_column(String(16))
    """portal · visit · video · phone."""
    body_sealed: Mapped[bytes | None]
    """{same: [topics], changed: [topics]}."""
    visit_asked_at: Mapped[datetime | None]
    """When somebody was asked to go: wanted by the person, or nobody answered in time."""
