"""Who may visit a household: staff of its township or county who investigate, two at a time."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import duties
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people import access
from portal.people.access import Actor, Role
from portal.people.tables import Staff
from portal.policy.lifecycle import Party

TWO = 2
"""民发〔2021〕57号 第16条."""
_TOO_FEW = "要有两个不同的调查人员。"


def available(session: Session, application: Application) -> list[Staff]:
    """Active staff whose division holds the file and who investigate, by name."""
    rows = select(Staff).where(Staff.active).order_by(Staff.display_name, Staff.username)
    path = application.region_path or ""
    return [
        one
        for one in session.scalars(rows)
        if _investigates(one) and access.covers(one.region_code, path)
    ]


def chosen(session: Session, application: Application, ids: Sequence[UUID]) -> list[Staff]:
    """Two or more different ones of those available, in the order given. Raises Invalid."""
    found = known(session, application, ids)
    check_two(str(one.id) for one in found)
    return found


def check_two(ids: Iterable[str]) -> None:
    """Raises Invalid (two_investigators) for fewer than two different people."""
    if len(set(ids)) < TWO:
        raise Invalid(_TOO_FEW, code="two_investigators", fields={"investigators": [_TOO_FEW]})


def known(session: Session, application: Application, ids: Sequence[UUID]) -> list[Staff]:
    """Those available, each once; fewer than two in a draft. Raises Invalid for any other."""
    here = {one.id: one for one in available(session, application)}
    if any(one not in here for one in ids):
        raise Invalid("请从名单里选调查人员。", fields={"investigators": ["请从名单里选。"]})
    return [here[one] for one in dict.fromkeys(ids)]


def named(session: Session, ids: Iterable[str]) -> list[str]:
    """Their names as people call them; two of the same name are told apart."""
    found = [session.get(Staff, UUID(one)) for one in ids]
    staff = [one for one in found if one is not None]
    names = [one.display_name for one in staff]
    return [
        name if names.count(name) == 1 else f"{name}（{one.username}）"
        for name, one in zip(names, staff, strict=True)
    ]


def check_duty(actor: Actor, application: Application, *roles: Role) -> None:
    """Raises Forbidden for anybody without one of the roles, NotFound for a foreign file."""
    duties.check_staff(actor)
    if not actor.holds(*roles):
        raise Forbidden("这一步不由您这个岗位办理。", code="party_not_allowed")
    if not application.submission_no or not access.covers(
        actor.region_code, application.region_path or ""
    ):
        raise NotFound("没有找到这份申请。")


def party(actor: Actor) -> Party:
    """For whom this member of staff speaks."""
    return Party.COUNTY if actor.role in duties.COUNTY else Party.TOWNSHIP


def check_machine(application: Application) -> None:
    """Raises Conflict where nothing is surveyed here: another department does it."""
    if application.machine == "referral":
        raise Conflict("这个项目由接收部门调查。", code="not_surveyed_here")


def _investigates(one: Staff) -> bool:
    return Role.TOWNSHIP_INVESTIGATOR in (one.role, *one.also.split(","))
