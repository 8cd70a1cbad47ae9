"""Keyed digests by which the county sees that two files share something."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Mark(Base):
    """比对标记: an account, a phone or a photo of one file, as a keyed digest; nothing to read."""

    __tablename__ = "marks"
    __table_args__ = (Index("ix_marks_kind_digest", "kind", "digest"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    """account · phone · photo."""
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[datetime]
