"""Who else works on files of a place: investigators to give them to, superiors to agree."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import duties, front_door
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Forbidden, Invalid
from portal.people.access import Actor, Role
from portal.people.tables import Staff


def holding(session: Session, path: str, roles: Collection[Role]) -> list[Staff]:
    """Active staff with one of the roles whose division holds the place, by name."""
    rows = select(Staff).where(Staff.active, Staff.region_code.in_(path.split("/")))
    found = session.scalars(rows.order_by(Staff.display_name, Staff.username))
    return [one for one in found if not {one.role, *one.also.split(",")}.isdisjoint(roles)]


def superiors(session: Session, application: Application, *, actor: Actor) -> list[Staff]:
    """Who may agree to a second list: reviewers of the township, the county; never oneself."""
    found = holding(session, application.region_path or "", duties.SUPERIOR)
    return [one for one in found if one.id != actor.id]


def investigators(session: Session, application: Application) -> list[Staff]:
    """Who of this township goes to see people."""
    return holding(session, application.region_code or "", {Role.TOWNSHIP_INVESTIGATOR})


def of_place(session: Session, *, actor: Actor) -> list[Staff]:
    """The investigators this person may look for in the lists: their township's."""
    if not actor.holds(*duties.TOWNSHIP):
        return []
    return holding(session, actor.region_code, {Role.TOWNSHIP_INVESTIGATOR})


def assign(
    session: Session,
    application: Application,
    staff_id: UUID | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Give the visit to one investigator of the township, or to whoever comes next (None).

    By anybody of the township. Raises Forbidden, Invalid.
    """
    if not actor.holds(*duties.TOWNSHIP):
        raise Forbidden("由乡镇（街道）分派。", code="party_not_allowed")
    front_door.find(session, application.id, actor=actor)
    known = {one.id for one in investigators(session, application)}
    if staff_id is not None and staff_id not in known:
        wrong = "请从名单里选。"
        raise Invalid(wrong, fields={"investigator": [wrong]})
    application.investigator_id = staff_id
    detail = {"investigator": str(staff_id or "")}
    audit.record(
        session, "assign.file", actor=str(actor), subject=application.id, detail=detail, now=now
    )
