"""One answer, by the kind of its question: what was sent made into a value, or a sentence."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portal.foundation.errors import Invalid
from portal.people.identity import IdNumber, Phone
from portal.people.names import PersonName
from portal.policy.catalogue import Field

UNSURE = "unsure"
"""说不清，入户时核: an answer to every money question."""
MOST_MONEY = 10**11
"""分; ten billion yuan is nobody's income here but may be somebody's typing."""
_LONGEST = 300
_ROW = re.compile(r"[A-Za-z0-9-]{1,36}\Z")
_REGION = re.compile(r"[0-9]{6}([0-9]{3}([0-9]{3})?)?\Z")
_MOST_PEOPLE = 30
_EARLIEST = date(1880, 1, 1)


def clean(field: Field, value: Any) -> Any:
    """The answer as it is kept; None when it was emptied.

    Raises Invalid with a sentence for this field; a people list names `row.field`.
    """
    if value is None or value == "" or value == []:
        return None
    return _BY_KIND[field.kind](field, value)


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        raise Invalid("这里要填文字。")
    text = value.strip()
    longest = field.most or _LONGEST
    if len(text) > longest:
        raise Invalid(f"太长了，最多{longest}个字。")
    if not text:
        return None
    if field.name == "name" or field.name.endswith("_name"):
        return PersonName.parse(text).value
    return text


def _count(field: Field, value: Any) -> int:
    most = field.most or 1000
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid("这里要填整数。")
    if not 0 <= value <= most:
        raise Invalid(f"请填0到{most}之间的数。")
    return value


def _money(field: Field, value: Any) -> int | str:
    if value == UNSURE:
        return UNSURE
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid("金额只填数字。说不清可以选“说不清”。")
    if not 0 <= value <= MOST_MONEY:
        raise Invalid("这个金额太大或太小，请再看看。")
    return value


def _date(field: Field, value: Any) -> str:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        found = None
    if found is None or found < _EARLIEST or found.year > 2100:
        raise Invalid("日期不对。请按年、月、日填。")
    return found.isoformat()


def _choice(field: Field, value: Any) -> str:
    if not isinstance(value, str) or value not in {o.value for o in field.options}:
        raise Invalid("请从下面选一项。")
    return value


def _choices(field: Field, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise Invalid("请从下面选。")
    known = [o.value for o in field.options]
    if not set(value) <= set(known):
        raise Invalid("请从下面选。")
    return [v for v in known if v in set(value)]


def _yes_no(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid("请选“是”或“否”。")
    return value


def _id_number(field: Field, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 40:
        raise Invalid("身份证号是18位，请对照证件再填。")
    return IdNumber.parse(value).value


def _phone(field: Field, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 40:
        raise Invalid("手机号是11位数字。")
    return Phone.parse_any(value).value


def _place(field: Field, value: Any) -> dict[str, str] | None:
    if not isinstance(value, Mapping) or not set(value) <= {"code", "address"}:
        raise Invalid("请选择地方。")
    code, address = value.get("code") or "", value.get("address") or ""
    if not isinstance(code, str) or not isinstance(address, str):
        raise Invalid("请选择地方。")
    if code and not _REGION.match(code):
        raise Invalid("请从列表里选地方。")
    if len(address) > _LONGEST:
        raise Invalid(f"太长了，最多{_LONGEST}个字。")
    found = {"code": code, "address": address.strip()}
    return found if any(found.values()) else None


def _people(field: Field, value: Any) -> list[dict[str, Any]] | None:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise Invalid("家庭成员的格式不对。")
    if len(value) > _MOST_PEOPLE:
        raise Invalid(f"最多填{_MOST_PEOPLE}个人。")
    errors: dict[str, list[str]] = {}
    rows = [_person(field, row, number, errors) for number, row in enumerate(value)]
    names = [row["row"] for row in rows]
    if len(set(names)) != len(names):
        raise Invalid("同一个人写了两次。")
    if errors:
        raise Invalid("家庭成员里有几处要改。", fields=errors)
    return [row for row in rows if len(row) > 1] or None


def _person(
    field: Field, row: Mapping[str, Any], number: int, errors: dict[str, list[str]]
) -> dict[str, Any]:
    key = row.get("row", f"r{number}")
    if not isinstance(key, str) or not _ROW.match(key):
        raise Invalid("家庭成员的格式不对。")
    inner = {f.name: f for f in field.fields}
    found: dict[str, Any] = {"row": key}
    for name, value in row.items():
        if name == "row":
            continue
        if name not in inner:
            errors[f"{key}.{name}"] = ["没有这一项。"]
            continue
        try:
            answer = clean(inner[name], value)
        except Invalid as refusal:
            errors[f"{key}.{name}"] = [refusal.message]
        else:
            if answer is not None:
                found[name] = answer
    return found


def _consent(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid("请勾选或不勾选。")
    return value


_BY_KIND: Mapping[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "count": _count,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "yes_no": _yes_no,
    "id_number": _id_number,
    "phone": _phone,
    "place": _place,
    "people": _people,
    "consent": _consent,
}
