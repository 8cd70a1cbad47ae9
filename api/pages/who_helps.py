"""The person helped: who helps me, ended in two taps, by code without signing in; what was begun
for me, claimed."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, g, request

from api import acting, callers
from api import applications as api
from api import mandates as verbs
from api.context import actor, now, portal, session
from api.pages import go, mine, show
from portal.casework import stages
from portal.filing import helping
from portal.foundation.clock import spoken
from portal.foundation.errors import Invalid, NotFound, Refusal
from portal.people import consents, households, mandates, revoke_codes
from portal.people.access import Act
from portal.people.mandate_basis import BASES, UNSIGNED
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import ALL, KINDS
from portal.policy.lifecycle import Status

pages = mine.room("who_helps")

ACTS = {Act.FILL: "填表、拍照", Act.SUBMIT: "提交", Act.FOLLOW: "看进度"}
_KINDS = {kind: words for kind, words in KINDS.items() if kind != "proactive"}


@pages.get("/helpers")
def everybody() -> Response:
    acting.check_mandate(None)
    account = api.resident()
    found = [_line(one) for one in verbs.helped(account)]
    return show(
        "pages/who_helps.html", standing=[x for x in found if not x["over"]],
        over=[x for x in found if x["over"]], offers=helping.offers(session(), account),
        own=households.of_account(session(), account.id), spoken=spoken,
    )  # fmt: skip


@pages.post("/helpers/<uuid:mandate_id>/revocation")
def revoke(mandate_id: UUID) -> Response:
    """The second of two taps; over with the helper's next request."""
    account = api.resident()
    mandate = mandates.find(session(), mandate_id, actor=actor(), lock=True)
    if mandates.household_of(session(), mandate).account_id != account.id:
        raise NotFound("没有找到这份委托。")
    mandates.revoke(session(), mandate, actor=actor(), now=now())
    return go("/helpers")


@pages.get("/helpers/new")
def ask_new() -> Response:
    acting.check_mandate(None)
    if consents.missing(session(), api.resident()):
        return go("/consents?next=" + quote(request.path, safe="/"))
    return _new({})


@pages.post("/helpers/new")
def appoint() -> Response:
    names = ("kind", "person", "helper", "helper_phone", "relation", "why")
    wanted: dict[str, Any] = {name: request.form.get(name, "")[:64] for name in names}
    wanted["acts"] = request.form.getlist("acts")
    own = households.of_account(session(), api.resident().id)
    chosen = next((h for h in own if str(h.id) == request.form.get("household")), None)
    if chosen is None and len(own) == 1:
        chosen = own[0]
    if chosen is None:
        raise households.unknown()
    try:
        verbs.given({**wanted, "household_id": chosen.id, "programs": _scope()})
    except Refusal as refused:
        if refused.status in (401, 403, 404):
            raise
        session().rollback()
        return _new(refused.fields or {"kind": [refused.message]}, 422)
    return go("/helpers")


@pages.get("/helpers/claim")
def ask_claim() -> Response:
    acting.check_mandate(None)
    api.resident()
    return _claim()


@pages.post("/helpers/claim")
def claim() -> Response:
    """By the number that was named, or by the code on the slip; and by what the person knows."""
    account = api.resident()
    try:
        code = request.form.get("code", "")[:64]
        mandate = _offered(code)
        helping.claim(
            session(), account, mandate, request.form.get("proof", "")[:64], by_code=bool(code),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Refusal as refused:
        if refused.status in (401, 403):
            raise
        return _claim(refused)
    return go("/helpers")


@pages.get("/not-me")
def ask_code() -> Response:
    return show("pages/not_me.html", code=request.args.get("code", "")[:20], error="", done=False)


@pages.post("/not-me")
def not_me() -> Response:
    code = request.form.get("code", "")[:64]
    try:
        mandates.not_me(session(), code, network=callers.network(), now=now())
    except Refusal as refused:
        g.keeps = refused.keeps
        return show(
            "pages/not_me.html", refused.status, code=code, error=refused.message, done=False
        )
    return show("pages/not_me.html", code="", error="", done=True)


def _offered(code: str) -> Mandate:
    if code:
        return revoke_codes.typed(session(), code, network=callers.network(), now=now())
    try:
        return verbs.offered(api.resident(), UUID(request.form.get("mandate", "")))
    except ValueError as fault:
        raise NotFound("没有找到这份委托。") from fault


def _scope() -> list[str]:
    """Empty: all. Raises Invalid when it is one program, and not which."""
    if request.form.get("scope", ALL) == ALL:
        return []
    program = request.form.get("program", "")[:64]
    if program not in portal().catalogue.programs:
        raise Invalid("请选哪一种。", fields={"scope": ["请选哪一种。"]})
    return [program]


def _new(errors: dict[str, list[str]], status: int = 200) -> Response:
    own = households.of_account(session(), api.resident().id)
    named = [(one, households.called(session(), one) or "我家") for one in own]
    return show(
        "pages/who_helps_new.html", status, kinds=_KINDS, acts=ACTS, errors=errors, own=named,
        programs=[p for p in portal().catalogue.programs.values() if p.has_form],
        typed=request.form, ticked=request.form.getlist("acts") or list(ACTS),
    )  # fmt: skip


def _claim(refused: Refusal | None = None) -> Response:
    if refused is not None:
        g.keeps = refused.keeps
    return show(
        "pages/claim.html", refused.status if refused else 200,
        offers=helping.offers(session(), api.resident()), typed=request.values,
        error=refused.message if refused else "",
    )  # fmt: skip


def _line(mandate: Mandate) -> dict[str, Any]:
    told = verbs.shown(mandate)
    return {
        "mandate": mandate,
        "helper": told["helper"],
        "over": told["over"],
        "kind": KINDS[mandate.kind],
        "basis": BASES.get(mandate.basis or "", UNSIGNED),
        "titles": verbs.titles(mandate),
        "acts": [ACTS[Act(act)] for act in mandate.acts],
        "files": [stages.LABELS[Status(f.status)] for f in told["applications"]],
    }
