"""Codes by which a household's file goes from one phone to another."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class PassCode(Base):
    """交接码: eight digits on one phone, for another to take a file over; once, for a while."""

    __tablename__ = "pass_codes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    digest: Mapped[bytes] = mapped_column(unique=True)
    way: Mapped[str] = mapped_column(String(8))
    """give (a helper's phone shows it) · ask (the person's own)."""
    household_id: Mapped[UUID] = mapped_column(ForeignKey("households.id"), index=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    mandate_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandates.id"))
    """give: the helper's; ask: what the person agreed to in the end."""
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    said_sealed: Mapped[bytes | None]
    """ask: opens to {kind, person, helper, relation} of who wants to help."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Taken, agreed to, refused, or a newer code took its place."""
