"""Administrative divisions in SQL."""

from sqlalchemy import Boolean, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Region(Base):
    """行政区划: province · prefecture · county · township · village, by statistical code."""

    __tablename__ = "regions"
    __table_args__ = (Index("ix_regions_parent_code", "parent_code", "code"),)

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    level: Mapped[str] = mapped_column(String(16))
    parent_code: Mapped[str | None] = mapped_column(String(12))
    administrative: Mapped[bool] = mapped_column(Boolean, default=True)
