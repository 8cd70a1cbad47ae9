"""The page behind a signing link: one text, one signer, nothing else, without signing in."""

from typing import Any

from flask import Blueprint, Response, current_app, g, request

from api import applications as api
from api import sign_ways
from api.context import now, session
from api.pages import mine, show
from portal.filing import applications, shared_papers, sign_links, signatures
from portal.filing.sign_links import Opened
from portal.filing.signing_words import words_for
from portal.foundation.errors import Refusal

pages = Blueprint("sign_link", __name__)

_PATH = "/sign/<token>"


@pages.get(_PATH)
def read(token: str) -> Response:
    return _page(token, sign_links.find(session(), token, now=now()))


@pages.post(_PATH)
def sign(token: str) -> Response:
    """With a finger, or with a code to the signer's own phone; at the visit is no consent."""
    opened = sign_links.find(session(), token, lock=True, now=now())
    body: dict[str, Any] = {name: request.form.get(name, "") for name in _FIELDS}
    body |= {"signer": opened.signer, "code": body["code"].strip()}
    try:
        if body["method"] == "screen":
            body["strokes"] = current_app.json.loads(request.form.get("strokes", "") or "[]")
        elif body["method"] != "code":
            body["method"] = "visit"
        program = api.program_of(opened.application)
        sign_ways.sign_as(session(), opened.application, program, body, opened.actor)
    except Refusal as refused:
        g.keeps = refused.keeps
        return _page(token, opened, refused, phone=body["phone"])
    coded = body["method"] == "code" and not body["code"]
    return _page(token, opened, phone=body["phone"] if coded else "")


@pages.post(f"{_PATH}/withdrawal")
def withdraw(token: str) -> Response:
    opened = sign_links.find(session(), token, lock=True, now=now())
    program = api.program_of(opened.application)
    shared_papers.withdraw_signature(
        session(), opened.application, program, opened.signer, actor=opened.actor, now=now()
    )
    return _page(token, opened)


_FIELDS = ("method", "text_version", "phone", "code")


def _page(
    token: str, opened: Opened, refused: Refusal | None = None, *, phone: str = ""
) -> Response:
    """Half the applicant's name: enough for who is of the family."""
    application, program = opened.application, api.program_of(opened.application)
    signer = signatures.asked(
        session(), application, program, opened.signer, actor=opened.actor, now=now()
    )
    name = str(applications.answers(session(), application).get("applicant_name") or "")
    title, *lines = [line for line in words_for(opened.signer).splitlines() if line.strip()]
    return show(
        "pages/sign_link.html", refused.status if refused else 200, signer=signer, phone=phone,
        family=f"{name[:1]}*{name[-1:] if len(name) > 2 else ''}" if name else "",
        program=program, text=(title, lines), version=signatures.TEXT_VERSION,
        coded=bool(phone) and (refused is None or "code" in request.form),
        wrong=refused.message if refused else "", until=opened.expires_at, at=mine.at,
        token=token, alone=True,
    )  # fmt: skip
