"""Which member of staff answers for which department."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework.referral.tables import DepartmentMember
from portal.foundation import audit
from portal.foundation.errors import Invalid
from portal.people.access import Actor, Role
from portal.people.tables import Staff
from portal.policy.catalogue import Catalogue


def named(catalogue: Catalogue) -> tuple[str, ...]:
    """Every receiver a program names, once, in the order of the programs."""
    found = [p.referral.to for p in catalogue.programs.values() if p.referral is not None]
    return tuple(dict.fromkeys(found))


def assign(
    session: Session,
    catalogue: Catalogue,
    staff_id: UUID,
    departments: Collection[str],
    *,
    now: datetime,
    actor: str = "portal",
) -> None:
    """From now on this person answers for exactly these. Raises Invalid for an unknown one."""
    unknown = set(departments) - set(named(catalogue))
    member = session.get(Staff, staff_id)
    if unknown or member is None:
        raise Invalid("没有这个部门。", fields={"department": ["请从列出的部门里选。"]})
    if member.role != Role.DEPARTMENT_CLERK:
        raise Invalid("这个人不是专项部门人员。", fields={"role": ["请先给专项部门的角色。"]})
    rows = select(DepartmentMember).where(DepartmentMember.staff_id == staff_id)
    for row in session.scalars(rows).all():
        session.delete(row)
    session.flush()
    session.add_all(
        DepartmentMember(staff_id=staff_id, department=name, since=now) for name in departments
    )
    session.flush()
    detail = {"staff": str(staff_id), "departments": sorted(departments)}
    audit.record(session, "assign.department", actor=actor, now=now, detail=detail)


def member(session: Session, username: str) -> Staff:
    """The member of staff of that name. Raises Invalid."""
    rows = select(Staff).where(Staff.username == username.strip().lower())
    found = session.scalars(rows).first()
    if found is None:
        raise Invalid("没有这个用户名。", code="username")
    return found


def of(session: Session, *, actor: Actor) -> frozenset[str]:
    """For whom this person reads referrals; nobody without the role."""
    if not actor.holds(Role.DEPARTMENT_CLERK):
        return frozenset()
    rows = select(DepartmentMember.department).where(DepartmentMember.staff_id == actor.id)
    return frozenset(session.scalars(rows))


def has_account(session: Session, department: str, region_code: str) -> bool:
    """Whether somebody of this county's department can read it at the desk."""
    rows = (
        select(DepartmentMember.staff_id)
        .join(Staff, Staff.id == DepartmentMember.staff_id)
        .where(
            DepartmentMember.department == department,
            Staff.region_code == region_code,
            Staff.active,
        )
    )
    return session.scalars(rows.limit(1)).first() is not None
