"""Mandates: who helps which household, on what ground, for how long."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Mandate(Base):
    """委托: one person may help one household. Names and numbers are sealed with its key.

    `details_sealed` opens to {person, phone, relation, role, helper, why, witnesses}.
    """

    __tablename__ = "mandates"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    household_id: Mapped[UUID] = mapped_column(ForeignKey("households.id"), index=True)
    helper_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    helper_index: Mapped[bytes | None] = mapped_column(index=True)
    """The number the owner named, until somebody signs in with it."""
    kind: Mapped[str] = mapped_column(String(16))
    """kin · neighbour · cadre · assistant · township · guardian · proactive (主动帮助)."""
    programs: Mapped[list[str]]
    """Empty: every program."""
    acts: Mapped[list[str]]
    details_sealed: Mapped[bytes]
    person_index: Mapped[bytes | None] = mapped_column(index=True)
    """The blind index of the number said to be the person's own."""
    text_version: Mapped[str] = mapped_column(String(16))
    text_digest: Mapped[bytes]
    basis: Mapped[str | None] = mapped_column(String(16))
    """screen · paper · code · own · witnesses · audio · none; None: still to be signed."""
    basis_at: Mapped[datetime | None]
    strokes_sealed: Mapped[bytes | None]
    paper_id: Mapped[UUID | None]
    """The photo (a document of the household's) of the signed paper."""
    proof_id: Mapped[UUID | None]
    """The photo that shows a guardian to be one."""
    audio_blob: Mapped[str | None] = mapped_column(String(64), index=True)
    audio_type: Mapped[str | None] = mapped_column(String(16))
    audio_size: Mapped[int | None] = mapped_column(Integer)
    flags: Mapped[list[str]]
    """What the office should look at: unsigned, proactive, number_refused, not_me …"""
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    """None: with the decision and its appeal period."""
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(80))
    revoke_code_digest: Mapped[bytes] = mapped_column(unique=True)
    revoke_code_sealed: Mapped[bytes]
    told_at: Mapped[datetime | None]
    payee_open_until: Mapped[datetime | None]
    """Until then the payee account may be changed: the person said so by code, or the window."""
