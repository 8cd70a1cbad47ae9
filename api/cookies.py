"""Staying signed in with a browser: two cookies no script can read, renewed by themselves.

Residents' cookies count everywhere, the desk's only below /desk. A third tells scripts whether
the same resident is still signed in, and nothing else: what was typed without a signal is sent
under nobody else's name. On a phone that is not their own all of them end with the browser. When the access token has
run out, the next request renews it before anything else happens, so a form that took
twenty minutes to fill in is not lost.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from flask import Flask, Response, g, request
from sqlalchemy.orm import Session

from api import context, tokens
from portal.casework import joining
from portal.foundation import vault
from portal.foundation.errors import Refusal, SignInNeeded
from portal.people import sign_in
from portal.people.sessions import RESIDENT_STAYS, STAFF_STAYS
from portal.people.tables import Account, Staff


@dataclass(frozen=True)
class _Jar:
    access: str
    refresh: str
    path: str
    stays: timedelta


_RESIDENT = _Jar("access", "refresh", "/", RESIDENT_STAYS)
_DESK = _Jar("desk_access", "desk_refresh", "/desk", STAFF_STAYS)
_NO_RENEWAL = ("/s/", "/api/auth/")
_WHO, _SHARED = "who", "shared"
_DIGITS = 16


def install(app: Flask) -> None:
    """After the check of forms, before the first view."""
    app.before_request(_renew)
    app.after_request(_write)


def sign_in_browser(
    session: Session, *, account: Account | None = None, staff: Staff | None = None,
    shared: bool = False,
) -> None:  # fmt: skip
    """Begin a session; the cookies go out with this answer, if it succeeds. `shared`: on a phone
    that is not the person's own, where nothing is to stay."""
    moment = context.now()
    refresh = sign_in.issue(session, account=account, staff=staff, now=moment)
    owner = account or staff
    assert owner is not None  # noqa: S101 - issue has checked
    g.set_cookies = (tokens.issue(session, owner, now=moment), refresh)
    g.who, g.shared = mark(session, owner.id), shared


def is_shared() -> bool:
    """Whether this phone is not the person's own."""
    return bool(g.get("shared", request.cookies.get(_SHARED) == "1"))


def sign_out_browser(session: Session) -> None:
    """End this browser's session, here and in the database."""
    token = request.cookies.get(_jar().refresh)
    if token:
        sign_in.end(session, token, now=context.now())
    g.drop_cookies = True


def drop() -> None:
    """Forget the cookies with this answer: their session ended otherwise."""
    g.drop_cookies = True


def _renew() -> None:
    token = request.cookies.get(_jar().refresh)
    if not token or "Authorization" in request.headers or request.path.startswith(_NO_RENEWAL):
        return
    if _still_in():
        return
    g.actor = None
    database, moment = context.portal().database, context.now()
    session = database.open_writing()
    try:
        owner, successor = sign_in.rotate(session, token, now=moment)
        access = tokens.issue(session, owner, now=moment)
        g.actor = tokens.verify(session, access, now=moment)
        session.commit()
        g.renewed_cookies = (access, successor)
        g.who = mark(session, owner.id)
    except Refusal as refusal:
        if refusal.keeps:
            session.commit()
        g.drop_cookies = True
    finally:
        database.close_writing(session)


def _still_in() -> bool:
    try:
        return context.maybe_actor() is not None
    except SignInNeeded:
        return False


def _write(response: Response) -> Response:
    begun = g.get("set_cookies") if response.status_code < 400 else None
    fresh = begun or g.get("renewed_cookies")
    if g.get("drop_cookies") and not begun and response.status_code < 400:
        _set(response, ("", ""), "")
    elif fresh is not None:
        _set(response, fresh, g.who)
    return response


def mark(session: Session, owner_id: UUID) -> str:
    """The same for one account in every browser, and of no use to anybody else. What a phone has
    kept hangs on it, so it stays the same under a new key."""
    key = vault.first_key(session, "csrf")
    return hmac.new(key, b"who:" + owner_id.bytes, sha256).hexdigest()[:_DIGITS]


def earlier_marks(session: Session, owner_id: UUID) -> list[str]:
    """Of the accounts that have been joined into this one: what was kept under them is theirs."""
    return [mark(session, gone) for gone in joining.joined_into(session, owner_id)]


def _set(response: Response, values: tuple[str, str], who: str) -> None:
    jar, secure = _jar(), context.portal().settings.secure
    stays = None if is_shared() and jar is _RESIDENT else jar.stays
    if jar is _RESIDENT:
        mark = "1" if is_shared() else ""
        for name, value in ((_WHO, who), (_SHARED, mark if who else "")):
            age = stays if value else 0
            response.set_cookie(name, value, max_age=age, secure=secure, samesite="Lax")
    lives = (tokens.LIVES, jar.stays)
    for name, value, life in zip((jar.access, jar.refresh), values, lives, strict=True):
        response.set_cookie(
            name,
            value,
            max_age=stays and life if value else 0,
            path=jar.path,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )


def _jar() -> _Jar:
    return _DESK if request.path.startswith("/desk") else _RESIDENT
