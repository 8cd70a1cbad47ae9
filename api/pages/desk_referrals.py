"""转介 at the desk: sent by a township, answered by a department, on paper where it has no account."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request

from api import desk_reading, referring
from api.context import actor, portal, session
from api.pages import desk_look, desk_room, desk_typed, go
from portal.casework import duties, office, openings
from portal.casework.referral import consents, contents, receiving, referrals, slip, told
from portal.casework.said import RESULTS
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, Invalid, Refusal
from portal.people.access import Role
from portal.policy import regions
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL, Status

pages = desk_room.room("desk_referrals")

_PDF = "application/pdf"
_LOOKING = {
    key: text for key, text in openings.REASONS.items() if key in ("call", "compare", "other")
}
_WHOLE = frozenset({Status.SUBMITTED, Status.ACCEPTED, Status.AIDED})


def panel(application: Application, program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/referral.html is given; None when there is nothing to show now."""
    who = actor()
    if not who.holds(*duties.READING):
        return None
    found = told.for_applicant(session(), application, portal().catalogue)
    ours = who.holds(*duties.TOWNSHIP) and who.region_code == application.region_code
    may = ours and application.status not in FINAL
    if found is None and not may:
        return None
    return {
        **(found or {"referrals": [], "consents": []}),
        "rows": referrals.of(session(), application),
        "may": may,
        "targets": _targets(),
        "states": told.AT_THE_DESK,
        "guided": slip.guided(portal().catalogue),
        "own": program.id if program.referral else "",
    }


@pages.get("/files/<uuid:application_id>/referrals")
def ask_what(application_id: UUID) -> Response:
    """Which answers go along; reading them is recorded like the file itself."""
    desk_reading.note("read.file", application_id)
    return _refer_page(_find(application_id))


@pages.post("/files/<uuid:application_id>/referrals")
def refer(application_id: UUID) -> Response:
    return _tried(application_id, lambda: referring.refer(application_id, _said()))


@pages.post("/files/<uuid:application_id>/referral-consents")
def ask(application_id: UUID) -> Response:
    return _tried(application_id, lambda: referring.ask(application_id, _asked()))


@pages.post("/files/<uuid:application_id>/referral-consents/records")
def record(application_id: UUID) -> Response:
    said = {
        "program_id": desk_typed.text("program"), "fields": request.form.getlist("field"),
        "how": desk_typed.text("how"), "agrees": desk_typed.text("agrees") == "yes",
    }  # fmt: skip
    return _tried(application_id, lambda: referring.record(application_id, said), back="page")


@pages.get("/referrals")
def every() -> Response:
    who, found = actor(), referring.every()
    places = {r.id: regions.full_name(session(), r.from_region_code) for r in found}
    return desk_look.page(
        "desk/referrals.html", found=found, places=places, states=told.AT_THE_DESK, number=referrals.number,
        due=told.due_text, receives=who.holds(Role.DEPARTMENT_CLERK),
        may=who.holds(*duties.TOWNSHIP), targets=_targets(), guided=slip.guided(portal().catalogue),
    )  # fmt: skip


@pages.get("/referrals/new")
def ask_household() -> Response:
    return _refer_page(None)


@pages.post("/referrals/new")
def refer_household() -> Response:
    try:
        said = {**_said(), "agreed_how": desk_typed.text("agreed_how")}
        row = referring.refer_household(said)
    except (Invalid, Conflict, Forbidden) as refusal:
        session().rollback()
        return _refer_page(None, _shown(refusal))
    return go(f"/desk/referrals/{row.id}")


@pages.get("/referrals/<uuid:referral_id>")
def read(referral_id: UUID) -> Response:
    return _sheet_page(referring.sheet(referral_id))


@pages.post("/referrals/<uuid:referral_id>/numbers")
def reveal(referral_id: UUID) -> Response:
    reason, words = desk_typed.text("reason"), desk_typed.text("words")
    try:
        found = referring.reveal(referral_id, reason, words)
    except Invalid as refusal:
        session().rollback()
        return _sheet_page(referring.sheet(referral_id), refusal=refusal)
    return _sheet_page(found, revealed=True)


@pages.get("/referrals/<uuid:referral_id>/sheet.pdf")
def sheet(referral_id: UUID) -> Response:
    return desk_reading.as_file(referring.printed(referral_id), _PDF, "referral.pdf")


@pages.get("/ways/<program_id>.pdf")
def way(program_id: str) -> Response:
    return desk_reading.as_file(referring.way(program_id), _PDF, "way.pdf")


@pages.post("/referrals/<uuid:referral_id>/receipts")
def receive(referral_id: UUID) -> Response:
    return _answered(referral_id, lambda: referring.receive(referral_id))


