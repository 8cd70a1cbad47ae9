"""Signing the consent to the means check: on the screen, by code, on paper, at the visit."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, g, request

from api import applications as api
from api import sign_ways
from api.context import actor, now, portal, session
from api.pages import go, mine, show
from portal.filing import documents, shared_papers, sign_links, signatures
from portal.filing.signatures import Signer
from portal.filing.tables import Application
from portal.foundation.clock import spoken
from portal.foundation.errors import NotFound, Refusal
from portal.policy.catalogue import Program

pages = mine.room("signing")

_PATH = "/applications/<uuid:application_id>/sign"
_BOARD = "/applications/<uuid:application_id>/signers"


@pages.get(_BOARD)
@pages.get(_PATH)
def everybody(application_id: UUID) -> Response:
    """The board: every adult, who has signed and how, who has not."""
    application, program = mine.my(application_id)
    return _board(application, program)


@pages.post(f"{_BOARD}/<signer>/link")
def send_link(application_id: UUID, signer: str) -> Response:
    """Shown once, to be sent on; an earlier link of the same signer stops working."""
    application, program = mine.my(application_id)
    token = sign_links.make(session(), application, program, signer, actor=actor(), now=now())
    url = f"{portal().settings.public_url}/sign/{token}"
    found = _signer(application, program, signer)
    until = spoken(now() + sign_links.STAYS)
    return show(
        "pages/sign_sent.html", application=application, signer=found, url=url, until=until,
        at=mine.at,
    )  # fmt: skip


@pages.post(f"{_BOARD}/<signer>/withdrawal")
def withdraw(application_id: UUID, signer: str) -> Response:
    application, program = mine.my(application_id)
    shared_papers.withdraw_signature(
        session(), application, program, signer, actor=actor(), now=now()
    )
    return go(mine.at(application, "signers"))


@pages.get(f"{_PATH}/print")
def paper(application_id: UUID) -> Response:
    """A page to print or to copy out by hand, one line for every signer."""
    application, program = mine.my(application_id)
    signers = signatures.needed(session(), application, program, now=now())
    return show(
        "pages/sign_print.html", application=application, signers=signers, text=_text(), at=mine.at
    )


@pages.get(f"{_PATH}/<signer>")
def one(application_id: UUID, signer: str) -> Response:
    application, program = mine.my(application_id)
    return _page(application, program, signer)


@pages.post(f"{_PATH}/<signer>")
def sign(application_id: UUID, signer: str) -> Response:
    """By the way whose button was pressed; a refusal comes back on the same page."""
    try:
        sent = _sign(application_id, signer)
    except Refusal as refused:
        if refused.status in (401, 403):
            raise
        g.keeps = refused.keeps
        application, program = mine.my(application_id)
        phone, status = request.form.get("phone", ""), refused.status
        return _page(
            application, program, signer, wrong=refused.message, phone=phone, status=status
        )
    if sent:
        application, program = mine.my(application_id)
        return _page(application, program, signer, phone=sent)
    return go(f"/applications/{application_id}/sign")


def _sign(application_id: UUID, signer: str) -> str:
    """The phone a code went to, or "" when the signature stands."""
    body: dict[str, Any] = {**request.form, "signer": signer}
    body["text_version"] = request.form.get("text_version", "")
    if body.get("method") == "paper":
        received, _item = api.check_photo(application_id)
        document = api.keep_photo(application_id, received, documents.SIGNED_PAGE)
        body["document_id"] = document.id
    if body.get("method") == "screen":
        body["strokes"] = current_app.json.loads(request.form.get("strokes", "") or "[]")
    body["code"] = request.form.get("code", "").strip()
    body["as_guardian"] = "as_guardian" in request.form
    application = api.find(application_id)
    sign_ways.sign_as(session(), application, api.program_of(application), body)
    return str(body["phone"]) if body["method"] == "code" and not body["code"] else ""


def _board(application: Application, program: Program) -> Response:
    return show(
        "pages/sign.html",
        application=application,
        signers=signatures.needed(session(), application, program, now=now()),
        links=sign_links.live(session(), application, now=now()),
        strength=signatures.strength,
        spoken=spoken,
        text=_text(),
        methods=signatures.METHODS,
        own=actor().grant is None,
        at=mine.at,
    )


def _page(
    application: Application,
    program: Program,
    key: str,
    *,
    wrong: str = "",
    phone: str = "",
    status: int = 200,
) -> Response:
    return show(
        "pages/signer.html",
        status,
        application=application,
        signer=_signer(application, program, key),
        text=_text(),
        version=signatures.TEXT_VERSION,
        wrong=wrong,
        phone=phone,
        coded="code" in request.form or (bool(phone) and not wrong),
        helps=actor().grant is not None,
        guardian=_guardian(key),
        at=mine.at,
    )


def _guardian(key: str) -> bool:
    """Whether who acts is the applicant's guardian."""
    grant = actor().grant
    return grant is not None and grant.guardian and key == signatures.APPLICANT


def _signer(application: Application, program: Program, key: str) -> Signer:
    for found in signatures.needed(session(), application, program, now=now()):
        if found.key == key:
            return found
    raise NotFound("没有找到这位签名人。")


def _text() -> tuple[str, list[str]]:
    title, *lines = [line for line in signatures.TEXT.splitlines() if line.strip()]
    return title, lines
