"""Headers of every answer, and proof that a form was ours (CSRF)."""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from api import assets, context
from portal.foundation import vault
from portal.foundation.errors import Forbidden, SignInNeeded
from portal.foundation.settings import Settings

_PAGES = timedelta(days=30)
"""So long a page may lie open, or in a phone."""
_BROWSER = "browser"
OPEN_ROOMS = frozenset(
    {
        "home",
        "system",
        "programs",
        "regions",
        "status",
        "policies",
        "contacts",
        "finding",
        "leads",
        "notices",
        "offline",
        "papers",
        "public_notices",
        "report",
        "self_checks",
        "dev_mini",
    }
)
OPEN_VIEWS = frozenset(
    {
        "asset", "apply.about", "auth.begin", "auth.begin_staff", "auth.refresh", "auth.send_code",
        "me.read_consents", "sign_in.ask_code", "sign_in.ask_phone", "sign_in.check_code",
        "beginning.propose", "beginning.start", "self_check.ask", "self_check.judge", "sign_in.leave", "sign_in.outbox", "sign_in.read_privacy", "sign_in.send_code",
        "sign_link.read", "sign_link.sign", "sign_link.withdraw", "who_helps.ask_code", "who_helps.not_me",
        "mandates.not_me", "phone_outbox.look",
        "desk.ask_sign_in", "desk.sign_in", "desk.style",
        "intake.following", "intake.taken", "intake_events.receive", "messages.take_receipts",
        "wechat.begin", "wechat.templates", "wechat.link", "wechat_push.greet", "wechat_push.take",
        "complaints.hand_in", "complaints.follow", "talk.ask_complaint", "talk.hand_in_complaint",
        "talk.ask_code", "talk.follow_complaint", "talk.follow_by_address",
    }
)  # fmt: skip
"""Whoever is not named here must be signed in; what a back office sends is signed."""
_EXEMPT = frozenset({"/prefs"})
_MAY = "geolocation=(), microphone=(self), camera={camera}"


def install(app: Flask, settings: Settings) -> None:
    app.before_request(_check_form)

    @app.after_request
    def _headers(response: Response) -> Response:
        policy = (
            "default-src 'none'; script-src 'self'; "
            f"style-src 'self' '{assets.css_digest()}'; img-src 'self' blob: data:; "
            "media-src 'self' blob:; connect-src 'self'; "
            "worker-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers.setdefault("Permissions-Policy", _MAY.format(camera="()"))
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        if settings.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if "new_browser" in g:
            response.set_cookie(
                _BROWSER,
                g.new_browser,
                httponly=True,
                samesite="Lax",
                secure=settings.secure,
                max_age=31536000,
            )
        return response


def with_camera(response: Response) -> Response:
    """A page that may look through the phone's camera."""
    response.headers["Permissions-Policy"] = _MAY.format(camera="(self)")
    return response


def close(app: Flask) -> None:
    """From here on only who is signed in, or asks for something open. After cookies renew."""
    app.before_request(_check_signed_in)


def csrf_token() -> str:
    """The value a form of this browser must send back."""
    browser = request.cookies.get(_BROWSER) or g.get("new_browser")
    if not browser:
        browser = g.new_browser = secrets.token_urlsafe(18)
    return _token(browser)


def _check_signed_in() -> None:
    """Closed unless opened by name: a forgotten check fails towards the sign-in page."""
    room = (request.endpoint or "").partition(".")[0]
    if request.endpoint is None or room in OPEN_ROOMS or request.endpoint in OPEN_VIEWS:
        return
    if context.maybe_actor() is None:
        raise SignInNeeded("请先登录。")


def _check_form() -> None:
    if request.method in context.SAFE or request.path in _EXEMPT:
        return
    if "Authorization" in request.headers or not request.cookies:
        return
    origin = request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        raise Forbidden("请从救助通的页面操作。", code="csrf")
    browser = request.cookies.get(_BROWSER, "")
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    if not browser or not _fits(browser, given):
        raise Forbidden("页面放久了。请刷新后再提交。", code="csrf")


def _token(browser: str) -> str:
    return _tokens(browser, every=False)[0]


def _fits(browser: str, given: str) -> bool:
    """Also for a page that was opened under the key before."""
    return any(
        hmac.compare_digest(given.encode(), token.encode())
        for every in (False, True)
        for token in _tokens(browser, every=every)
    )


def _tokens(browser: str, *, every: bool) -> list[str]:
    with context.portal().database.reading() as session:
        since = context.now() - _PAGES
        keys = vault.own_keys(session, "csrf", every=every, since=since)
    return [hmac.new(key, browser.encode(), sha256).hexdigest()[:32] for key in keys]
