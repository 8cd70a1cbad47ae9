"""JSON in: only what every database and every reader understands the same way."""

import json
import math
from typing import Any

from flask import current_app
from flask.json.provider import DefaultJSONProvider
from webargs.flaskparser import FlaskParser

from api import sealed
from portal.foundation.errors import BadRequest, Invalid, TooLarge, WrongType

_DEEPEST = 32
_MOST_DIGITS = 18
_LONGEST = 1024 * 1024
"""Bytes of JSON: it is looked through letter by letter."""
_ALLOWED_CONTROLS = frozenset("\n\r\t")


class StrictJson(DefaultJSONProvider):
    """UTF-8 without BOM, depth ≤ 32, no NaN, no duplicate keys, no lone surrogates or controls."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        text = _decoded(s)
        _check_depth(text)
        try:
            value = json.loads(
                text,
                object_pairs_hook=_unique,
                parse_constant=_no_constant,
                parse_int=_whole,
                parse_float=_finite,
            )
        except ValueError as fault:
            raise BadRequest("内容格式不对，无法读取。", code="json_invalid") from fault
        _check_text(value)
        return value


class StrictParser(FlaskParser):
    """Reads request bodies through the provider above; other content types are refused."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": "raise"}

    def load_json(self, req: Any, schema: Any) -> Any:
        if not req.is_json and not sealed.was_opened():
            raise WrongType("请用 JSON 格式发送。", code="type_not_allowed")
        body = sealed.body()
        if len(body) > _LONGEST:
            raise TooLarge("内容太大了，请减少后再试。")
        return current_app.json.loads(body)


def _decoded(s: str | bytes) -> str:
    if isinstance(s, str):
        return s
    if s.startswith(b"\xef\xbb\xbf"):
        raise BadRequest("内容编码不对，请用 UTF-8。", code="charset")
    try:
        return s.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BadRequest("内容编码不对，请用 UTF-8。", code="charset") from fault


def _check_depth(text: str) -> None:
    depth, quoted, escaped = 0, False, False
    for char in text:
        if quoted:
            escaped, quoted = (char == "\\" and not escaped), (escaped or char != '"')
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            if depth > _DEEPEST:
                raise BadRequest("内容层次太深，无法读取。", code="json_too_deep")
        elif char in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRequest("同一项写了两次。", code="json_duplicate_key")
    return found


def _no_constant(name: str) -> Any:
    raise BadRequest("数字写法不对。", code="json_number")


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > _MOST_DIGITS:
        raise Invalid("数字太大了。", code="range")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise BadRequest("数字写法不对。", code="json_number")
    return value


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        check_characters(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_characters(key)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)


def check_characters(text: str) -> None:
    """Raises Invalid for lone surrogates and control characters, which databases treat unalike."""
    for char in text:
        if (
            "\ud800" <= char <= "\udfff"
            or (char < " " and char not in _ALLOWED_CONTROLS)
            or char == "\x7f"
        ):
            raise Invalid("有看不见的字符，请删掉后重填。", code="text_invalid")
