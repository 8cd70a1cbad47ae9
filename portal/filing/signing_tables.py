"""Links that open one signing page, and people outside the household whom an office asks."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class SignLink(Base):
    """签名链接: opens the signing page of one signer, for a while; kept as a digest."""

    __tablename__ = "sign_links"
    __table_args__ = (Index("ix_sign_links_application_id_signer", "application_id", "signer"),)

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    signer: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(String(80))
    mandate_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandates.id"))
    """A helper's link ends with the helper's mandate."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When a newer link took its place."""


class OutsideSigner(Base):
    """户外签名人: somebody outside the household, asked by an office (社会救助法 第41条)."""

    __tablename__ = "outside_signers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    told_sealed: Mapped[bytes]
    """{name, why} under the application's key."""
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