@pages.post("/referrals/<uuid:referral_id>/returns")
def send_back(referral_id: UUID) -> Response:
    sentence = desk_typed.text("sentence")
    return _answered(
        referral_id, lambda: referring.send_back(referral_id, sentence), "/desk/referrals"
    )


@pages.post("/referrals/<uuid:referral_id>/results")
def close(referral_id: UUID) -> Response:
    result, sentence = desk_typed.text("result"), desk_typed.text("sentence")
    return _answered(referral_id, lambda: referring.close(referral_id, result, sentence))


def _said() -> dict[str, Any]:
    """As its JSON says it: ticked answers, and those written into an open field."""
    typed = {
        name.removeprefix("say."): words.strip()
        for name, words in request.form.items()
        if name.startswith("say.") and words.strip()
    }
    return {
        "program_id": desk_typed.text("program"), "sentence": desk_typed.text("sentence"),
        "fields": request.form.getlist("field"), "typed": typed,
        "due_on": desk_typed.day("due_on"), "due_basis": desk_typed.text("due_basis"),
        "whole": desk_typed.ticked("whole"), "on_paper": desk_typed.ticked("on_paper"),
    }  # fmt: skip


def _asked() -> dict[str, Any]:
    return {
        "program_id": desk_typed.text("program"), "fields": request.form.getlist("field"),
        "sentence": desk_typed.text("sentence"),
    }  # fmt: skip


def _tried(application_id: UUID, act: Callable[[], object], *, back: str = "file") -> Response:
    try:
        act()
    except (Invalid, Conflict, Forbidden) as refusal:
        session().rollback()
        return _refer_page(_find(application_id), _shown(refusal))
    at = desk_look.at(application_id)
    if back == "page":
        return go(f"{at}/referrals?program={desk_typed.text('program')}")
    return go(f"{at}#referral")


def _answered(referral_id: UUID, act: Callable[[], object], after: str = "") -> Response:
    try:
        act()
    except (Invalid, Conflict) as refusal:
        session().rollback()
        return _sheet_page(referring.sheet(referral_id), refusal=_shown(refusal))
    return go(after or f"/desk/referrals/{referral_id}")


def _refer_page(application: Application | None, refusal: Invalid | None = None) -> Response:
    """To whom, why, and which answers; without a file everything is written down."""
    if not actor().holds(*duties.TOWNSHIP):
        raise Forbidden("转介由乡镇（街道）办。")
    target = referrals.target_of(portal().catalogue, request.values.get("program", ""))
    own = portal().catalogue.find(application.program_id) if application else None
    known = contents.known(session(), application, own, target)
    asks = consents.needed(target)
    return desk_look.page(
        "desk/refer.html", 422 if refusal else 200,
        application=application, target=target, fields=contents.allowed(target), known=known,
        asks=asks, agreed=_agreed(application, target), how=consents.HOW, bases=referrals.BASES,
        statuses=[] if asks else contents.statuses(session(), portal().catalogue, application),
        whole=_goes_whole(application, own, target), refusal=refusal,
        typed=request.form, ticked=request.form.getlist("field") or list(known),
    )  # fmt: skip


def _agreed(application: Application | None, target: Program) -> bool:
    return application is not None and consents.agreed(session(), application, target, ())


def _goes_whole(application: Application | None, own: Program | None, target: Program) -> str:
    """always: the file is an application to this department · may: an emergency · empty."""
    if application is None or application.status not in _WHOLE:
        return ""
    if own is target and application.machine == "referral":
        return "always"
    return "may" if application.machine == "emergency" else ""


def _sheet_page(
    found: receiving.Sheet, *, revealed: bool = False, refusal: Invalid | None = None
) -> Response:
    row, who = found.referral, actor()
    return desk_look.page(
        "desk/referral.html", 422 if refusal else 200,
        sheet=found, row=row, state=told.AT_THE_DESK[row.state], due=told.due_text(row),
        answers=receiving.may_answer(session(), row, actor=who), open=row.state in referrals.OPEN,
        results=RESULTS, revealed=revealed, sender=who.holds(*duties.TOWNSHIP, *duties.COUNTY),
        looking=_LOOKING, refusal=refusal, typed=request.form,
    )  # fmt: skip


def _targets() -> list[Program]:
    return [p for p in portal().catalogue.programs.values() if p.referral is not None]


def _find(application_id: UUID) -> Application:
    return office.find(session(), application_id, actor=actor())


def _shown(refusal: Refusal) -> Invalid:
    return Invalid(refusal.message, code=refusal.code, fields=refusal.fields)
