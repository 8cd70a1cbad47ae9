"""谁看过我的材料: every look of an office at a file, in words for the person it is about."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import openings
from portal.casework.tables import OfficeClient
from portal.filing.tables import Application
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.clock import local_date, spoken
from portal.foundation.errors import NotFound
from portal.people.access import Role
from portal.people.tables import Staff
from portal.policy import regions

ROLES: Mapping[str, str] = {
    Role.TOWNSHIP_CLERK: "受理窗口",
    Role.TOWNSHIP_INVESTIGATOR: "调查人员",
    Role.TOWNSHIP_REVIEWER: "初审人员",
    Role.COUNTY_CLERK: "县民政局经办",
    Role.COUNTY_CHECKER: "县核对人员",
    Role.COUNTY_CONFIRMER: "县审核确认人员",
    Role.DEPARTMENT_CLERK: "专项救助部门",
    Role.SUPERVISOR: "监管人员",
    Role.AUDITOR: "审计、纪检人员",
    Role.BACK_OFFICE: "后台系统",
}
_LOOKS = {
    "read.file": "看了申请",
    "read.photo": "看了照片",
    "read.form": "看了申请表",
    "read.voice": "听了留言",
    "read.mandate_voice": "听了委托的录音",
    "read.survey": "看了调查表",
    "read.check": "看了核对内容",
    "dossier.read": "取走材料",
    "dossier.taken": "收下材料",
    "read.referral": "看了转介的几项",
    "print.referral": "打印了转介单",
}
_OPENED = {
    "file": "打开了申请",
    "number": "看了完整号码",
    "copy": "抄录了填报内容",
    "export": "导出了填报内容",
}


@dataclass
class _Look:
    """The same thing seen by the same office on one day is one line."""

    at: datetime
    office: str
    role: str
    what: str
    reason: str = ""
    photos: set[str] = field(default_factory=set)


def of(session: Session, application: Application) -> list[dict[str, Any]]:
    """Newest first: {at, on_text, office, role, what, reason}; offices and roles, no names.

    The same look by the same office on one day is told once. The applicant's own looks and
    the portal's are left out.
    """
    known: dict[tuple[Any, ...], _Look] = {}
    for look in _looks(session, application):
        key = (local_date(look.at), look.office, look.role, look.what, look.reason)
        first = known.setdefault(key, look)
        first.photos |= look.photos
    return [
        {
            "at": look.at.isoformat(), "on_text": spoken(look.at), "office": look.office,
            "role": look.role, "reason": look.reason,
            "what": f"{look.what}{len(look.photos)}张" if look.photos else look.what,
        }
        for look in sorted(known.values(), key=lambda one: one.at, reverse=True)
    ]  # fmt: skip


def _looks(session: Session, application: Application) -> Iterator[_Look]:
    rows = select(AuditEntry).where(
        AuditEntry.subject == application.id,
        AuditEntry.action.in_([*_LOOKS, "open.file"]),
    )
    reasons = {o.id: o for o in openings.of(session, application)}
    for entry in session.scalars(rows.order_by(AuditEntry.at)):
        detail = json.loads(entry.detail)
        found = _whose(session, entry.actor, detail)
        if found is None:
            continue
        opening = reasons.get(UUID(detail["opening"])) if "opening" in detail else None
        if opening is not None:
            why = openings.in_words(session, application, opening)
            yield _Look(entry.at, *found, _OPENED.get(opening.what, "看了申请"), why)
        elif entry.action in _LOOKS:
            seen = {detail["document"]} if "document" in detail else set()
            yield _Look(entry.at, *found, _LOOKS[entry.action], photos=seen)


def _whose(session: Session, actor: str, detail: dict[str, Any]) -> tuple[str, str] | None:
    """(office, role in words) of a member of staff or an outside office; None for others."""
    kind, _, rest = actor.partition(":")
    if kind == "staff":
        staff = session.get(Staff, UUID(rest))
        region = detail.get("region") or (staff.region_code if staff else "")
        role = detail.get("role") or (staff.role if staff else "")
        return _place(session, region), ROLES.get(Role(role), "工作人员") if role else "工作人员"
    if kind == "office":
        client = session.get(OfficeClient, rest)
        return _place(session, client.region_code if client else ""), ROLES[Role.BACK_OFFICE]
    return None


def _place(session: Session, code: str) -> str:
    try:
        return regions.full_name(session, code)
    except NotFound:
        return "办理单位"
