"""Which total holds from 受理 to the decision, and why: 30, 20 where townships decide, 45 for a
listed reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.casework import events, limits
from portal.casework.decision import standing
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.policy.catalogue import Catalogue, Deadline, Program
from portal.policy.lifecycle import EXTENSIONS, Extension

LONGEST, DELEGATED, USUAL = "total_hard", "total_delegated", "total"


@dataclass(frozen=True)
class Total:
    rule: Deadline
    why: str = ""


def of(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue | None,
    happened: Sequence[CaseEvent],
) -> Total | None:
    """The total of this case; None where none was published.

    社会救助法 第44条: who decides is the province's to say.
    """
    path = application.region_path or ""
    reason = extended_for(session, application, program, happened)
    longest = limits.rule(program, path, LONGEST)
    if reason is not None and longest is not None:
        return Total(longest, f"{reason.text}，已延长")
    shorter = limits.rule(program, path, DELEGATED)
    if shorter is not None and catalogue and standing.delegated(catalogue, application):
        return Total(shorter)
    usual = limits.rule(program, path, USUAL)
    return Total(usual) if usual is not None and usual.days is not None else None


def reasons(program: Program) -> list[Extension]:
    """The listed reasons that can extend this program's total; none where no text allows it."""
    if not any(d.step == LONGEST for d in program.deadlines):
        return []
    return [line for line in EXTENSIONS if program.id in line.programs]


def extended_for(
    session: Session, application: Application, program: Program, happened: Sequence[CaseEvent]
) -> Extension | None:
    """Why it was extended; None when it was not."""
    told = [event for event in happened if event.kind == "extended"]
    if not told:
        return None
    code = events.said(session, application, told[-1]).get("reason")
    return next((line for line in reasons(program) if line.code == code), None)
