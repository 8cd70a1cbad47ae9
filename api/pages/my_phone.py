"""Another phone number: both are proved by a code, or the old one by the identity number; pages
without JavaScript."""

from flask import Response, g, request

from api import callers, cookies, me
from api.context import now, session
from api.pages import go, mine, show
from api.pages.sign_in import demo
from portal.foundation.errors import Conflict, Invalid, Refusal, TooOften
from portal.people import sign_in
from portal.people.identity import Phone
from portal.people.tables import Account

pages = mine.room("my_phone")

_BY_CODE, _BY_SIX = "old_code", "last_six"


@pages.get("/me/phone")
def ask() -> Response:
    account = me.account()
    return go("/prove") if sign_in.needs_proof(account, now()) else _ask_page(account, "")


@pages.post("/me/phone")
def send() -> Response:
    """A code to the new number, and one to the old where that is still at hand."""
    account, typed = me.account(), request.form.get("phone", "")[:64]
    way = _way(account)
    if sign_in.needs_proof(account, now()):
        return go("/prove")
    try:
        sign_in.check_new_number(session(), account, typed)
        if way == _BY_CODE:
            _send(account, sign_in.phone_of(session(), account).value)
        _send(account, typed)
    except (Invalid, TooOften) as refused:
        return _ask_page(account, typed, refused)
    return _codes_page(Phone.parse(typed), way)


@pages.post("/me/phone/codes")
def change() -> Response:
    """Signed out everywhere; the old number is told."""
    account, form = me.account(), request.form
    new, way = Phone.parse(form.get("phone", "")[:64]), _way(account)
    wanted = {"phone": new.value, "code": form.get("code", "")[:64]}
    if way:
        wanted[way] = form.get(way, "")[:64]
    try:
        me.move_phone(wanted)
    except (Invalid, Conflict, TooOften) as refused:
        if not refused.keeps:
            session().rollback()
        return _codes_page(new, way, refused)
    cookies.drop()
    return show("pages/my_phone_changed.html", phone=new, told=bool(way))


def _way(account: Account) -> str:
    """How the old number is proved; empty where there is none."""
    if account.phone_sealed is None:
        return ""
    return _BY_SIX if request.form.get("old") == "gone" else _BY_CODE


def _send(account: Account, phone: str) -> None:
    sign_in.request_code(
        session(), phone, purpose=f"phone:{account.id}", device=callers.device(),
        network=callers.network(), now=now(),
    )  # fmt: skip


def _ask_page(account: Account, typed: str, refused: Refusal | None = None) -> Response:
    old = None if account.phone_sealed is None else sign_in.phone_of(session(), account)
    gone = request.form.get("old") == "gone"
    return show(
        "pages/my_phone.html", _status(refused), old=old, phone=typed, gone=gone,
        error=refused and refused.message,
    )  # fmt: skip


def _codes_page(new: Phone, way: str, refused: Refusal | None = None) -> Response:
    status = _status(refused)
    errors = refused.fields or {"code": [refused.message]} if refused else {}
    return show("pages/my_phone_codes.html", status, phone=new, way=way, errors=errors, demo=demo())


def _status(refused: Refusal | None) -> int:
    if refused is None:
        return 200
    g.keeps = refused.keeps
    return refused.status
