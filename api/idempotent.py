"""A POST said twice has one effect and one answer."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import Response, g, make_response, request

from api import acting, context, sealed
from portal.foundation import idempotency, vault
from portal.foundation.errors import BadRequest
from portal.people.access import Role
from portal.people.tables import Account

_LONGEST = 128
_ANYONE, _STILL_THE_SAME = "anyone", timedelta(hours=1)
Told = tuple[dict[str, Any], UUID]
"""An answer as JSON has it, and the key it is sealed to."""


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Needs an Idempotency-Key; a repeat is answered with what was said the first time.

    Above the flask-smorest decorators, so that it sees the finished answer.
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        key = _key()
        scope = {"actor": str(context.actor()), "route": request.path[:160]}
        body = sealed.body()
        session = context.session()
        said = idempotency.claim(session, key, request=body, now=context.now(), **scope)
        if said is not None:
            _check_still_open(kwargs)
            return _repeat(said)
        answer = make_response(view(*args, **kwargs))
        if answer.status_code < 400:
            key_id = _account_key()
            kept = vault.seal(
                session, key_id, answer.get_data(), place=idempotency.place(**scope, key=key)
            )
            idempotency.answered(
                session,
                key,
                actor=scope["actor"],
                route=scope["route"],
                status=answer.status_code,
                answer=kept,
                key_id=key_id,
            )
        return answer

    return wrapper


def anyones(
    what: str, wanted: dict[str, Any], act: Callable[[], Told], *, key: str | None = None
) -> dict[str, Any]:
    """What `act` tells, once for the same words under one key within an hour. For verbs that need
    no account: a key is welcome, not needed; other words or a later hour are a new request, never
    a refusal. Who sent it, what about and the key are kept as one digest only.

    `key`: a form's; else the Idempotency-Key of the request.
    """
    given = (request.headers.get("Idempotency-Key", "") if key is None else key)[:_LONGEST]
    if not given:
        return act()[0]
    session, moment = context.session(), context.now()
    text = json.dumps([given, wanted], sort_keys=True, default=str)
    name = sha256(text.encode()).hexdigest()
    before = idempotency.claim(session, name, actor=_ANYONE, route=what, request=b"", now=moment)
    if before is not None and before.answer and moment - before.created_at < _STILL_THE_SAME:
        return dict(json.loads(_opened(before)))
    told, key_id = act()
    if before is not None:
        before.created_at = moment
    place = idempotency.place(actor=_ANYONE, route=what, key=name)
    kept = vault.seal(session, key_id, json.dumps(told).encode(), place=place)
    idempotency.answered(
        session, name, actor=_ANYONE, route=what, status=201, answer=kept, key_id=key_id
    )
    return told


def _check_still_open(inside: dict[str, Any]) -> None:
    """A repeat is a read: whoever may no longer open the file or household gets none.

    Raises NotFound.
    """
    if "application_id" in inside:
        acting.find(context.session(), inside["application_id"])
    if "household_id" in inside:
        acting.household(context.session(), inside["household_id"])


def _repeat(said: idempotency.IdempotencyRecord) -> Response:
    answer = Response(_opened(said), status=said.status, content_type="application/json")
    answer.headers["Idempotent-Replay"] = "true"
    return answer


def _opened(said: idempotency.IdempotencyRecord) -> bytes:
    """What was said the first time."""
    assert said.answer is not None  # noqa: S101 - written with its effect
    assert said.key_id is not None  # noqa: S101
    place = idempotency.place(actor=said.actor, route=said.route, key=said.key)
    return vault.unseal(context.session(), said.key_id, said.answer, place=place)


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key or len(key) > _LONGEST or not key.isascii() or not key.isprintable():
        raise BadRequest("缺少防重复编号，请刷新后再试。", code="idem_required")
    g.idempotency_key = key
    return key


def _account_key() -> UUID:
    actor = context.actor()
    assert actor.role is Role.APPLICANT  # noqa: S101 - only residents' verbs are repeated
    return context.session().get_one(Account, actor.id).key_id
