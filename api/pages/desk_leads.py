"""Leads at the desk: who is to be visited, what was found, and lists of other bodies."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request

from api import leading
from api.context import actor, session
from api.pages import desk_look, desk_room, go
from portal.casework import duties
from portal.casework.leads import importing, seeing
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.mandate_terms import KINDS, ROLES
from portal.policy import regions, signals

pages = desk_room.room("desk_leads")

_MOST_SHOWN = 200


@pages.get("/leads")
def every() -> Response:
    return _list_page()


@pages.post("/leads")
def take_in() -> Response:
    """A list, tried without a trace or taken in; a list with a fault changes nothing."""
    dry_run = "try" in request.form
    try:
        made = leading.take_in(request.form.get("signal", "")[:16], dry_run=dry_run)
    except Invalid as refusal:
        session().rollback()
        return _list_page(said=[refusal.message], good=False)
    said = importing.told(made, dry_run=dry_run)
    if len(said) > _MOST_SHOWN:
        said = [*said[:_MOST_SHOWN], f"还有{len(said) - _MOST_SHOWN}处，没有列出。"]
    return _list_page(said=said, good=not made.faults)


@pages.get("/leads/<uuid:lead_id>")
def one(lead_id: UUID) -> Response:
    return _page(lead_id, leading.read(lead_id))


@pages.post("/leads/<uuid:lead_id>/steps")
def step(lead_id: UUID) -> Response:
    return _done(lead_id, lambda said: leading.move(lead_id, said))


@pages.post("/leads/<uuid:lead_id>/applications")
def file_emergency(lead_id: UUID) -> Response:
    return _done(lead_id, lambda said: leading.file_emergency(lead_id, said))


@pages.post("/leads/<uuid:lead_id>/links")
def link(lead_id: UUID) -> Response:
    return _done(lead_id, lambda said: leading.link(lead_id, said))


@pages.post("/leads/<uuid:lead_id>/mandates")
def assist(lead_id: UUID) -> Response:
    return _done(lead_id, lambda said: leading.assist(lead_id, said))


def _done(lead_id: UUID, act: Callable[[dict[str, str]], object]) -> Response:
    names = (
        "after", "sentence", "person", "reference_no", "phone", "helper", "helper_phone", "role",
        "why",
    )  # fmt: skip
    try:
        act({name: request.form.get(name, "")[:1000] for name in names})
    except (Invalid, Conflict) as refusal:
        session().rollback()
        found = seeing.find(session(), lead_id, actor=actor(), to_act=True)
        told = refusal if isinstance(refusal, Invalid) else Invalid(refusal.message)
        return _page(lead_id, seeing.opened(session(), found), refusal=told)
    return go(f"/desk/leads/{lead_id}?done")


def _page(lead_id: UUID, found: dict[str, Any], refusal: Invalid | None = None) -> Response:
    return desk_look.page(
        "desk/lead.html", 422 if refusal else 200, found=found, refusal=refusal,
        may_act=actor().holds(*duties.TOWNSHIP), may=set(found["may"]), typed=request.form,
        done="done" in request.args, roles=[(role, KINDS[role]) for role in ROLES],
        most=seeing.MOST_CHARACTERS, lead_id=lead_id,
    )  # fmt: skip


def _list_page(*, said: list[str] | None = None, good: bool = True) -> Response:
    titles = [(called[0], name in importing.NEEDED) for name, called in importing.COLUMNS.items()]
    who = actor()
    return desk_look.page(
        "desk/leads.html", 200 if good else 422, found=seeing.lists(session(), actor=who),
        said=said or [], good=good, titles=titles, kinds=signals.load().kinds.values(),
        words=seeing.signal_words, states=seeing.LABELS, place=_place,
        may_import=who.holds(*duties.TOWNSHIP, *duties.COUNTY), most=importing.MOST_LINES,
    )  # fmt: skip


def _place(code: str) -> str:
    try:
        return regions.full_name(session(), code)
    except NotFound:
        return code
