"""What opens without a signal: the service worker, all guides on one page, and a page that says
what still works. Nothing here is personal."""

import json
from hashlib import sha256

from flask import Blueprint, Response, make_response

from api import assets
from api.context import portal
from api.pages import guides, show
from portal.policy import guide

pages = Blueprint("offline", __name__)

KEPT = ("/", "/self-check", "/guides", "/contacts", "/offline", "/waiting")
_MODULES = (
    "assets/app.js", "assets/check.js", "assets/place.js", "shared/eligibility.js",
    "shared/conditions.js", "assets/photo.js", "assets/store.js", "assets/upload.js",
    "assets/outbox.js",
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
    return show("pages/waiting.html")


@pages.get("/offline")
def without_signal() -> Response:
    return show("pages/offline.html", public=True)
