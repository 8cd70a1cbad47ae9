"""What happens to a file after submission."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class CaseEvent(Base):
    """办理记录: one accepted event; `seq` counts from 1 without gaps within an application."""

    __tablename__ = "case_events"
    __table_args__ = (
        UniqueConstraint("application_id", "seq"),
        Index("ix_case_events_kind", "kind", "application_id", "actor"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    seq: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(32))
    before: Mapped[str | None] = mapped_column(String(32))
    after: Mapped[str | None] = mapped_column(String(32))
    party: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(80))
    said_sealed: Mapped[bytes | None]
    """A JSON object of what the office said: sentence, reason, items, place."""
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class OfficeEvent(Base):
    """回传: every signed event from outside, by its id; parked until it can be applied."""

    __tablename__ = "office_events"
    __table_args__ = (Index("ix_office_events_state_received_at", "state", "received_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(index=True)
    client: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]]
    digest: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(16))
    """applied · parked · refused."""
    fault: Mapped[str | None] = mapped_column(String(200))
    received_at: Mapped[datetime]


class Correction(Base):
    """补正事项: one thing asked for, in one sentence; `answered_at` when the person did it."""

    __tablename__ = "corrections"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("case_events.id"))
    item: Mapped[str] = mapped_column(String(64))
    """A document item, a form field, or `other`."""
    sentence_sealed: Mapped[bytes]
    answered_at: Mapped[datetime | None]


class OfficeClient(Base):
    """后台系统: an outside back office that may send signed events for one division."""

    __tablename__ = "office_clients"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_key: Mapped[bytes]
    role: Mapped[str] = mapped_column(String(32))
    region_code: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class OfficeNonce(Base):
    """一次性编号: seen nonces of signed requests, kept two days."""

    __tablename__ = "office_nonces"

    client: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime]
