"""The desk's boards to print, reported changes, rechecks, and who is kept off every board."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request

from api import desk_reading, opening
from api.context import actor, session
from api.pages import desk, desk_look, desk_room, go
from portal.casework import duties
from portal.casework.after import changes, rechecks
from portal.casework.publicity import unlisting
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Invalid
from portal.people.access import Role
from portal.policy.catalogue import Program

pages = desk_room.room("desk_open")

_AT = "/files/<uuid:application_id>"
_POSTING = (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_REVIEWER)


def panel(application: Application, program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/after.html is given."""
    who = actor()
    return {
        **opening.panel(application, program),
        "town": who.holds(*duties.TOWNSHIP), "posts": who.holds(*_POSTING),
        "hides": who.holds(*_POSTING, Role.COUNTY_CONFIRMER),
        "ways": rechecks.ANOTHER_WAY, "questions": changes.KINDS,
        "most": changes.MOST_CHARACTERS, "most_why": unlisting.MOST_CHARACTERS,
    }  # fmt: skip


@pages.get("/board")
def boards() -> Response:
    return desk_look.page("desk/board.html", places=opening.places())


@pages.get("/board/<code>.pdf")
def paper(code: str) -> Response:
    return desk_reading.as_file(opening.paper(code), "application/pdf", "board.pdf")


@pages.get("/changes")
def waiting() -> Response:
    return desk_look.page(
        "desk/changes.html", waiting=changes.waiting(session(), actor=actor()),
        kinds=changes.KINDS, done="done" in request.args,
    )  # fmt: skip


@pages.post(f"{_AT}/changes/<uuid:report_id>/answers")
def answer(application_id: UUID, report_id: UUID) -> Response:
    return _done(application_id, lambda _file: opening.answer(report_id, _said("sentence")))


@pages.post(f"{_AT}/unlisted")
def keep_off(application_id: UUID) -> Response:
    keep = _said("keep") != "no"
    return _done(application_id, lambda file: opening.keep_off(file, _said("sentence"), keep=keep))


@pages.post(f"{_AT}/rechecks")
def note_recheck(application_id: UUID) -> Response:
    changed = request.form.getlist("changed")
    return _done(application_id, lambda file: opening.note_recheck(file, _said("how"), changed))


@pages.post(f"{_AT}/stop-notices")
def post_stop(application_id: UUID) -> Response:
    return _done(application_id, opening.post_stop)


def _done(application_id: UUID, act: Callable[[Application], object]) -> Response:
    """Back to the file; what was refused stands on it and nothing is kept."""
    try:
        act(desk.find(application_id))
    except (Invalid, Conflict) as refusal:
        fields = refusal.fields or {"sentence": [refusal.message]}
        shown = Invalid(refusal.message, code=refusal.code, fields=fields)
        return desk_look.file_page(desk.afresh(application_id), refusal=shown, form="after")
    return go(f"{desk_look.at(application_id)}#after")


def _said(name: str) -> str:
    return request.form.get(name, "").strip()[:2000]
