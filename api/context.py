"""What a view may ask for: the portal, the time, a session, who is acting."""

from contextlib import suppress
from datetime import datetime
from typing import cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api import tokens
from portal.assembly import Portal
from portal.foundation.errors import Forbidden, SignInNeeded
from portal.people.access import Actor, Grant

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask) -> None:
    """One commit per request: kept below 400 or when a refusal says so, else thrown away."""
    app.after_request(_finish)
    app.teardown_request(_abandon)


def portal() -> Portal:
    return cast(Portal, current_app.extensions["portal"])


def now() -> datetime:
    """The moment of this request; the same for everything it does."""
    if "now" not in g:
        g.now = current_app.extensions["clock"]()
    return cast(datetime, g.now)


def session() -> Session:
    """This request's session: the reader's for GET, else the one writer's. First use opens it.

    Read bodies and store blobs before calling it: others wait while it is open.
    """
    if request.method in SAFE:
        return reader()
    if "writer" not in g:
        opened = reader().info.setdefault("opened_keys", {})
        g.writer = portal().database.open_writing()
        g.writer.info["opened_keys"] = opened
    return cast(Session, g.writer)


def reader() -> Session:
    """For looking before anything is changed: who is signed in, whose file it is. What it
    changes is thrown away, and no writer waits for it."""
    if "reader" not in g:
        database = portal().database
        g.reader = Session(database.engine, info=dict(database.info))
    return cast(Session, g.reader)


def actor(*, unproved: bool = False) -> Actor:
    """Who is signed in. Raises SignInNeeded, or Forbidden (proof_needed) while a long unused
    number has not proved who holds it now; `unproved` lets those in as well."""
    found = maybe_actor()
    if found is None:
        raise SignInNeeded("请先登录。")
    if not found.proved and not unproved:
        raise Forbidden("号码很久没用。请先证明是您本人。", code="proof_needed")
    return found


def maybe_actor() -> Actor | None:
    """Who is signed in, or None."""
    if "actor" not in g:
        text = _token()
        g.actor = None if text is None else tokens.verify(reader(), text, now=now())
    return cast("Actor | None", g.actor)


def act_under(grant: Grant | None) -> None:
    """From here on in this request the actor acts under this mandate, or for oneself."""
    g.actor = actor().under(grant)


def _token() -> str | None:
    header = request.headers.get("Authorization", "")
    if header:
        kind, _, text = header.partition(" ")
        if kind != "Bearer" or not text or len(text) > 4096:
            raise SignInNeeded("登录已失效，请重新登录。", code="token_invalid")
        return text.strip()
    name = "desk_access" if request.path.startswith("/desk") else "access"
    return request.cookies.get(name)


def _finish(response: Response) -> Response:
    if "writer" not in g:
        return response
    writer: Session = g.pop("writer")
    try:
        if response.status_code < 400 or g.get("keeps", False):
            writer.commit()
    finally:
        portal().database.close_writing(writer)
    return response


def _abandon(_error: BaseException | None) -> None:
    writer, reading = g.pop("writer", None), g.pop("reader", None)
    if writer is not None:
        portal().database.close_writing(writer)
    if reading is not None:
        with suppress(SQLAlchemyError):  # nothing was written; the server may be gone
            reading.close()
