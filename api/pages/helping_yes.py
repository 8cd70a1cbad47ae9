"""How the person helped says yes: to the help, and to another payee account."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, g, request

from api import acting
from api import mandates as verbs
from api.context import actor, session
from api.pages import go, helping, mine, safe_next, show
from portal.filing import documents, telling
from portal.foundation.errors import Refusal
from portal.people import mandates
from portal.people.mandate_basis import BASES
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import TEXT, scope

pages = mine.room("helping_yes")


@pages.get(f"{helping.ONE}/yes")
def ask_yes(mandate_id: UUID) -> Response:
    mandate = helping.mine_only(mandate_id)
    acting.check_mandate(mandate.id)
    return _yes(mandate)


@pages.post(f"{helping.ONE}/yes")
def say_yes(mandate_id: UUID) -> Response:
    """By the way whose button was pressed; a refusal comes back on the same page."""
    try:
        sent = _say(mandate_id)
    except Refusal as refused:
        if refused.status in (401, 403, 404):
            raise
        if not refused.keeps:
            session().rollback()
        g.keeps = refused.keeps
        return _yes(helping.mine_only(mandate_id), refused)
    return _yes(helping.mine_only(mandate_id), coded=True) if sent else go(_after_yes(mandate_id))


def _say(mandate_id: UUID) -> bool:
    """Whether a code was sent, which is still to be typed."""
    if request.form.get("method") == "audio":
        verbs.recorded(mandate_id)
        return False
    wanted: dict[str, Any] = {"method": request.form.get("method", ""), "purpose": "mandate"}
    wanted |= {name: request.form.get(name, "").strip()[:64] for name in ("phone", "code")}
    wanted["witnesses"] = [
        {part: request.form.get(f"witness_{n}.{part}", "")[:64] for part in ("name", "relation")}
        for n in (1, 2)
    ]
    if wanted["method"] == "screen":
        wanted["strokes"] = current_app.json.loads(request.form.get("strokes", "") or "[]")
    mandate = mandates.find(session(), mandate_id, actor=actor(), lock=True)
    verbs.confirmed(mandate, wanted)
    return wanted["method"] == "code" and not wanted["code"]


def _yes(mandate: Mandate, refused: Refusal | None = None, *, coded: bool = False) -> Response:
    title, *lines = [line for line in TEXT.splitlines() if line.strip()]
    lines.insert(1, scope(verbs.titles(mandate)))
    return show(
        "pages/helping_yes.html", refused.status if refused else 200, mandate=mandate,
        said=mandates.details(session(), mandate), text=(title, lines),
        wrong=refused.message if refused else "", errors=refused.fields if refused else {},
        coded=coded or (refused is not None and "code" in request.form),
        basis=BASES.get(mandate.basis or "", ""), files=helping.files_of(mandate),
        paper=documents.MANDATE_PAPER, proof=documents.GUARDIAN_PROOF,
        after=_after_yes(mandate.id), typed=request.form,
    )  # fmt: skip


def _after_yes(mandate_id: UUID) -> str:
    return safe_next(request.values.get("next"), f"/helping/{mandate_id}")


@pages.get(f"{helping.ONE}/payee")
def ask_payee(mandate_id: UUID) -> Response:
    mandate = helping.mine_only(mandate_id)
    acting.check_mandate(mandate.id)
    return _payee(mandate)


@pages.post(f"{helping.ONE}/payee")
def open_payee(mandate_id: UUID) -> Response:
    """A code to the person's own phone; then the account may be changed for ten minutes."""
    mandate = mandates.find(session(), mandate_id, actor=actor(), lock=True)
    code = request.form.get("code", "").strip()[:64]
    try:
        verbs.confirmed(mandate, {"method": "code", "purpose": "payee", "code": code})
    except Refusal as refused:
        if refused.status in (401, 403, 404):
            raise
        if not refused.keeps:
            session().rollback()
        g.keeps = refused.keeps
        return _payee(helping.mine_only(mandate_id), refused)
    if code:
        return go(_after_yes(mandate.id))
    return _payee(mandate, coded=True)


def _payee(mandate: Mandate, refused: Refusal | None = None, *, coded: bool = False) -> Response:
    way = telling.way(session(), mandate)
    return show(
        "pages/helping_payee.html", refused.status if refused else 200, mandate=mandate,
        said=mandates.details(session(), mandate), phone=way.phone.masked if way.phone else "",
        wrong=refused.message if refused else "", after=_after_yes(mandate.id),
        coded=coded or (refused is not None and bool(request.form.get("code"))),
    )  # fmt: skip
