"""Signing in and out, consents, and what is held about a person: pages without JavaScript."""

from urllib.parse import quote

from flask import Blueprint, Response, g, request

from api import callers, cookies, known_device, me
from api.auth import end_everywhere, enter
from api.context import actor, maybe_actor, now, portal, session
from api.messages import state_text
from api.pages import go, onward, safe_next, show
from portal.contact import messages
from portal.foundation.clock import spoken
from portal.foundation.errors import Conflict, Invalid, NotFound, Refusal, TooOften
from portal.foundation.settings import Mode
from portal.people import consents, sign_in, wechat
from portal.people.access import Role
from portal.people.identity import Phone
from portal.people.tables import Account

pages = Blueprint("sign_in", __name__)

_PHONE = "signing_in"
_PHONE_STAYS = 600


@pages.get("/sign-in")
def ask_phone() -> Response:
    who = maybe_actor()
    if who is not None and who.role is Role.APPLICANT:
        return go(_after())
    return _phone_page("")


@pages.post("/sign-in")
def send_code() -> Response:
    typed = request.form.get("phone", "")[:64]
    try:
        sign_in.request_code(
            session(), typed, device=callers.device(), network=callers.network(), now=now()
        )
    except TooOften as refusal:
        return _remember(_phone_page(typed, refusal), typed)
    except Invalid as refusal:
        return _phone_page(typed, refusal)
    if onward.fields():
        return _remember(_code_page(typed=typed), typed)
    return _remember(go("/sign-in/code?next=" + quote(_after(), safe="/")), typed)


@pages.get("/sign-in/code")
def ask_code() -> Response:
    return _code_page() if _PHONE in request.cookies else go("/sign-in")


@pages.post("/sign-in/code")
def check_code() -> Response:
    phone = request.cookies.get(_PHONE, "")
    if not phone:
        return go("/sign-in")
    try:
        account = enter(phone, request.form.get("code", "")[:64])
    except (Invalid, TooOften) as refusal:
        return _code_page(refusal)
    cookies.sign_in_browser(session(), account=account, shared="shared" in request.form)
    answer = onward.again() if onward.fields() else go(_next_page(account))
    answer.delete_cookie(_PHONE, path="/sign-in")
    return answer


@pages.post("/sign-out")
def leave() -> Response:
    """From a phone that is not their own everything of ours goes."""
    cookies.sign_out_browser(session())
    answer = go("/")
    if cookies.is_shared():
        answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@pages.get("/prove")
def ask_proof() -> Response:
    if not sign_in.needs_proof(me.account(), now()):
        return go(_after())
    return _proof_page()


@pages.post("/prove")
def prove() -> Response:
    mine = me.account()
    typed = request.form.get("last_six", "")[:64]
    try:
        sign_in.prove_person(session(), mine, typed, me.own_numbers(mine), now=now())
    except (Invalid, TooOften) as refusal:
        return _proof_page(refusal)
    return go(_next_page(mine))


@pages.post("/prove/fresh-start")
def start_afresh() -> Response:
    """The code has just proved the number: the new, empty account is entered at once."""
    fresh = sign_in.start_afresh(session(), me.account(), now=now())
    cookies.sign_in_browser(session(), account=fresh)
    return go(_next_page(fresh))


@pages.get("/consents")
def ask_consents() -> Response:
    given = consents.given(session(), me.account())
    return _consents_page([kind for kind, at in given.items() if at is not None])


@pages.post("/consents")
def give_consents() -> Response:
    mine, chosen = me.account(), request.form.getlist("consent")
    read = {kind: request.form.get(f"version-{kind}", "") for kind in chosen}
    try:
        consents.give(session(), mine, chosen, versions=read, now=now())
    except (Conflict, Invalid) as refusal:
        return _consents_page(chosen, refusal.message)
    left = [kind for kind in consents.KINDS if kind not in chosen]
    consents.withdraw(session(), mine, left, now=now())
    if consents.missing(session(), mine):
        return _consents_page(chosen, "前面标“要同意”的都要打勾。")
    return onward.again() if onward.fields() else go(_next_page(mine))


@pages.get("/privacy")
def read_privacy() -> Response:
    return show("pages/privacy.html", public=True, texts=me.texts(None))


@pages.get("/me")
def held() -> Response:
    mine = me.account()
    if sign_in.needs_proof(mine, now()):
        return go("/prove")
    about = me.about(mine)
    titles = {p.id: p.title for p in portal().catalogue.programs.values()}
    return show("pages/me.html", about=about, titles=titles, spoken=spoken)


@pages.post("/me/consents/<kind>")
def change_consent(kind: str) -> Response:
    """One button a consent: give it, or take it back."""
    if request.form.get("wanted") == "yes":
        consents.give(session(), me.account(), [kind], now=now())
    else:
        consents.withdraw(session(), me.account(), [kind], now=now())
    return go("/me")


@pages.post("/me/wechat/unbind")
def unbind_wechat() -> Response:
    actor()
    wechat.let_go(session(), me.account(), now=now())
    return go("/me")


@pages.post("/me/sign-out")
def leave_everywhere() -> Response:
    end_everywhere()
    cookies.drop()
    return go("/")


@pages.get("/dev/outbox")
def outbox() -> Response:
    """The texts a phone would have received; only where no real phone could."""
    if not demo():
        raise NotFound()
    return show(
        "pages/dev_outbox.html", texts=messages.latest(session()), spoken=spoken, state=state_text
    )


def demo() -> bool:
    settings = portal().settings
    return settings.mode is Mode.DEMO and settings.sms == "standin"


def _phone_page(typed: str, refusal: Refusal | None = None) -> Response:
    return show(
        "pages/sign_in.html",
        status=_status(refusal),
        phone=typed,
        error=refusal and refusal.message,
        sent=isinstance(refusal, TooOften),
        onward=onward.fields(),
        after=_after(),
    )


def _code_page(refusal: Refusal | None = None, *, typed: str = "") -> Response:
    phone = Phone.parse(typed or request.cookies[_PHONE])
    return show(
        "pages/sign_in_code.html",
        status=_status(refusal),
        phone=phone,
        error=refusal and refusal.message,
        demo=demo(),
        onward=onward.fields(),
        after=_after(),
    )


def _proof_page(refusal: Refusal | None = None) -> Response:
    error = refusal and refusal.message
    return show("pages/prove.html", status=_status(refusal), error=error)


def _consents_page(chosen: list[str], error: str = "") -> Response:
    status = 422 if error else 200
    g.keeps = bool(error)
    return show(
        "pages/consents.html",
        status=status,
        texts=me.texts(None),
        chosen=chosen,
        error=error,
        onward=onward.fields(),
        after=_after(),
    )


def _status(refusal: Refusal | None) -> int:
    """Notes besides whether what was written before the refusal is kept."""
    if refusal is None:
        return 200
    g.keeps = refusal.keeps
    return refusal.status


def _next_page(account: Account) -> str:
    if sign_in.needs_proof(account, now()):
        return "/prove"
    if consents.missing(session(), account):
        return "/consents?next=" + quote(_after(), safe="/")
    if known_device.is_missing(account):
        return "/roster/factor?next=" + quote(_after(), safe="/")
    return _after()


def _after() -> str:
    return safe_next(request.values.get("next"))


def _remember(answer: Response, typed: str) -> Response:
    """The number, for the second screen only, ten minutes, in this browser only."""
    answer.set_cookie(
        _PHONE,
        Phone.parse(typed).value,
        max_age=_PHONE_STAYS,
        path="/sign-in",
        httponly=True,
        samesite="Lax",
        secure=portal().settings.secure,
    )
    return answer
