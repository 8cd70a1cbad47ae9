"""A POST said twice has one effect and one answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, g, make_response, request

from api import acting, context
from portal.foundation import idempotency, vault
from portal.foundation.errors import BadRequest
from portal.people.access import Role
from portal.people.tables import Account

_LONGEST = 128


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Needs an Idempotency-Key; a repeat is answered with what was said the first time.

    Above the flask-smorest decorators, so that it sees the finished answer.
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        key = _key()
        scope = {"actor": str(context.actor()), "route": request.path[:160]}
        body = request.get_data(cache=True)
        session = context.session()
        said = idempotency.claim(session, key, request=body, now=context.now(), **scope)
        if said is not None:
            _check_still_open(kwargs)
            return _repeat(said)
        answer = make_response(view(*args, **kwargs))
        if answer.status_code < 400:
            key_id = _account_key()
            sealed = vault.seal(
                session, key_id, answer.get_data(), place=idempotency.place(**scope, key=key)
            )
            idempotency.answered(
                session,
                key,
                actor=scope["actor"],
                route=scope["route"],
                status=answer.status_code,
                answer=sealed,
                key_id=key_id,
            )
        return answer

    return wrapper


def _check_still_open(inside: dict[str, Any]) -> None:
    """A repeat is a read: whoever may no longer open the file or household gets none.

    Raises NotFound.
    """
    if "application_id" in inside:
        acting.find(context.session(), inside["application_id"])
    if "household_id" in inside:
        acting.household(context.session(), inside["household_id"])


def _repeat(said: idempotency.IdempotencyRecord) -> Response:
    assert said.answer is not None  # noqa: S101 - written with its effect
    assert said.key_id is not None  # noqa: S101
    place = idempotency.place(actor=said.actor, route=said.route, key=said.key)
    data = vault.unseal(context.session(), said.key_id, said.answer, place=place)
    answer = Response(data, status=said.status, content_type="application/json")
    answer.headers["Idempotent-Replay"] = "true"
    return answer


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
