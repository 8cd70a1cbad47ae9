"""What runs after a decision: the oldest objection to what was made public, and the oldest
unanswered word that somebody in 特困供养 can do less or more for themselves.

Against a 特困 stop a law counts the days (43号 第26条); against a grant none does: as for a
complaint (社会救助法 第68条), our own target, called ours. Self-care is looked at again within
the days of 43号 第23条.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.casework import limits
from portal.casework.after.changes import SELFCARE as ABOUT_SELFCARE
from portal.casework.after.tables import ChangeReport
from portal.casework.decision import objections
from portal.casework.limits import OURS
from portal.contact.rules import rules
from portal.filing.tables import Application
from portal.policy.catalogue import Deadline, Program, Source
from portal.policy.lifecycle import FINAL

GRANT, STOP, SELFCARE = "grant_objection", "stop_objection", "selfcare_check"
_TITLE = "查清公布以后的异议"


def limits_of(
    session: Session, application: Application, program: Program
) -> list[tuple[Deadline, datetime]]:
    """The limit and its first moment, of each kind that has an open objection."""
    found: dict[str, tuple[Deadline, datetime]] = {}
    for one in objections.open_ones(session, application):
        about = objections.about(session, one)
        if about == objections.DECISION:
            found.setdefault(about, (ours(), one.received_at))
        elif about == objections.STOP:
            of_law = limits.rule(program, application.region_path or "", "objection")
            rule = of_law if of_law is not None and of_law.days is not None else ours()
            found.setdefault(about, (replace(rule, step=STOP, title=_TITLE), one.received_at))
    since = selfcare_since(session, application)
    again = limits.rule(program, application.region_path or "", SELFCARE)
    if since is not None and again is not None:
        found[SELFCARE] = (again, since)
    return list(found.values())


def selfcare_since(session: Session, application: Application) -> datetime | None:
    """When the oldest unanswered report about self-care came; None when there is none, and in
    a file that is closed."""
    if application.status in FINAL:
        return None
    rows = select(func.min(ChangeReport.reported_at)).where(
        ChangeReport.application_id == application.id, ChangeReport.kind == ABOUT_SELFCARE,
        ChangeReport.answered_at.is_(None),
    )  # fmt: skip
    return session.scalar(rows)


def runs(session: Session, application: Application) -> bool:
    """Whether anything has to be watched although the file is paid or over."""
    return bool(objections.open_ones(session, application)) or (
        selfcare_since(session, application) is not None
    )


def ours() -> Deadline:
    """So long we give ourselves."""
    days = rules().complaint_workdays
    return Deadline(GRANT, _TITLE, days, "workday", "objected", Source(OURS, confidence="D"))
