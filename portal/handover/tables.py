"""The outbox on our side, the one-door queue on the township's."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class OutboxRow(Base):
    """待交接. `key` is application/version; closed only by a verified receipt."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_delivered_at_next_try_at", "delivered_at", "next_try_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    region_code: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer, default=0)
    last_fault: Mapped[str | None] = mapped_column(String(200))
    sent: Mapped[list[str]]
    """SHA-256 of every dossier offered under this key; a receipt must name one of them."""
    leased_until: Mapped[datetime | None]
    lease: Mapped[UUID | None]
    delivered_at: Mapped[datetime | None]
    receipt: Mapped[str | None]


class IntakeDossier(Base):
    """一门受理队列: one dossier per application and version, with the receipt given for it."""

    __tablename__ = "intake_dossiers"
    __table_args__ = (
        Index("ix_intake_dossiers_region_code_taken_at", "region_code", "taken_at"),
        Index(
            "ix_intake_dossiers_leased_by", "leased_by",
            sqlite_where=text("taken_at IS NULL"), postgresql_where=text("taken_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    region_code: Mapped[str] = mapped_column(String(12))
    region_path: Mapped[str] = mapped_column(String(64))
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    blob: Mapped[str] = mapped_column(String(64), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    receipt: Mapped[str]
    received_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(80))
    taken_by: Mapped[str | None] = mapped_column(String(80))
    taken_at: Mapped[datetime | None]
