"""Bodies a phone has sealed to the portal's key: opened here, then treated as if they had come
plain. Sealing keeps a secret and gives no right: whoever sends one is signed in and may do what it
asks, and it names for whom it was sealed."""

import base64
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from api import cookies
from api.context import actor, reader
from portal.foundation import sealed_box
from portal.foundation.errors import Forbidden, Invalid, TooLarge

TYPE = "application/vnd.portal.sealed"
UNREADABLE = "sealed_unreadable"
_LONGEST, _LONGEST_HEAD, _DIGITS = 1024 * 1024, 300, 16
View = TypeVar("View", bound=Callable[..., Any])


def taken(*beside: str) -> Callable[[View], View]:
    """The view takes its JSON sealed as well. `beside`: what changes on the way and so stands in
    the query, as if it had been in the body. Raises Invalid (sealed_unreadable), Forbidden."""

    def around(view: View) -> View:
        @wraps(view)
        def wrapper(*args: Any, **given: Any) -> Any:
            if is_sealed():
                g.opened = _opened(beside)
            return view(*args, **given)

        return cast(View, wrapper)

    return around


def is_sealed() -> bool:
    return request.mimetype == TYPE


def was_opened() -> bool:
    return "opened" in g


def body() -> bytes:
    """The request's body, opened if it was sealed."""
    return cast(bytes, g.opened) if was_opened() else request.get_data(cache=True)


def said() -> Any:
    """Its JSON; None for none."""
    return json.loads(g.opened) if was_opened() else request.get_json(silent=True)


def key() -> str:
    """The portal's key for phones, base64; empty where there is none."""
    return base64.b64encode(sealed_box.public_key(reader())).decode()


def photo(envelope: bytes) -> tuple[str, bytes]:
    """The paper it was taken for, and the photo. Raises Invalid (sealed_unreadable), Forbidden."""
    head, _, data = _open(envelope).partition(b"\n")
    item = _checked(head[:_LONGEST_HEAD]).get("item")
    if not isinstance(item, str):
        raise _unreadable()
    return item, data


def _opened(beside: tuple[str, ...]) -> bytes:
    envelope = request.get_data(cache=True)
    if len(envelope) > _LONGEST:
        raise TooLarge("内容太大了，请减少后再试。")
    inside = _checked(_open(envelope))
    for name in beside:
        if name in request.args:
            inside[name] = _value(request.args[name])
    return json.dumps(inside, ensure_ascii=False, sort_keys=True).encode()


def _value(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else text


def _open(envelope: bytes) -> bytes:
    try:
        return sealed_box.opened(reader(), envelope)
    except sealed_box.NotForUs as fault:
        raise _unreadable() from fault


def _checked(text: bytes) -> dict[str, Any]:
    """The fields beside `who`: the account it was sealed for, or one that was joined into it; none,
    when nobody was signed in."""
    inside = current_app.json.loads(text)
    if not isinstance(inside, dict) or "who" not in inside:
        raise _unreadable()
    who, own = inside.pop("who"), actor().id
    if who not in ("", cookies.mark(reader(), own)) and who not in cookies.earlier_marks(
        reader(), own
    ):
        raise Forbidden("这是别的号码填的。请换回那个号码登录。", code="sealed_for_another")
    return inside


def _unreadable() -> Invalid:
    return Invalid("手机里封好的打不开。请打电话问。", code=UNREADABLE)
