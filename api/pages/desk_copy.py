"""Re-keying into another system: an answer a key press, or chosen files as one table."""

from uuid import UUID

from flask import Response, request

from api import desk_reading
from api.context import actor, now, portal, session
from api.pages import desk, desk_look, desk_room
from portal.casework import copying, openings, queue
from portal.filing.tables import Application
from portal.foundation.errors import Invalid
from portal.policy import copy_order

pages = desk_room.room("desk_copy")
_LOOKING = {k: v for k, v in openings.REASONS.items() if k != "supervise"}


@pages.get("/files/<uuid:application_id>/copy")
def masked(application_id: UUID) -> Response:
    """With masked numbers; whole ones need a reason."""
    desk_reading.note("read.file", application_id)
    return _copy_page(desk.find(application_id))


@pages.post("/files/<uuid:application_id>/copy")
def whole(application_id: UUID) -> Response:
    application, said = desk.find(application_id), request.form
    try:
        copying.note_copying(
            session(), application, said.get("reason", ""), said.get("words", ""),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return _copy_page(desk.afresh(application_id), refusal=refusal)
    return _copy_page(application, revealed=True)


@pages.get("/export")
def choose() -> Response:
    copying.check(actor())
    return _export_page()


@pages.post("/export")
def export() -> Response:
    """One table of the chosen files, each of which remembers that it left and why."""
    try:
        return desk_reading.table(
            [f for text in request.form.getlist("file") if (f := desk.uuid_of(text))],
            request.form.get("format", ""), request.form.get("reason", ""),
            request.form.get("words", ""), whole="whole" in request.form,
        )  # fmt: skip
    except Invalid as refusal:
        session().rollback()
        return _export_page(refusal)


def _copy_page(
    application: Application, *, revealed: bool = False, refusal: Invalid | None = None
) -> Response:
    program = portal().catalogue.find(application.program_id)
    return desk_look.page(
        "desk/copy.html", 422 if refusal else 200, application=application, program=program,
        rows=copying.rows(session(), application, program, revealed=revealed),
        order=copy_order.of(application.region_path or "").title, revealed=revealed,
        refusal=refusal, typed=request.form, looking=_LOOKING,
    )  # fmt: skip


def _export_page(refusal: Invalid | None = None) -> Response:
    wanted = desk_look.wanted()
    found = queue.lists(
        session(), actor=actor(), now=now(), wanted=wanted, catalogue=portal().catalogue
    )
    lines = {line.application.id: line for s in found.sections for line in s.lines}
    return desk_look.page(
        "desk/export.html", 422 if refusal else 200, lines=list(lines.values()), wanted=wanted,
        refusal=refusal, typed=request.form, looking=_LOOKING,
        ticked=set(request.form.getlist("file")),
    )  # fmt: skip
