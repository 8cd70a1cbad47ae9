"""Village assistants: who is appointed where, their second factor, and the village's roster."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Appointment(Base):
    """协理员任命: a resident who is the village's assistant, by number, for the whole village or
    some of its groups. Name and number are sealed with its own key."""

    __tablename__ = "appointments"
    __table_args__ = (UniqueConstraint("phone_index", "village_code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    phone_index: Mapped[bytes] = mapped_column(index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    """None until somebody signs in with the number."""
    told_sealed: Mapped[bytes]
    """Opens to {name, phone}."""
    village_code: Mapped[str] = mapped_column(String(12), index=True)
    region_path: Mapped[str] = mapped_column(String(80))
    groups: Mapped[list[str]]
    """村民小组; empty: the whole village."""
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    appointed_by: Mapped[str] = mapped_column(String(80))


class SecondFactor(Base):
    """动态码: the second factor of an account that has a roster; in use once a code was right."""

    __tablename__ = "second_factors"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    secret_sealed: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(Integer, default=0)
    made_at: Mapped[datetime]
    enrolled_at: Mapped[datetime | None]


class KnownDevice(Base):
    """认得的设备: one browser or app that proved the second factor; asked anew once it is over."""

    __tablename__ = "known_devices"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    proved_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class RosterHousehold(Base):
    """名册: one household of a village by name and group, nothing else. Content is only ever
    shown to who has a mandate of `household_id`."""

    __tablename__ = "roster_households"
    __table_args__ = (Index("ix_roster_households_village", "village_code", "group"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    village_code: Mapped[str] = mapped_column(String(12))
    group: Mapped[str] = mapped_column(String(20))
    house: Mapped[str] = mapped_column(String(20))
    """Both empty where nobody said."""
    name_sealed: Mapped[bytes]
    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("households.id"), index=True)
    to_ask_since: Mapped[datetime | None]
    """The work was handed over; the person has not yet been asked by the new assistant."""
    added_by: Mapped[UUID]
    added_at: Mapped[datetime]


class RosterVisit(Base):
    """走访: an assistant was at a household on this day; one a day."""

    __tablename__ = "roster_visits"

    roster_household_id: Mapped[UUID] = mapped_column(
        ForeignKey("roster_households.id"), primary_key=True
    )
    on: Mapped[date] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
