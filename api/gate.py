"""More people than can be served: who is asked to come back first. Photos, which wait on the phone
by themselves; then looking; then saving. Handing in is never turned away here.
"""

import os
import secrets
import time
from collections.abc import Callable

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

from api import context, errors, pages
from portal.foundation.errors import Busy

PHOTO, LOOK, SAVE, SUBMIT = "photo", "look", "save", "submit"
MOST_WAITING = {PHOTO: 16, LOOK: 48, SAVE: 128}
"""Requests waiting for a thread of this process, beyond which this kind is asked to come back: at
8 ms a request about 0.1, 0.4 and 1 second. nginx limits what one caller may send."""
_KINDS = {
    **dict.fromkeys(
        (
            "uploads.put", "applications.add_photo", "photos.add", "office_survey.add_photos",
            "desk_survey.add_photos",
        ),
        PHOTO,
    ),
    **dict.fromkeys(
        (
            "applications.submit", "households.submit", "apply.submit", "hand_in.submit",
            "status.ask_for_help", "home.ask_for_help", "office_leads.file_emergency",
            "desk_leads.file_emergency", "office_aid.first_at_window", "desk_aid.first_at_window",
            "office_aid.small_at_window", "desk_aid.small_at_window", "office_households.add",
            "desk_household.add",
        ),
        SUBMIT,
    ),
}  # fmt: skip
"""deploy/nginx knows the ways to SUBMIT too, and limits none of them."""
_WATCHING = frozenset({"system.alive", "system.ready", "system.metrics"})
_WORDS = {
    PHOTO: "现在人多。照片还在您的手机上，请过一会儿再传。",
    LOOK: "现在人多，请过一会儿再试。",
    SAVE: "现在人多。请别关这一页，过一会儿再试。",
}
_SOONEST, _LATEST = 5, 20
"""Seconds. Not everybody may come back in the same one."""

REGISTRY = CollectorRegistry()
_SHED = Counter(
    "portal_shed", "requests asked to come back later", ["kind", "process"], registry=REGISTRY
)
_TOOK = Histogram(
    "portal_request_seconds", "time a request took, without waiting for a thread",
    ["kind", "process"], buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15),
    registry=REGISTRY,
)  # fmt: skip
_FAILED = Counter(
    "portal_failed", "requests answered with our own fault (500)", ["process"], registry=REGISTRY
)
_AWAY = Counter(
    "portal_away", "requests answered 503 for want of what the code says", ["code", "process"],
    registry=REGISTRY,
)  # fmt: skip
_CODES = ("busy", "storage", "sms_away", "wechat_down")
"""What Refusals of 503 are called: shown from the beginning, so that the first one counts."""


def install(app: Flask, *, waiting: Callable[[], int] = lambda: 0) -> None:
    """`waiting`: how many requests have no thread yet; gunicorn.conf.py puts the real one there."""
    app.extensions["waiting"] = waiting
    _FAILED.labels(os.getpid())
    for code in _CODES:
        _AWAY.labels(code, os.getpid())
    app.before_request(_let_in)
    app.after_request(_measure)


def kind_of(endpoint: str | None, method: str) -> str:
    if method in context.SAFE:
        return LOOK
    return _KINDS.get(endpoint or "", SAVE)


def _let_in() -> Response | None:
    g.began = time.monotonic()
    kind = kind_of(request.endpoint, request.method)
    most = MOST_WAITING.get(kind)
    if most is None or request.endpoint in _WATCHING or current_app.extensions["waiting"]() <= most:
        return None
    _SHED.labels(kind, os.getpid()).inc()
    g.shed = True
    later = _SOONEST + secrets.randbelow(_LATEST - _SOONEST)
    refusal = Busy(_WORDS[kind], retry_after=later)
    if errors.wants_json():
        return errors.from_refusal(refusal)
    answer = pages.show("pages/sorry.html", 503, public=True, message=refusal.message, fields={})
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Retry-After"] = str(later)
    return answer


def _measure(response: Response) -> Response:
    kind, process = kind_of(request.endpoint, request.method), os.getpid()
    if "began" in g and request.endpoint not in _WATCHING:
        _TOOK.labels(kind, process).observe(time.monotonic() - g.began)
    if response.status_code == 500:
        _FAILED.labels(process).inc()
    elif response.status_code == 503 and "shed" not in g:
        _AWAY.labels(g.get("refused", "busy"), process).inc()
    return response
