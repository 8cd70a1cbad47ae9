"""Strokes of a finger on a screen: what counts as a signature."""

import json
from collections.abc import Sequence
from typing import Any

from portal.foundation.errors import Invalid

Strokes = Sequence[Sequence[Sequence[int]]]
"""[[x, y], …] a stroke, in points of the screen."""

_LEAST_POINTS, _LEAST_SPAN = 8, 20
_MOST_POINTS, _MOST_STROKES, _WIDEST = 20_000, 400, 10_000


def written(strokes: Any) -> bytes:
    """The strokes as they are sealed.

    Raises Invalid (signature_empty, signature_invalid, signature_too_large) unless it is a
    drawing of some size and not too large.
    """
    check(strokes)
    return json.dumps(strokes, separators=(",", ":")).encode()


def check(strokes: Any) -> None:
    """Raises what `written` raises."""
    points = [p for stroke in _lists(strokes, _MOST_STROKES) for p in _lists(stroke, _MOST_POINTS)]
    if any(len(_lists(p, 2)) != 2 or not all(_is_coordinate(n) for n in p) for p in points):
        raise Invalid("签名没有存好，请再签一次。", code="signature_invalid")
    if len(points) > _MOST_POINTS:
        raise Invalid("签名太复杂了，请再签一次。", code="signature_too_large")
    spans = [max(axis) - min(axis) for axis in zip(*points, strict=True)] if points else [0]
    if len(points) < _LEAST_POINTS or max(spans) < _LEAST_SPAN:
        raise Invalid("还没有签名。请用手指写名字。", code="signature_empty")


def read(plain: bytes) -> list[list[list[int]]]:
    """The other way round of `written`."""
    found: list[list[list[int]]] = json.loads(plain)
    return found


def _lists(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) > most:
        raise Invalid("签名没有存好，请再签一次。", code="signature_invalid")
    return list(value)


def _is_coordinate(number: Any) -> bool:
    return (
        isinstance(number, int) and not isinstance(number, bool) and -_WIDEST <= number <= _WIDEST
    )
