"""一户一条救助帮扶链: every aid of one household, who answers for it, and what comes next."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import events, stages, timeline
from portal.casework.after import rechecks
from portal.casework.decision import heard
from portal.casework.referral import referrals
from portal.casework.referral.told import STATES
from portal.filing import family
from portal.filing.tables import Application
from portal.policy.catalogue import Catalogue
from portal.policy.eligibility.words import yuan
from portal.policy.lifecycle import FINAL, Status


def links(
    session: Session, files: Sequence[Application], catalogue: Catalogue, *, now: datetime
) -> list[dict[str, Any]]:
    """One link a file, what runs before what is over: {"id", "reference_no", "program",
    "label", "over", "aid", "until", "who", "call", "next", "by", "recheck", "passed_on":
    [{"to", "number", "state"}]}. Drafts are no aid yet."""
    handed_in = [one for one in files if one.submission_no]
    found = [_link(session, one, catalogue, now) for one in handed_in]
    return sorted(found, key=lambda link: bool(link["over"]))


def _link(
    session: Session, application: Application, catalogue: Catalogue, now: datetime
) -> dict[str, Any]:
    status = Status(application.status)
    story = timeline.timeline(session, application, catalogue, now=now)
    due = rechecks.shown(session, application, now=now)
    granted = status in family.APPROVED
    amount = heard.paid(session, application) if granted else None
    return {
        "id": str(application.id),
        "reference_no": application.reference_no,
        "program": catalogue.find(application.program_id).short,
        "label": stages.LABELS[status],
        "over": status in FINAL,
        "aid": f"每月{yuan(amount)}元" if amount else "",
        "until": _until(session, application) if status is Status.GRADUATING else "",
        "who": _who(status),
        "call": story["call"],
        "next": story["next"]["what"],
        "by": story["next"]["by_text"],
        "recheck": f"{due['due_text']}前看看变没变" if due else "",
        "passed_on": [
            {"to": one.department, "number": referrals.number(one), "state": STATES[one.state]}
            for one in referrals.of(session, application)
        ],
    }


def _who(status: Status) -> str:
    """Whoever has the turn; while money is paid nobody has, and the township looks after them."""
    if status in FINAL:
        return ""
    turn = stages.turn(status)
    return stages.TURNS["township" if turn == "nobody" else turn]


def _until(session: Session, application: Application) -> str:
    """渐退 ends on a day the person was told; what comes after is another decision."""
    for event in reversed(events.of(session, application)):
        if event.kind == "graduating":
            day = date.fromisoformat(events.said(session, application, event)["until"])
            return f"渐退到{timeline.day_text(day)}，到期前再听您的意见"
    return ""
