"""What was given and what is still to be put on file, in words for both sides of the window."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import events, limits
from portal.casework.aid import grants, handing, papers
from portal.casework.aid.grants import Given
from portal.casework.aid.ledger import yuan
from portal.casework.aid.papers import Paper
from portal.casework.aid.tables import AidInstalment
from portal.casework.said import AIDED_HOW
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status

LATER = "手续由乡镇来补。"
NOTHING_BACK = "补不齐，也不收回救助。"
_STATES = {papers.OPEN: "还没有", papers.DONE: "有了", papers.CANNOT: "拿不到，不要紧"}


def for_applicant(
    session: Session, application: Application, program: Program, *, now: datetime
) -> dict[str, Any] | None:
    """What the applicant reads; None while nothing was granted.

    `given` [{title, amount, parts [{text, when, state: paid · due · late · dropped}]}],
    `papers` [{title, state, text}], `later` [sentences], `by` {text, basis} or None.
    """
    found = grants.of(session, application)
    if not found:
        return None
    listed = papers.of(session, application, program)
    going = application.status == Status.MAKING_UP
    return {
        "given": [_given(one, now) for one in found],
        "papers": [_paper(paper) for paper in listed] if going else [],
        "later": [LATER, NOTHING_BACK] if going and listed else [],
        "by": papers_by(session, application, program) if going else None,
    }


def papers_by(
    session: Session, application: Application, program: Program
) -> dict[str, str] | None:
    """By when the township makes up the papers, where the place has said so; else None."""
    starts = _starts(events.of(session, application))
    path = application.region_path or ""
    found = limits.limit(program, path, ("first_aid_papers",), starts)
    if found is None or found.on is None:
        return None
    return {"text": f"最迟{day_text(found.on)}", "basis": found.basis}


def part_text(part: AidInstalment, said: Mapping[str, Any]) -> str:
    """现金200元 · 实物（棉被两床），折200元."""
    how, money = AIDED_HOW.get(part.form, part.form), yuan(part.amount)
    if part.form in ("goods", "service"):
        what = f"（{said['what']}）" if said.get("what") else ""
        return f"{how}{what}，折{money}元"
    return f"{how}{money}元"


def part_state(part: AidInstalment, *, on: date) -> str:
    """paid · dropped · late · due."""
    if part.paid_at is not None:
        return "paid"
    if part.dropped is not None:
        return "dropped"
    return "late" if part.due_on is not None and part.due_on < on else "due"


def part_when(part: AidInstalment) -> str:
    """When it was given, or is to be; empty for an open one without a day."""
    if part.paid_at is not None:
        return f"{day_text(local_date(part.paid_at))}已发"
    if part.dropped is not None:
        return f"不再发：{handing.DROPPED.get(part.dropped, '')}"
    return f"{day_text(part.due_on)}发" if part.due_on else "还没有发"


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _given(one: Given, now: datetime) -> dict[str, Any]:
    return {
        "title": grants.BASES.get(one.grant.basis, "救助"),
        "amount": one.grant.amount,
        "amount_text": f"{yuan(one.grant.amount)}元",
        "parts": [
            {
                "text": part_text(part, said),
                "when": part_when(part),
                "state": part_state(part, on=local_date(now)),
            }
            for part, said in one.parts
        ],
    }


def _paper(paper: Paper) -> dict[str, str]:
    state = paper.row.state
    if state == papers.OPEN and paper.photographed:
        return {"title": paper.title, "state": papers.DONE, "text": "照片收到了"}
    return {"title": paper.title, "state": state, "text": _STATES[state]}


def _starts(happened: Sequence[CaseEvent]) -> dict[str, datetime]:
    first = [event.at for event in happened if event.kind == "aided"][:1]
    return {"first_aid": first[0]} if first else {}
