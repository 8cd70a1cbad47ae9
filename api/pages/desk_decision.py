"""The desk's first review, notice, hearing and decision: one panel of a file's page."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, request

from api import deciding
from api.context import actor, now, portal, session
from api.pages import desk, desk_look, desk_room, go
from portal.casework.decision import adjusting, hearing, near_kin, notice, objections, review
from portal.casework.decision import panel as panels
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Invalid, Refusal
from portal.policy.catalogue import Program

pages = desk_room.room("desk_decision")

_AT = "/files/<uuid:application_id>"


def panel(application: Application, program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/decision.html is given; None when there is nothing to show now."""
    found = deciding.at_desk(application)
    return None if found is None else {**found, "choices": panels.CHOICES, **panels.LIMITS}


@pages.post(f"{_AT}/first-reviews")
def hand_in(application_id: UUID) -> Response:
    def hand(application: Application) -> None:
        review.hand_in(session(), application, actor=actor(), now=now())

    return _done(application_id, "notice", hand)


@pages.post(f"{_AT}/opinions")
def give_opinion(application_id: UUID) -> Response:
    return _done(application_id, "opinion", lambda a: deciding.give_opinion(a, _figures()))


@pages.post(f"{_AT}/notices")
def post_notice(application_id: UUID) -> Response:
    def post(application: Application) -> None:
        program = portal().catalogue.find(application.program_id)
        notice.post(session(), application, program, actor=actor(), now=now())

    return _done(application_id, "notice", post)


@pages.post(f"{_AT}/notices/end")
def end_notice(application_id: UUID) -> Response:
    def end(application: Application) -> None:
        notice.end(session(), application, actor=actor(), now=now())

    return _done(application_id, "notice", end)


@pages.post(f"{_AT}/county-submissions")
def send_up(application_id: UUID) -> Response:
    def send(application: Application) -> None:
        program = portal().catalogue.find(application.program_id)
        notice.send_up(session(), application, program, actor=actor(), now=now())

    return _done(application_id, "notice", send)


@pages.post(f"{_AT}/objections")
def receive_objection(application_id: UUID) -> Response:
    def receive(application: Application) -> None:
        said = {name: _said(name) for name in ("how", "sentence", "told", "name", "phone")}
        objections.receive(session(), application, **said, actor=actor(), now=now())

    return _done(application_id, "objection", receive)


@pages.post(f"{_AT}/reinvestigations")
def reinvestigate(application_id: UUID) -> Response:
    def begin(application: Application) -> None:
        objections.reinvestigate(session(), application, actor=actor(), now=now())

    return _done(application_id, "objection", begin)


@pages.post(f"{_AT}/objections/<uuid:objection_id>/outcomes")
def settle(application_id: UUID, objection_id: UUID) -> Response:
    def write(application: Application) -> None:
        objections.settle(
            session(), application, objection_id, _said("sentence"),
            upheld=_said("upheld") == "yes", actor=actor(), now=now(),
        )  # fmt: skip

    return _done(application_id, f"objection-{objection_id}", write)


@pages.post(f"{_AT}/decisions")
def decide(application_id: UUID) -> Response:
    kind = _said("kind")
    return _done(application_id, kind, lambda a: deciding.decide(a, {"kind": kind, **_figures()}))


@pages.get(f"{_AT}/decisions/<uuid:decision_id>/letter.pdf")
def letter(application_id: UUID, decision_id: UUID) -> Response:
    return deciding.letter_for_desk(application_id, decision_id)


@pages.post(f"{_AT}/decisions/<uuid:decision_id>/deliveries")
def deliver(application_id: UUID, decision_id: UUID) -> Response:
    def note(application: Application) -> None:
        said = {"how": _said("how"), "day": _day("day"), "sentence": _said("sentence")}
        deciding.deliver(application, decision_id, said)

    return _done(application_id, f"delivery-{decision_id}", note)


@pages.post(f"{_AT}/payment-starts")
def start_paying(application_id: UUID) -> Response:
    def start(application: Application) -> None:
        catalogue = portal().catalogue
        adjusting.start_paying(session(), application, catalogue, actor=actor(), now=now())

    return _done(application_id, "adjust", start)


@pages.post(f"{_AT}/reviews")
def review_again(application_id: UUID) -> Response:
    def begin(application: Application) -> None:
        adjusting.review_again(session(), application, actor=actor(), now=now())

    return _done(application_id, "adjust", begin)


