"""What is told to whom."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class TextMessage(Base):
    """短信. Number and text are sealed with `key_id`; closed by `sent_at`."""

    __tablename__ = "text_messages"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key_id: Mapped[UUID]
    phone_sealed: Mapped[bytes]
    text_sealed: Mapped[bytes]
    template: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    """When it was given up: too late to be of use, or refused for too long."""
