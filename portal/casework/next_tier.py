"""The next tier by itself: 低保 refused or stopped → 低保边缘 → 刚性支出困难.

The person need not know thirteen programs: what was given for one is looked at for the next
(社会救助法 第21、22、42、62条). The person is told, and may say no with one tap.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.filing import applications, family
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.crash import crash_around_commit, crash_point
from portal.foundation.database import Database
from portal.handover import carrying, submission
from portal.people.tables import Household
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Party, Status

WHY = "next_tier"
_AT_ONCE = 50
_HAPPENED: Mapping[str, str] = {Status.DENIED: "没有批准", Status.STOPPED: "停了"}
"""Never after 不予受理, a withdrawal, or an end for want of cooperation."""
_APPLICANT = "applicant"
_log = logging.getLogger(__name__)


class Files(Protocol):
    """The two parts of a Portal used here."""

    @property
    def database(self) -> Database: ...
    @property
    def catalogue(self) -> Catalogue: ...


def open_due(portal: Files, *, now: datetime) -> int:
    """Settle every refusal and stop nobody has looked at yet; how many.

    One commit a file: killed anywhere it is settled once and whole, or not yet.
    """
    rows = select(Application.id).where(*_due(portal.catalogue)).order_by(Application.closed_at)
    with portal.database.reading() as session:
        due = list(session.scalars(rows.limit(_AT_ONCE)))
    return sum(_try(portal, application_id, now=now) for application_id in due)


def settle(
    session: Session, application: Application, catalogue: Catalogue, *, now: datetime
) -> Application | None:
    """The next tier's file, opened now; None where there is none to open.

    The caller has locked the row and seen that it was refused or stopped.
    """
    application.next_tier_at = now
    program = catalogue.find(application.program_id)
    following = catalogue.find(program.next_tier)
    why_not = _why_not(session, application, catalogue, following)
    if why_not:
        detail = {"program": following.id, "why": why_not}
        what = "next_tier.none"
        audit.record(session, what, actor="portal", subject=application.id, detail=detail, now=now)
        return None
    made = carrying.carry(session, application, catalogue, following, WHY, actor="portal", now=now)
    said = {"sentence": _sentence(session, application, made, program, following)}
    events.record(
        session, made, "next_tier", after=None, party=Party.PORTAL, actor="portal", said=said,
        now=now,
    )  # fmt: skip
    return made


def _try(portal: Files, application_id: UUID, *, now: datetime) -> int:
    """No fault of one file may hold up the next."""
    try:
        return _one(portal, application_id, now=now)
    except Exception as fault:
        _log.error("next tier of %s was not opened: %s", application_id, type(fault).__name__)
        return 0


def _one(portal: Files, application_id: UUID, *, now: datetime) -> int:
    crash_point("N1")
    with portal.database.writing() as session:
        rows = select(Application).where(Application.id == application_id, *_due(portal.catalogue))
        application = session.scalars(rows.with_for_update()).first()
        if application is None:
            return 0
        settle(session, application, portal.catalogue, now=now)
        crash_point("N2")
        crash_around_commit(session, "", "N3")
    return 1


def _due(catalogue: Catalogue) -> list[ColumnElement[bool]]:
    with_a_next = [p.id for p in catalogue.programs.values() if p.next_tier]
    return [
        Application.status.in_(list(_HAPPENED)),
        Application.next_tier_at.is_(None),
        Application.program_id.in_(with_a_next),
    ]


def _why_not(
    session: Session, application: Application, catalogue: Catalogue, following: Program
) -> str:
    """granted: the household has this status or a stronger one · open: it is being looked at
    already · erased: nothing is left to carry · died: the person it was about · empty: nothing
    stands against it."""
    if not applications.readable(session, application):
        return "erased"
    if _has_died(session, application):
        return "died"
    if application.household_id is None:
        return ""
    household = session.get_one(Household, application.household_id)
    stronger = {p for p in catalogue.programs if following.id in catalogue.ladder(p)}
    if not (stronger | {following.id}).isdisjoint(family.recognised(session, household)):
        return "granted"
    return "open" if family.open_in(session, household, following.id) else ""


def _has_died(session: Session, application: Application) -> bool:
    """Whether an office has noted it before the file was stopped."""
    noted = [e for e in events.of(session, application) if e.kind == "death"]
    return any(events.said(session, application, e).get("member") == _APPLICANT for e in noted)


def _sentence(
    session: Session,
    application: Application,
    made: Application,
    program: Program,
    following: Program,
) -> str:
    happened = f"{program.short}{_HAPPENED[application.status]}。"
    if made.submission_no:
        return f"{happened}我们已帮您转评{following.short}，不用再交材料。"
    number = len(submission.lacking(session, made, following))
    return f"{happened}可以转评{following.short}，请再答{number}题。"
