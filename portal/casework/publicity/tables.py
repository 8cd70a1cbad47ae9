"""What is made public after the decision, and what is kept off every board."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Publication(Base):
    """公布: what was decided, or is about to end; `body_sealed` holds what the allow-list names."""

    __tablename__ = "publications"
    __table_args__ = (Index("ix_publications_region_code_last_day", "region_code", "last_day"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """decision · stop."""
    region_code: Mapped[str] = mapped_column(String(12))
    """The village, or the township where the village is not known."""
    body_sealed: Mapped[bytes]
    posted_by: Mapped[str] = mapped_column(String(80))
    posted_at: Mapped[datetime]
    last_day: Mapped[date | None]
    """None where the place says nothing: printed for the board, never online."""
    ended_at: Mapped[datetime | None]


class Unlisted(Base):
    """不公开: a household whom publishing would endanger; on no page and no printed board."""

    __tablename__ = "unlisted_cases"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    body_sealed: Mapped[bytes]
    """{reason, answer}."""
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    kept: Mapped[bool | None] = mapped_column(Boolean)
    """None until the office has answered: hidden meanwhile."""
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
