"""What the office may say with an event: few words, checked once, for desk and outside alike."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from portal.foundation.errors import Invalid
from portal.policy.lifecycle import EXTENSIONS

DECLINE_REASONS: Mapping[str, str] = {
    "duplicate": "同一件事已经有一份申请",
    "withdrawn": "申请人说不办了",
    "not_assistance": "不是社会救助的事",
}
"""社会救助法 第70条: closed. 材料不全 is never among them."""

OPINIONS: Mapping[str, str] = {"fit": "拟符合条件", "unfit": "拟不符合条件"}
HEARD_HOW: Mapping[str, str] = {"phone": "打电话", "visit": "上门", "portal": "在救助通上"}
SPOKEN_HOW: Mapping[str, str] = {"window": "在窗口", "phone": "打电话", "visit": "上门时"}
DELIVERED_HOW: Mapping[str, str] = {
    "portal": "在救助通上",
    "in_person": "当面送达",
    "village": "村（社区）送达",
    "post": "邮寄",
}
AIDED_HOW: Mapping[str, str] = {
    "cash": "现金", "transfer": "打卡", "goods": "实物", "service": "服务",
}  # fmt: skip
CHECK_OUTCOMES: Mapping[str, str] = {
    "agrees": "与申报一致",
    "differs": "与申报不一致",
    "unknown": "没有查到",
}
RESULTS: Mapping[str, str] = {
    "helped": "已经帮到",
    "not_helped": "没有帮上",
    "already": "已经在享受",
    "withdrawn": "本人不要了",
}

MOST_CHARACTERS = 200
MOST_ITEMS = 30
MOST_FIELDS = 60
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_ITEM = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_REGION = re.compile(r"[0-9]{6,12}\Z")
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "returned": ("items",),
    "transferred": ("place", "sentence"),
    "declined": ("reason", "sentence"),
    "alert_answered": ("name",),
    "denied": ("sentence",),
    "stopped": ("sentence",),
    "aborted": ("sentence",),
    "correction": ("corrects", "sentence"),
    "photo_accepted": ("document",),
    "photo_retake": ("document", "sentence"),
    "extended": ("reason", "until"),
    "check_dispute": ("sentence",),
    "check_dispute_answered": ("sentence",),
    "county_returned": ("sentence",),
    "visit": ("investigators", "on"),
    "visit_planned": ("investigators", "on"),
    "visit_change": ("sentence",),
    "near_kin": ("sentence",),
    "first_reviewed": ("opinion",),
    "objected": ("code",),
    "decision_delivered": ("how",),
    "hearing_asked": ("sentence",),
    "heard": ("on", "how", "sentence"),
    "reduced": ("amount", "sentence"),
    "graduating": ("until",),
    "registered_small": ("cause", "amount", "handling"),
    "aided": ("how",),
    "conference": ("sentence",),
    "handed_out": ("how", "amount"),
    "need_referred": ("to", "sentence"),
    "need_answered": ("sentence",),
    "referred": ("to", "sentence"),
    "referral_returned": ("sentence",),
    "closed": ("result", "sentence"),
    "death": ("member",),
    "next_tier": ("sentence",),
    "matter_added": ("sentence",),
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
        if name not in _CHECKS and (kind, name) not in _OF_KIND:
            raise _wrong(name, "没有这一项。")
    return {
        name: _OF_KIND.get((kind, name), _CHECKS.get(name, _sentence))(name, value)
        for name, value in given.items()
    }


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


def _one_of(choices: Collection[str], sentence: str) -> Callable[[str, Any], str]:
    def chosen(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise _wrong(name, sentence)
        return value

    return chosen


def _names(name: str, value: Any) -> list[str]:
    """Two people or more, each once (社会救助法 第43条, 民发〔2021〕57号 第16条)."""
    if not isinstance(value, list) or not 2 <= len(value) <= 10:
        raise _wrong(name, "要有两个人或更多。")
    found = [_sentence(name, entry) for entry in value]
    if len({"".join(entry.split()) for entry in found}) != len(found):
        raise _wrong(name, "同一个人写了两次。")
    return found


def _words(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_FIELDS:
        raise _wrong(name, "请至少选一项。")
    if not all(isinstance(entry, str) and _ITEM.match(entry) for entry in value):
        raise _wrong(name, "没有这一项。")
    return value


def _number(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise _wrong(name, "数目不对。")
    return value


def _code(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _CODE.match(value):
        raise _wrong(name, "编号不对。")
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
    "superior": _sentence,
    "from_name": _sentence,
    "place_name": _sentence,
    "reason": _one_of(DECLINE_REASONS, "请从三个事由里选一个。"),
    "items": _items,
    "place": _place,
    "from_place": _place,
    "heard_on": _day,
    "amount": _fen,
    "corrects": _uuid,
    "document": _uuid,
    "item": _code,
    "until": _day,
    "on": _day,
    "from": _day,
    "investigators": _names,
    "opinion": _one_of(OPINIONS, "请选符合或不符合。"),
    "outcome": _one_of(CHECK_OUTCOMES, "请从列出的里面选。"),
    "code": _code,
    "step": _code,
    "number": _number,
    "people": _number,
    "law": _sentence,
    "remedy": _sentence,
    "cause": _sentence,
    "handling": _sentence,
    "to": _sentence,
    "department": _sentence,
    "fields": _words,
    "result": _one_of(RESULTS, "请从列出的里面选。"),
    "member": _sentence,
    "level": _one_of(("township", "county"), "请从列出的里面选。"),
}
_OF_KIND: Mapping[tuple[str, str], Callable[[str, Any], Any]] = {
    ("extended", "reason"): _one_of({e.code for e in EXTENSIONS}, "只有列出的情形可以延长。"),
    ("heard", "how"): _one_of(HEARD_HOW, "请从列出的里面选。"),
    ("withdrawn", "how"): _one_of(SPOKEN_HOW, "请选在哪里说的。"),
    ("check_dispute", "how"): _one_of(SPOKEN_HOW, "请选在哪里说的。"),
    ("decision_delivered", "how"): _one_of(DELIVERED_HOW, "请从列出的里面选。"),
    ("aided", "how"): _one_of(AIDED_HOW, "请从列出的里面选。"),
    ("handed_out", "how"): _one_of(AIDED_HOW, "请从列出的里面选。"),
}
"""Where a word means something else with one kind of event."""
