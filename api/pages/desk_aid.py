"""The desk's emergency aid: at the window, in a file, and what is still to be given or made up."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import Response, request

from api import aiding
from api.context import actor, now, portal, session
from api.pages import desk_look, desk_referrals, desk_room, desk_typed, go
from portal.casework import duties
from portal.casework.aid import conferences, handing
from portal.casework.aid import panel as aid
from portal.casework.aid.papers import CANNOT, DONE, OPEN
from portal.casework.said import AIDED_HOW
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid, Refusal
from portal.people.access import Role
from portal.policy import regions
from portal.policy.catalogue import Program

pages = desk_room.room("desk_aid")

PAPER_STATES = {OPEN: "还没有", DONE: "有了", CANNOT: "拿不到"}


def panel(application: Application, program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/aid.html is given; None when there is nothing to show now."""
    found = aiding.at_desk(application)
    if found is None or not (found["given"] or found["conferences"] or any(found["may"].values())):
        return None
    return {**found, **_words(), "key": uuid4()}


def referral_panel(application: Application, program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/referral.html is given; None when there is nothing to show now."""
    return desk_referrals.panel(application, program)


@pages.get("/aid")
def first_page() -> Response:
    return _window_page()


@pages.post("/aid/small")
def small_at_window() -> Response:
    return _at_window("small-aid", lambda: aiding.small_at_window(
        {**desk_typed.window(), "aid": desk_typed.small()}
    ))  # fmt: skip


@pages.post("/aid/first")
def first_at_window() -> Response:
    return _at_window("first-aid", lambda: aiding.first_at_window(
        {**desk_typed.window(), "person": desk_typed.text("person"), "aid": desk_typed.first()}
    ))  # fmt: skip


@pages.post("/files/<uuid:application_id>/small-aid")
def give_small(application_id: UUID) -> Response:
    return _done(
        application_id, "small-aid", lambda file: aiding.give_small(file, desk_typed.small())
    )


@pages.post("/files/<uuid:application_id>/first-aid")
def give_first(application_id: UUID) -> Response:
    return _done(
        application_id, "first-aid", lambda file: aiding.give_first(file, desk_typed.first())
    )


@pages.post("/files/<uuid:application_id>/county-road")
def send_up(application_id: UUID) -> Response:
    sentence = desk_typed.text("sentence")
    return _done(application_id, "county-road", lambda file: aiding.send_up(file, sentence))


@pages.post("/files/<uuid:application_id>/aid-plans")
def plan(application_id: UUID) -> Response:
    return _done(application_id, "aid-plans", lambda file: aiding.plan(file, desk_typed.parts()))


@pages.post("/files/<uuid:application_id>/aid-parts/<uuid:part_id>/payments")
def hand_out(application_id: UUID, part_id: UUID) -> Response:
    return _done(
        application_id, f"part-{part_id}",
        lambda file: aiding.hand_out(file, part_id, desk_typed.handing()),
    )  # fmt: skip


@pages.post("/files/<uuid:application_id>/aid-parts/<uuid:part_id>/drops")
def drop(application_id: UUID, part_id: UUID) -> Response:
    reason = desk_typed.text("reason")
    return _done(application_id, f"part-{part_id}", lambda file: aiding.drop(file, part_id, reason))


@pages.post("/files/<uuid:application_id>/aid-papers")
def settle(application_id: UUID) -> Response:
    said = {name: desk_typed.text(name) for name in ("item", "state", "words")}
    form = f"paper-{said['item']}"
    return _done(application_id, form, lambda file: aiding.settle(file, said))


@pages.post("/files/<uuid:application_id>/aid-closings")
def finish(application_id: UUID) -> Response:
    sentence = desk_typed.text("sentence")
    return _done(application_id, "aid-closings", lambda file: aiding.finish(file, sentence))


@pages.post("/files/<uuid:application_id>/conferences")
def ask_conference(application_id: UUID) -> Response:
    reason = desk_typed.text("reason")
    return _done(application_id, "conferences", lambda file: aiding.ask_conference(file, reason))


@pages.post("/files/<uuid:application_id>/conferences/<uuid:conference_id>/minutes")
def hold(application_id: UUID, conference_id: UUID) -> Response:
    return _done(
        application_id, "minutes",
        lambda file: aiding.hold_conference(file, conference_id, _minutes()),
    )  # fmt: skip


def _minutes() -> dict[str, Any]:
    words = {name: desk_typed.text(name) for name in ("people", "sentence")}
    held_on = desk_typed.day("held_on") or local_date(now())
    minutes = request.form.get("words", "")
    return {
        **words,
        "words": minutes,
        "held_on": held_on,
        "amount": desk_typed.fen("amount", empty=0),
    }


def _done(application_id: UUID, form: str, act: Callable[[Application], Application]) -> Response:
    """The act, and back to the file; refused, the file again with what was wrong."""
    try:
        act(aiding.find(application_id))
    except (Invalid, Conflict) as refusal:
        session().rollback()
        return desk_look.file_page(aiding.find(application_id), refusal=_told(refusal), form=form)
    return go(f"{desk_look.at(application_id)}#aid")


def _at_window(form: str, act: Callable[[], Application]) -> Response:
    try:
        made = act()
    except (Invalid, Conflict) as refusal:
        session().rollback()
        return _window_page(_told(refusal), form)
    return go(f"/desk/aid?made={made.reference_no}&file={made.id}")


def _told(refusal: Refusal) -> Invalid:
    """A refusal as the form shows it, beside the field it is about if it names one."""
    return Invalid(refusal.message, code=refusal.code, fields=refusal.fields)


def _window_page(refusal: Invalid | None = None, form: str = "") -> Response:
    who = actor()
    if not who.holds(*duties.READING):
        raise Forbidden("急难救助由乡镇和县里办。")
    place = regions.find(session(), who.region_code)
    path = regions.path(session(), who.region_code)
    due = aid.due(session(), portal().catalogue, actor=who, now=now())
    return desk_look.page(
        "desk/aid.html", 422 if refusal else 200,
        may_register=place.level == "township" and who.holds(Role.TOWNSHIP_CLERK),
        limits=aid.limits(session(), portal().catalogue, path, on=local_date(now())),
        due=due, talks=conferences.waiting(session(), actor=who),
        made=request.args.get("made", ""), made_at=_made_at(), key=uuid4(), refusal=refusal,
        form=form, typed=request.form, **_words(),
    )  # fmt: skip


def _made_at() -> str:
    made = desk_typed.maybe_of(request.args.get("file", ""))
    return desk_look.at(made) if made else ""


def _words() -> dict[str, Any]:
    return {
        "forms": AIDED_HOW, "paper_states": PAPER_STATES, "dropped": handing.DROPPED,
        "rows": desk_typed.PARTS, "today": local_date(now()).isoformat(),
    }  # fmt: skip
