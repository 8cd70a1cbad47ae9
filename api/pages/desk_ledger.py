"""The petty fund's book at the desk: read, asked for, confirmed, undone, closed, printed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import Response, request

from api import aiding, desk_reading
from api.context import actor, now, portal, session
from api.pages import desk_look, desk_room, desk_typed, go
from portal.casework.aid import book, ceilings, closing, ledger, supply
from portal.casework.aid.tables import PettyFund
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid
from portal.people.access import Role
from portal.policy import regions

pages = desk_room.room("desk_ledger")

ASKED = {ledger.OPENING: "开账", ledger.TOP_UP: "补充", ledger.DIFFERENCE: "盘点差额入账"}


@pages.get("/ledger")
def first_page() -> Response:
    """A township's own book at once; a county chooses."""
    who = actor()
    if who.holds(*ledger.KEEPERS):
        own = ledger.fund_of(session(), who.region_code)
        if own is not None:
            aiding.note(own)
        return _book_page(own)
    return _list_page()


@pages.post("/ledger")
def begin() -> Response:
    return go(f"/desk/ledger/{aiding.begin_fund().id}")


@pages.get("/ledger/<uuid:fund_id>")
def read(fund_id: UUID) -> Response:
    found = aiding.fund(fund_id)
    aiding.note(found)
    return _book_page(found)


@pages.get("/ledger/<uuid:fund_id>/lines.csv")
def table(fund_id: UUID) -> Response:
    data = aiding.as_table(aiding.fund(fund_id))
    return desk_reading.as_file(data, "text/csv; charset=utf-8", "petty-fund.csv", leaves=True)


@pages.post("/ledger/requests")
def ask_first() -> Response:
    """The first money, and with it the book."""
    return _asked(aiding.begin_fund())


@pages.post("/ledger/<uuid:fund_id>/requests")
def ask(fund_id: UUID) -> Response:
    return _asked(aiding.fund(fund_id))


@pages.post("/ledger/<uuid:fund_id>/requests/<uuid:request_id>/confirmations")
def grant(fund_id: UUID, request_id: UUID) -> Response:
    return _done(fund_id, "grant", lambda fund: aiding.grant_money(fund, request_id))


@pages.post("/ledger/<uuid:fund_id>/requests/<uuid:request_id>/refusals")
def refuse(fund_id: UUID, request_id: UUID) -> Response:
    why = desk_typed.text("why")
    return _done(fund_id, "refuse", lambda fund: aiding.refuse_money(fund, request_id, why))


@pages.post("/ledger/<uuid:fund_id>/lines/<uuid:line_id>/corrections")
def take_back(fund_id: UUID, line_id: UUID) -> Response:
    reason = desk_typed.text("reason")
    return _done(fund_id, f"line-{line_id}", lambda fund: aiding.take_back(fund, line_id, reason))


@pages.post("/ledger/<uuid:fund_id>/closings")
def close(fund_id: UUID) -> Response:
    return _done(fund_id, "close", lambda fund: aiding.close_month(fund, _counted()))


def _counted() -> dict[str, Any]:
    words = {name: desk_typed.text(name) for name in ("counted_with", "explanation")}
    return {**words, "counted": desk_typed.fen("counted")}


def _asked(fund: PettyFund) -> Response:
    return _done(fund.id, "ask", lambda found: aiding.ask_money(found, _wanted()))


def _wanted() -> dict[str, Any]:
    said = {name: desk_typed.text(name) for name in ("kind", "reason")}
    return {**said, "amount": desk_typed.fen("amount"), "key": desk_typed.key()}


def _done(fund_id: UUID, form: str, act: Callable[[PettyFund], object]) -> Response:
    try:
        act(aiding.fund(fund_id))
    except (Invalid, Conflict) as refusal:
        session().rollback()
        told = Invalid(refusal.message, code=refusal.code, fields=refusal.fields)
        fund = session().get(PettyFund, fund_id)
        return _book_page(fund, told, form)
    return go(f"/desk/ledger/{fund_id}")


def _book_page(fund: PettyFund | None, refusal: Invalid | None = None, form: str = "") -> Response:
    who = actor()
    code = fund.region_code if fund else who.region_code
    path = regions.path(session(), code)
    most = ceilings.petty_fund(portal().catalogue, path, on=local_date(now()))
    return desk_look.page(
        "desk/ledger.html", 422 if refusal else 200,
        fund=fund, place=regions.full_name(session(), code), most=most.value,
        keeps=who.holds(*ledger.KEEPERS) and who.region_code == code,
        confirms=who.holds(Role.COUNTY_CONFIRMER), **_lines(fund), yuan=ledger.yuan,
        kinds=book.KINDS, asked=ASKED, key=uuid4(), refusal=refusal, form=form,
        typed=request.form, booked=ledger.BOOKED, me=str(who),
    )  # fmt: skip


def _lines(fund: PettyFund | None) -> dict[str, Any]:
    if fund is None:
        return {"entries": [], "requests": [], "closings": [], "faults": [], "month": ""}
    entries = ledger.entries(session(), fund)
    return {
        "entries": [
            (e, book.reference(session(), e), book.words(e, actor=actor()), book.who(session(), e))
            for e in entries
        ],
        "requests": [
            (r, supply.reason(session(), fund, r)) for r in supply.waiting(session(), [fund])
        ],
        "closings": closing.closed(session(), fund),
        "faults": ledger.faults(session(), fund),
        "month": closing.month_to_close(session(), fund, now=now()),
        "late": closing.is_late(session(), fund, now=now()),
    }


def _list_page() -> Response:
    funds = ledger.all_of(session(), actor=actor())
    wait = supply.waiting(session(), funds)
    return desk_look.page(
        "desk/ledgers.html",
        funds=[
            (
                fund, regions.full_name(session(), fund.region_code),
                [r for r in wait if r.fund_id == fund.id],
                closing.is_late(session(), fund, now=now()),
            )
            for fund in funds
        ],
        yuan=ledger.yuan,
    )  # fmt: skip