@pages.post(f"{_AT}/hearings")
def ask(application_id: UUID) -> Response:
    def write(application: Application) -> None:
        hearing.ask(
            session(), application, _said("change"), sentence=_said("sentence"), law=_said("law"),
            answer_by=_day("answer_by"), amount=_money("amount"), actor=actor(), now=now(),
        )  # fmt: skip

    return _done(application_id, "hearing", write)


@pages.post(f"{_AT}/hearings/statements")
def note_statement(application_id: UUID) -> Response:
    def write(application: Application) -> None:
        hearing.note_statement(
            session(), application, _said("how"), _day("day"), who=_said("who"),
            sentence=_said("sentence"), actor=actor(), now=now(),
        )  # fmt: skip

    return _done(application_id, "statement", write)


@pages.post(f"{_AT}/hearings/visits")
def note_not_met(application_id: UUID) -> Response:
    def write(application: Application) -> None:
        hearing.note_not_met(
            session(), application, _day("day"), staff=request.form.getlist("staff"),
            sentence=_said("sentence"), actor=actor(), now=now(),
        )  # fmt: skip

    return _done(application_id, "not_met", write)


@pages.post(f"{_AT}/hearings/withdrawals")
def drop(application_id: UUID) -> Response:
    def write(application: Application) -> None:
        hearing.drop(session(), application, _said("sentence"), actor=actor(), now=now())

    return _done(application_id, "drop", write)


@pages.post(f"{_AT}/adjustments")
def adjust(application_id: UUID) -> Response:
    kind = _said("kind")
    return _done(application_id, kind, lambda a: deciding.adjust(a, {"kind": kind, **_figures()}))


@pages.post(f"{_AT}/near-kin")
def flag_kin(application_id: UUID) -> Response:
    def write(application: Application) -> None:
        near_kin.flag(session(), application, _said("sentence"), actor=actor(), now=now())

    return _done(application_id, "kin", write)


@pages.post(f"{_AT}/county-visits")
def note_county_visit(application_id: UUID) -> Response:
    def write(application: Application) -> None:
        near_kin.note_visit(
            session(), application, request.form.getlist("staff"), _day("day"),
            _said("sentence"), actor=actor(), now=now(),
        )  # fmt: skip

    return _done(application_id, "kin_visit", write)


@pages.post(f"{_AT}/deaths")
def note_death(application_id: UUID) -> Response:
    def write(application: Application) -> None:
        adjusting.note_death(
            session(), application, _said("member"), _day("day"), actor=actor(), now=now()
        )

    return _done(application_id, "death", write)


@pages.get("/near-kin")
def kin_register() -> Response:
    """备案册, to look through and to print."""
    return desk_look.page("desk/near_kin.html", lines=near_kin.register(session(), actor=actor()))


def _done(application_id: UUID, form: str, act: Callable[[Application], object]) -> Response:
    """Back to the file; what was refused stands on it beside the form, and nothing is kept."""
    try:
        act(desk.find(application_id))
    except (Invalid, Conflict) as refusal:
        shown = refusal if isinstance(refusal, Invalid) else _as_invalid(refusal)
        return desk_look.file_page(desk.afresh(application_id), refusal=shown, form=form)
    return go(f"{desk_look.at(application_id)}#decision")


def _as_invalid(refusal: Refusal) -> Invalid:
    return Invalid(refusal.message, code=refusal.code, fields={"_": [refusal.message]})


def _figures() -> Mapping[str, Any]:
    """What the forms of opinion, decision and adjustment have in common."""
    words = ("opinion", "category", "sentence", "basis", "law", "recheck", "reply")
    people = _said("people")
    return {
        **{name: _said(name) for name in words},
        "rules": request.form.getlist("rules"),
        "amount": _money("amount"),
        "people": int(people) if people.isdecimal() and len(people) < 4 else None,
        "until": _day("until") if _said("until") else None,
    }


def _said(name: str) -> str:
    return request.form.get(name, "").strip()[:500]


def _money(name: str) -> int | None:
    """元 as typed → 分; None when empty. Raises Invalid."""
    typed = _said(name).replace(",", "").replace("，", "").removesuffix("元")
    if not typed:
        return None
    whole, _, cents = typed.partition(".")
    if not (whole.isdecimal() and len(whole) <= 8 and len(cents) <= 2 and f"0{cents}".isdecimal()):
        raise Invalid("金额不对。", fields={name: ["请填多少元，最多两位小数。"]})
    return int(whole) * 100 + int(cents.ljust(2, "0"))


def _day(name: str) -> date:
    """Raises Invalid."""
    try:
        return date.fromisoformat(_said(name))
    except ValueError:
        raise Invalid("日期不对。", fields={name: ["请填日期。"]}) from None
