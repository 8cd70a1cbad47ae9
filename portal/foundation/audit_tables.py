"""The tables of the audit record (audit.py)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class AuditEntry(Base):
    """审计记录. One line of a chain, never changed or deleted."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject_at", "subject", "at"),)

    chain: Mapped[int] = mapped_column(Integer, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80), index=True)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[UUID | None]
    detail: Mapped[str]
    previous: Mapped[bytes]
    digest: Mapped[bytes]


class AuditHead(Base):
    """审计链头. The last link of each chain; locked while a link is added."""

    __tablename__ = "audit_heads"

    chain: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes]


class AuditSeal(Base):
    """审计封印. All heads at one moment, chained to the seal before."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    heads: Mapped[str]
    digest: Mapped[bytes]
