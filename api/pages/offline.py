"""What opens without a signal: the service worker, all guides on one page, a blank sheet of every
form, and a page that says what still works. Nothing here is personal."""

import json
from hashlib import sha256

from flask import Blueprint, Response, make_response

from api import assets, security
from api.context import portal
from api.pages import answers, go, guides, show, steps
from portal.people import mandate_terms
from portal.policy import guide
from portal.policy.catalogue import Program

pages = Blueprint("offline", __name__)

KEPT = (
    "/", "/self-check", "/guides", "/contacts", "/offline", "/waiting", "/fill/dibao",
    "/fill/linshi",
)  # fmt: skip
"""The other sheets are kept once somebody has looked at their program."""
_MODULES = (
    "assets/app.js", "assets/check.js", "assets/place.js", "shared/eligibility.js",
    "shared/conditions.js", "assets/photo.js", "assets/photo-worker.js", "assets/store.js",
    "assets/upload.js", "assets/camera.js", "assets/outbox.js", "assets/sync.js", "assets/post.js",
    "assets/draft.js", "assets/form.js", "assets/sheet.js", "assets/seal.js", "assets/app.css",
)  # fmt: skip
_RULES = "/api/self-checks/rules?words=false&region="
_SOURCE = assets.STATIC / "assets" / "sw.js"


@pages.get("/sw.js")
def service_worker() -> Response:
    """Its first line names the version of everything it keeps; browsers look for a new one."""
    kept = [*KEPT, _RULES, *(assets.url(name) for name in _MODULES)]
    text = _SOURCE.read_text(encoding="utf-8")
    version = sha256((text + "".join(kept)).encode()).hexdigest()[:10]
    head = f"const VERSION = {json.dumps(version)};\nconst KEPT = {json.dumps(kept)};\n"
    answer = make_response(head + text)
    answer.content_type = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "max-age=3600"
    return answer


@pages.get("/guides")
def all_guides() -> Response:
    """Every guide on one page, to be read without a signal."""
    found = [
        (program, guide.blocks(program.guide))
        for program in guide.in_order(portal().catalogue.programs)
    ]
    return show("pages/guides.html", public=True, found=found, cited=guides.cited)


@pages.get("/waiting")
def waiting() -> Response:
    """What this phone has not sent yet: its scripts know, the portal does not."""
    return show("pages/waiting.html", public=True)


@pages.get("/fill/<program_id>")
def sheet(program_id: str) -> Response:
    """All topics of a form, blank: what the phone fills in without a signal."""
    program = portal().catalogue.find(program_id)
    if not _has_sheet(program):
        return go(f"/guide/{program.id}")
    fields = program.form.fields
    page = steps.page_knows(tuple(fields), answers.Raw(), {}, {}) | {"sheet": True}
    blank = show(
        "pages/fill.html", public=True, program=program, page=page, papers=program.documents,
        kinds=mandate_terms.KINDS,
    )  # fmt: skip
    return security.with_camera(blank)


@pages.get("/offline")
def without_signal() -> Response:
    """Which forms can be begun here: two always, the others once somebody has looked at them."""
    programs = guide.in_order(portal().catalogue.programs)
    others = [p for p in programs if _has_sheet(p) and f"/fill/{p.id}" not in KEPT]
    return show("pages/offline.html", public=True, others=others)


def _has_sheet(program: Program) -> bool:
    return program.has_form and not program.travels_alone
