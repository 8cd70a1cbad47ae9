"""The clocks of a case over HTTP: for its applicant and for the office, and the nudge."""

from typing import Any
from uuid import UUID

from api import office
from api.context import actor, now, portal, session
from portal.casework.clock import bar, board, extension, nudges, totals
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import spoken
from portal.policy.lifecycle import Extension


def of(application: Application) -> list[dict[str, Any]]:
    """The bar, the same for both sides."""
    catalogue = portal().catalogue
    program = catalogue.find(application.program_id)
    return bar.bar(session(), application, program, now=now(), catalogue=catalogue)


def mine(application: Application) -> dict[str, Any]:
    """The bar and the nudge, for the applicant."""
    return nudges.for_applicant(session(), application, portal().catalogue, now=now())


def extensions(application: Application) -> list[Extension]:
    """The listed reasons this person can extend for now; none when there is no way."""
    catalogue = portal().catalogue
    if not extension.may(session(), application, catalogue, actor=actor(), now=now()):
        return []
    return totals.reasons(catalogue.find(application.program_id))


def extend(application_id: UUID, reason: str, sentence: str) -> Application:
    application = office.find(application_id)
    extension.extend(
        session(), application, portal().catalogue, reason, sentence, actor=actor(), now=now()
    )
    return application


def nudge(application: Application) -> CaseEvent:
    return nudges.nudge(session(), application, portal().catalogue, actor=actor(), now=now())


def read_board() -> board.Board:
    return board.read(session(), portal().catalogue, actor=actor(), now=now())


def as_json(found: board.Board) -> dict[str, Any]:
    """The board as plain values."""
    return {
        "figures": found.figures,
        "overdue": [_line(line) for line in found.overdue],
        "soon": [_line(line) for line in found.soon],
        "told": [
            {**_which(one), "title": one.title, "levels": list(one.levels), "told_at": one.made_at}
            for one in found.told
        ],
        "parked": [
            {"client": one.client, "seq": one.seq, "kind": one.kind, "why": one.why,
             "reference_no": one.reference_no, "received_at": one.received_at}
            for one in found.parked
        ],
        "digests": [
            {"day": one.day, "figures": one.figures, "texts": one.texts,
             "made_text": spoken(one.made_at)}
            for one in found.digests
        ],
    }  # fmt: skip


def _line(line: board.Line) -> dict[str, Any]:
    return {**_which(line), "step": line.step, "title": line.title, "ours": line.ours,
            "over": line.over}  # fmt: skip


def _which(line: board.Line | board.Told) -> dict[str, Any]:
    return {
        "application_id": line.application.id,
        "reference_no": line.application.reference_no,
        "program": line.program,
        "status": line.application.status,
        "due_on": line.due_on,
    }
