"""A text to the people of an office who left a number: that there is something, never what."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import duties
from portal.contact.messages import queue_text
from portal.contact.templates import AT_ONCE
from portal.filing.tables import Application
from portal.foundation import rates
from portal.people import staff
from portal.people.access import Role
from portal.people.tables import Staff

_ONCE_IN = timedelta(hours=2)
"""The same words to the same person at most once in this time: they say only "look at the desk".
Never so for hunger."""
TOWNSHIP, COUNTY = "township", "county"
_ROLES = {TOWNSHIP: duties.TOWNSHIP, COUNTY: duties.COUNTY}


def office_of(application: Application, level: str) -> str:
    """The code of the office at this level; empty when the file has none."""
    return (application.region_code if level == TOWNSHIP else application.county_code) or ""


def tell(session: Session, region_code: str, level: str, template: str, *, now: datetime) -> int:
    """To everybody there with a number who was not told the same just now; to how many."""
    return sum(
        _one(session, member, template, now=now)
        for member in people(session, region_code, _ROLES[level])
    )


def people(session: Session, region_code: str, roles: Collection[Role]) -> list[Staff]:
    """Who works there in one of these roles."""
    rows = select(Staff).where(Staff.region_code == region_code, Staff.active)
    return [
        member
        for member in session.scalars(rows.order_by(Staff.username))
        if {Role(member.role), *staff.further_roles(member)} & set(roles)
    ]


def _one(session: Session, member: Staff, template: str, *, now: datetime) -> int:
    phone = staff.phone_of(session, member)
    if phone is None:
        return 0
    if template not in AT_ONCE and _just_told(session, member, template, now=now):
        return 0
    queue_text(session, key_id=member.key_id, phone=phone, template=template, values={}, now=now)
    return 1


def _just_told(session: Session, member: Staff, template: str, *, now: datetime) -> bool:
    bucket = f"tell:{template}:{member.id}"
    return not rates.first_use(session, bucket, per=_ONCE_IN, now=now)
