"""What the desk sees of the aid in one file, and what this person can do with it now."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import duties
from portal.casework.aid import ceilings, conferences, first, grants, ledger, papers, told
from portal.casework.aid.arrival import PROGRAM
from portal.casework.aid.grants import Given
from portal.casework.aid.ledger import yuan
from portal.casework.said import AIDED_HOW
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.people.access import Actor, Role
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import FINAL, Status

_FRONT = frozenset({Status.SUBMITTED, Status.ACCEPTED})
_GOING = frozenset({Status.AIDED, Status.MAKING_UP})
_TALKED_OVER = frozenset({Status.ACCEPTED, Status.COUNTY_REVIEW}) | _GOING
_COUNTY = (Role.COUNTY_CONFIRMER, Role.COUNTY_CLERK)


def at_desk(
    session: Session,
    catalogue: Catalogue,
    application: Application,
    *,
    actor: Actor,
    now: datetime,
) -> dict[str, Any] | None:
    """Plain values for page and JSON; None for a file of another road or another's work.

    `may` {small, first, again, up, confer, minutes, plan, pay, papers, close}, `given`,
    `papers`, `by`, `conferences`, `limits`, `person`, `cause`, `decided` 分 or None.
    """
    works = actor.holds(*duties.READING)
    if application.machine != "emergency" or not works:
        return None
    program = catalogue.find(application.program_id)
    answers = applications.answers(session, application)
    found, on = grants.of(session, application), local_date(now)
    return {
        "may": _may(session, application, found, actor),
        "given": [_given(one, on) for one in found],
        "papers": [_paper(paper) for paper in papers.of(session, application, program)],
        "by": told.papers_by(session, application, program),
        "conferences": [_conference(one, found) for one in conferences.of(session, application)],
        "limits": limits(session, catalogue, application.region_path or "", on=on),
        "person": str(answers.get("applicant_name") or ""),
        "cause": str(answers.get("what_happened") or "")[:200],
        "decided": first.decided_amount(session, application),
        "forms": dict(AIDED_HOW),
    }


def limits(session: Session, catalogue: Catalogue, path: str, *, on: date) -> dict[str, Any]:
    """The ceilings of a place in words, and what its box holds (分, None without a book)."""
    standard = ceilings.one_month(catalogue, path, on=on)
    township = ceilings.township(catalogue, path, on=on)
    in_hand = ceilings.in_hand(catalogue, path, on=on)
    fund = ledger.fund_of(session, path.rpartition("/")[2])
    return {
        "month": _month(standard),
        "lower": standard.lower,
        "higher": standard.higher,
        "floor": standard.floor,
        "township": township.value,
        "township_words": f"乡镇限额{yuan(township.value)}元" if township.value else "",
        "in_hand": f"{yuan(in_hand.value)}元以上一般打卡" if in_hand.value else "",
        "box": fund.balance if fund else None,
    }


def due(
    session: Session, catalogue: Catalogue, *, actor: Actor, now: datetime
) -> list[tuple[Application, str]]:
    """Files of this division where something is still to be given or made up, with what."""
    duties.check_reader(actor)
    program = catalogue.find(PROGRAM)
    return [
        (file, _waiting_for(session, program, file, on=local_date(now)))
        for file in grants.going(session, actor=actor)
    ]


def _month(standard: ceilings.Standard) -> str:
    named = (("农村", standard.rural), ("城市", standard.urban))
    known = [f"{name}{yuan(value)}元" for name, value in named if value is not None]
    if not known:
        return f"一个月低保标准：{ceilings.UNKNOWN}"
    least = "至少" if standard.floor else ""
    return f"一个月低保标准：{least}{'、'.join(known)}"


def _may(
    session: Session, application: Application, found: list[Given], actor: Actor
) -> dict[str, bool]:
    status = Status(application.status)
    keeper = actor.holds(*ledger.KEEPERS) and actor.region_code == application.region_code
    clerk = keeper and actor.holds(Role.TOWNSHIP_CLERK)
    inside = actor.region_code == application.county_code
    confirmer = inside and actor.holds(Role.COUNTY_CONFIRMER)
    open_part = any(
        p.paid_at is None and p.dropped is None for one in found for p, _said in one.parts
    )
    accepted = status is Status.ACCEPTED and keeper
    planned = any(one.grant.basis == grants.COUNTY for one in found)
    decided = status in (Status.APPROVED, Status.PAYING)
    return {
        "small": (status is Status.SUBMITTED and clerk) or accepted,
        "first": (status is Status.SUBMITTED and clerk) or accepted,
        "again": status in _GOING and keeper,
        "up": keeper and (status in _GOING or accepted or (status in _FRONT and clerk)),
        "confer": status in _TALKED_OVER and (keeper or (inside and actor.holds(*_COUNTY))),
        "minutes": status not in FINAL and inside and actor.holds(*_COUNTY),
        "plan": decided and confirmer and not planned,
        "pay": open_part and status not in FINAL and (keeper or (decided and inside)),
        "papers": status in _GOING and keeper,
        "close": (status in _GOING and keeper) or (status is Status.PAYING and confirmer),
    }


def _given(one: Given, on: date) -> dict[str, Any]:
    return {
        "id": str(one.grant.id),
        "basis": one.grant.basis,
        "title": grants.BASES[one.grant.basis],
        "amount": one.grant.amount,
        "amount_text": f"{yuan(one.grant.amount)}元",
        "at": one.grant.at.isoformat(),
        "said": dict(one.said),
        "parts": [
            {
                "id": str(part.id),
                "no": part.no,
                "amount": part.amount,
                "form": part.form,
                "text": told.part_text(part, said),
                "when": told.part_when(part),
                "state": told.part_state(part, on=on),
                "from_box": part.line_id is not None,
                "to": said.get("to", ""),
                "witness": said.get("witness", ""),
            }
            for part, said in one.parts
        ],
    }


def _paper(paper: papers.Paper) -> dict[str, Any]:
    return {
        "item": paper.row.item,
        "title": paper.title,
        "state": paper.row.state,
        "words": paper.words,
        "photographed": paper.photographed,
    }


def _conference(one: conferences.Conference, found: list[Given]) -> dict[str, Any]:
    used = sum(g.grant.amount for g in found if g.grant.conference_id == one.row.id)
    return {
        "id": str(one.row.id),
        "reason": one.reason,
        "held_on": one.row.held_on.isoformat() if one.row.held_on else None,
        "amount": one.row.amount,
        "left": (one.row.amount or 0) - used,
        "people": one.minutes.get("people", ""),
        "words": one.minutes.get("words", ""),
    }


def _waiting_for(session: Session, program: Program, file: Application, *, on: date) -> str:
    parts = grants.unpaid(session, file)
    late = [part for part in parts if part.due_on is not None and part.due_on < on]
    if late:
        return f"{len(late)}笔过了发放日"
    if parts:
        return f"{len(parts)}笔待发"
    by: Mapping[str, str] = told.papers_by(session, file, program) or {}
    return f"补手续{by.get('text', '')}"
