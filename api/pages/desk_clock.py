"""The desk's clocks: the bar of a file and its extension; what is late, told, and waits."""

from typing import Any
from uuid import UUID

from flask import Response, request

from api import clocks
from api.context import session
from api.pages import desk, desk_look, desk_room, go
from portal.casework import events
from portal.casework.clock.digest import FIGURES
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid
from portal.policy.catalogue import Program

pages = desk_room.room("desk_clock")

LEVELS = {"township": "乡镇（街道）", "county": "县民政局"}


def panel(application: Application, program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/clock.html is given; None when there is nothing to show now."""
    rows = clocks.of(application)
    if not rows:
        return None
    return {"rows": rows, "reasons": clocks.extensions(application), "nudges": _nudges(application)}


@pages.get("/clock")
def board() -> Response:
    return desk_look.page(
        "desk/clock.html",
        board=clocks.read_board(),
        figure_words=FIGURES,
        levels=LEVELS,
        day=local_date,
    )


@pages.post("/files/<uuid:application_id>/extensions")
def extend(application_id: UUID) -> Response:
    reason, sentence = (request.form.get(name, "")[:300] for name in ("reason", "sentence"))
    try:
        clocks.extend(application_id, reason, sentence)
    except Invalid as refusal:
        return desk_look.file_page(desk.afresh(application_id), refusal=refusal, form="extension")
    return go(f"{desk_look.at(application_id)}#clock")


def _nudges(application: Application) -> list[CaseEvent]:
    return [e for e in events.of(session(), application) if e.kind == "nudged"]
