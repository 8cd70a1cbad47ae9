"""A village with an assistant: appointed, and what an app on their phone shows."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.people import appointments, second_factor, totp
from portal.people.appointment_tables import Appointment
from portal.people.appointments import Wanted
from portal.people.identity import Phone
from portal.people.tables import Account
from portal.policy import regions
from portal.policy.tables import Region

TOWNSHIP = "430923121"
NAME = "李协理"


def villages(session: Any, township: str = TOWNSHIP) -> list[str]:
    rows = select(Region.code).where(Region.parent_code == township).order_by(Region.code)
    return list(session.scalars(rows))


def appoint(
    session: Any, phone: str, *, now: datetime, village: str = "", name: str = NAME,
    groups: tuple[str, ...] = (), **more: Any,
) -> Appointment:  # fmt: skip
    code = village or villages(session)[0]
    path = regions.path(session, code)
    wanted = Wanted(code, path, name, Phone(phone), groups, **more)
    return appointments.appoint(session, wanted, actor="test", now=now)


def device(session: Any, account: Account, *, now: datetime) -> str:
    """Enrolled, and this device known."""
    _secret, address = second_factor.begin(session, account, now=now)
    return second_factor.prove(session, account, totp.code_at(address, now), now=now)
