"""The clocks as the worker watches them: what runs out next, who was told, the daily digest."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class CaseClock(Base):
    """在走的时限: one running clock of an open case, as far as it was reckoned.

    `mark` counts the events and submissions it was reckoned from.
    """

    __tablename__ = "case_clocks"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(32), primary_key=True)
    mark: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date] = mapped_column(Date, index=True)
    due_at: Mapped[datetime | None]
    """The very moment, where hours are counted."""
    ours: Mapped[bool]
    under: Mapped[str] = mapped_column(String(32))
    """The holiday calendar it was reckoned under."""


class Escalation(Base):
    """超时提醒: an office was told of a clock that ran out, or of a nudge. Nothing personal."""

    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint("application_id", "step", "level", "due_on"),
        Index("ix_escalations_settled_at_level", "settled_at", "level"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    step: Mapped[str] = mapped_column(String(32))
    """A step of the deadlines, or `nudge`."""
    level: Mapped[str] = mapped_column(String(16))
    """Who was told: township or county."""
    due_on: Mapped[date] = mapped_column(Date)
    """The last day that passed; of a nudge the day it came."""
    made_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    """When the thing was done after all."""


class Digest(Base):
    """每日办理清单: what an office had on one morning, zeros too. Figures only."""

    __tablename__ = "digests"

    region_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    figures: Mapped[dict[str, Any]]
    texts: Mapped[int] = mapped_column(Integer)
    """To how many phones it went."""
    made_at: Mapped[datetime]


class WorkerMark(Base):
    """后台进度: how far a chore of the worker has come."""

    __tablename__ = "worker_marks"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
    after: Mapped[UUID]
    """Among rows of the same moment, the last one."""
    under: Mapped[str] = mapped_column(String(32))
    """What the work was done under; other rules begin it again."""
