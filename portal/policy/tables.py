"""Administrative divisions in SQL."""

from datetime import datetime

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


class Window(Base):
    """通讯录: whom to call in a place. `kind`: window 窗口 · hotline 热线 · assistant 协理员.

    What stands here is public: the phone is the one the person or office is reached on at work.
    """

    __tablename__ = "windows"

    region_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    phone: Mapped[str] = mapped_column(String(30))
    hours: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(120), default="")
    source: Mapped[str] = mapped_column(String(120), default="")
    updated_at: Mapped[datetime]
