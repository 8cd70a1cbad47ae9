"""What the office may say with an event: few words, checked once, for desk and outside alike."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from portal.foundation.errors import Invalid

DECLINE_REASONS: Mapping[str, str] = {
    "duplicate": "同一件事已经有一份申请",
    "withdrawn": "申请人说不办了",
    "not_assistance": "不是社会救助的事",
}
"""社会救助法 第70条: closed. 材料不全 is never among them."""

MOST_CHARACTERS = 200
MOST_ITEMS = 30
_ITEM = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_REGION = re.compile(r"[0-9]{6,12}\Z")
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "returned": ("items",),
    "transferred": ("place", "sentence"),
    "declined": ("reason", "sentence"),
    "alert_answered": ("name",),
    "denied": ("sentence",),
    "stopped": ("sentence", "heard_on"),
    "aborted": ("sentence",),
    "correction": ("corrects", "sentence"),
}


def check(kind: str, said: Mapping[str, Any] | None) -> dict[str, Any]:
    """The words of an event, trimmed.

    社会救助法 第45条: a denial carries its reasons; 第48条: nothing is stopped before the
    person was heard. Raises Invalid naming the word.
    """
    given = {k: v for k, v in (said or {}).items() if v is not None and v != ""}
    for name in _NEEDED.get(kind, ()):
        if name not in given:
            raise _wrong(name, "这一项要写明。")
    for name in given:
        if name not in _CHECKS:
            raise _wrong(name, "没有这一项。")
    return {name: _CHECKS[name](name, value) for name, value in given.items()}


def _sentence(name: str, value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise _wrong(name, "请写一句话。")
    if len(text) > MOST_CHARACTERS:
        raise _wrong(name, f"太长了，最多{MOST_CHARACTERS}个字。")
    if any(_hidden(char) for char in text):
        raise _wrong(name, "有看不见的字符，请删掉。")
    return text


def _hidden(char: str) -> bool:
    return (char < " " and char not in "\n\r\t") or char == "\x7f" or "\ud800" <= char <= "\udfff"


def _reason(name: str, value: Any) -> str:
    if not isinstance(value, str) or value not in DECLINE_REASONS:
        raise _wrong(name, "请从三个事由里选一个。")
    return value


def _items(name: str, value: Any) -> list[dict[str, str]]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ITEMS:
        raise _wrong(name, "请选要补的，每项写一句话。")
    found = [_item(name, entry) for entry in value]
    if len({entry["item"] for entry in found}) != len(found):
        raise _wrong(name, "同一项写了两次。")
    return found


def _item(name: str, entry: Any) -> dict[str, str]:
    if not isinstance(entry, Mapping) or set(entry) != {"item", "sentence"}:
        raise _wrong(name, "每项要有名称和一句话。")
    item = entry["item"]
    if not isinstance(item, str) or not _ITEM.match(item):
        raise _wrong(name, "没有这一项。")
    return {"item": item, "sentence": _sentence(item, entry["sentence"])}


def _place(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _REGION.match(value):
        raise _wrong(name, "请选择地方。")
    return value


def _day(name: str, value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise _wrong(name, "日期不对。") from None


def _fen(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**11:
        raise _wrong(name, "金额不对。")
    return value


def _uuid(name: str, value: Any) -> str:
    try:
        return str(UUID(value))
    except (AttributeError, TypeError, ValueError):
        raise _wrong(name, "编号不对。") from None


def _wrong(name: str, sentence: str) -> Invalid:
    return Invalid("有几处需要改一下。", fields={name: [sentence]})


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "sentence": _sentence,
    "basis": _sentence,
    "name": _sentence,
    "alert": _sentence,
    "again": _sentence,
    "from_name": _sentence,
    "place_name": _sentence,
    "reason": _reason,
    "items": _items,
    "place": _place,
    "from_place": _place,
    "heard_on": _day,
    "amount": _fen,
    "corrects": _uuid,
}
