"""The file goes to another phone: the square to scan, what it opens, and the yes to it."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, g, request

from api import acting
from api import applications as resident
from api import passing as api
from api.context import actor, now, portal, session
from api.pages import forgetting, go, helping, mine, show
from portal.casework import stages
from portal.filing import documents, family, passing
from portal.filing.passing import Seen
from portal.filing.tables import Application
from portal.foundation.errors import Refusal
from portal.people import consents, households, mandates, pass_codes
from portal.people.mandate_terms import KINDS
from portal.people.pass_codes import ASK, GIVE
from portal.people.pass_tables import PassCode
from portal.policy.lifecycle import Status

pages = mine.room("passing_page")

_KINDS = {kind: words for kind, words in KINDS.items() if kind != "proactive"}
_ONE = "/passing/<uuid:pass_id>"


@pages.get(f"{helping.ONE}/pass")
def ask_give(mandate_id: UUID) -> Response:
    """What happens, and the photos that have to be sent first."""
    mandate = helping.mine_only(mandate_id)
    acting.check_mandate(mandate.id)
    files = family.of(session(), mandates.household_of(session(), mandate))
    person = mandates.details(session(), mandate).person
    return show("pages/pass_give.html", mandate=mandate, person=person, files=files)


@pages.post(f"{helping.ONE}/pass")
def give(mandate_id: UUID) -> Response:
    return _square(*api.given(mandate_id))


@pages.get("/helpers/pass")
def ask_ask() -> Response:
    acting.check_mandate(None)
    own = households.of_account(session(), resident.resident().id)
    named = [(one, households.called(session(), one) or "我家") for one in own]
    return show("pages/pass_ask.html", own=named)


@pages.post("/helpers/pass")
def ask() -> Response:
    return _square(*api.asked(_uuid(request.form.get("household", ""))))


@pages.get(_ONE)
def one(pass_id: UUID) -> Response:
    """What became of it, for whoever waits; without a script one looks again by hand."""
    resident.resident()
    return _waiting(pass_codes.find(session(), pass_id, actor=actor()))


@pages.post(_ONE)
def answer(pass_id: UUID) -> Response:
    """The person's yes or no, on their own phone."""
    api.answered(pass_id, agrees=request.form.get("agrees") == "yes")
    return go("/helpers")


@pages.get("/take")
def ask_code() -> Response:
    acting.check_mandate(None)
    resident.resident()
    return _code()


@pages.post("/take")
def type_code() -> Response:
    resident.resident()
    digits = "".join(c for c in request.form.get("code", "")[:64] if c.isascii() and c.isdigit())
    return go(f"/take/{digits}") if digits else _code(wrong="请填对方手机上的8个数。")


@pages.get("/take/<code>")
def look(code: str) -> Response:
    acting.check_mandate(None)
    if consents.missing(session(), resident.resident()):
        return go("/consents?next=" + quote(request.path, safe="/"))
    try:
        return _seen(code, api.seen(code))
    except Refusal as refused:
        if refused.status in (401, 403):
            raise
        return _code(code, refused)


@pages.post("/take/<code>")
def take(code: str) -> Response:
    """The person takes the file over; or a helper says who they are."""
    try:
        if request.form.get("way") == ASK:
            wanted = {
                n: request.form.get(n, "")[:64] for n in ("kind", "helper", "relation", "person")
            }
            return go(f"/passing/{api.offered({**wanted, 'code': code}).id}")
        home = api.taken(code, goes_on=request.form.get("goes_on") == "yes")
    except Refusal as refused:
        if refused.status in (401, 403):
            raise
        return _again(code, refused)
    return go(f"/household/{home}")


def _square(row: PassCode, code: str) -> Response:
    """The code this once: as a square and as digits, beside what it is for."""
    told = api.shown(row, code)
    return show("pages/pass_shown.html", row=row, code=code, square=told["square"], **_names(row))


def _waiting(row: PassCode) -> Response:
    state = passing.state(row, now=now())
    own = row.made_by == actor().id
    if row.way == GIVE and state == passing.TAKEN and own:
        forgetting.after_pass(row)
    told: dict[str, Any] = {"row": row, "state": state, "own": own, **_names(row)}
    if own and row.way == ASK and state == passing.ASKED:
        wish = passing.offered(session(), row)
        told |= {"said": wish.said, "kind": _KINDS[wish.kind]}
    return show("pages/pass_waiting.html", **told)


def _names(row: PassCode) -> dict[str, Any]:
    """Whose household: told to the helper who shows it, and to its owner."""
    if row.way == GIVE and row.mandate_id is not None and row.made_by == actor().id:
        mandate = mandates.find(session(), row.mandate_id, actor=actor())
        return {"person": mandates.details(session(), mandate).person, "mandate": mandate}
    return {"person": "", "mandate": None}


def _seen(code: str, seen: Seen, refused: Refusal | None = None) -> Response:
    return show(
        "pages/take.html" if seen.row.way == GIVE else "pages/take_offer.html",
        refused.status if refused else 200, code=code, seen=seen, kinds=_KINDS,
        files=[_line(file) for file in seen.files], typed=request.form,
        errors=refused.fields if refused else {}, wrong=refused.message if refused else "",
    )  # fmt: skip


def _again(code: str, refused: Refusal) -> Response:
    """The same page once more where a field was wrong; else the code is asked for anew."""
    if not refused.keeps:
        session().rollback()
    g.keeps = refused.keeps
    if not refused.fields or "code" in refused.fields:
        return _code(code, refused)
    return _seen(code, passing.look(session(), code, actor=actor(), now=now()), refused)


def _code(code: str = "", refused: Refusal | None = None, *, wrong: str = "") -> Response:
    said = refused.message if refused else wrong
    status = refused.status if refused else 422 if wrong else 200
    return show("pages/take_code.html", status, code=code[:20], wrong=said)


def _line(file: Application) -> dict[str, Any]:
    """A program, how far it is, and how many photos: nothing that was answered."""
    return {
        "title": portal().catalogue.find(file.program_id).short,
        "label": stages.LABELS[Status(file.status)],
        "photos": len(documents.of(session(), file)),
    }


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as fault:
        raise households.unknown() from fault
