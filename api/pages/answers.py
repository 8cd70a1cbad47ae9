"""What was typed into a page's form, and the answers it means. Nothing typed is ever lost:
a page is always drawn from the same `Raw` it would send."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.policy import conditions
from portal.policy.catalogue import Field

Raw = MultiDict[str, str]
"""Names and texts as a browser sends them."""

UNSURE = "unsure"
_YUAN = re.compile(r"[0-9]{1,13}(\.[0-9]{0,6})?\Z")


@dataclass
class Reading:
    """`values` in the shapes of catalogue.Field; a sentence for each that cannot be read."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)


class Unreadable(Exception):
    """Its text says what to type instead."""


def typed(form: Iterable[tuple[str, str]] | MultiDict[str, str]) -> Raw:
    return Raw(form)


def read(fields: Iterable[Field], raw: Raw, context: Mapping[str, Any] | None = None) -> Reading:
    """The answers of the questions that apply. `context`: answers given on other pages.

    An emptied answer is None. Questions that do not apply are left as they were.
    """
    reading, known = Reading(), dict(context or {})
    for asked in fields:
        if not conditions.holds(asked.when, known):
            continue
        try:
            known[asked.name] = reading.values[asked.name] = _READ[asked.kind](asked, raw, reading)
        except Unreadable as fault:
            reading.errors[asked.name] = [str(fault)]
    return reading


def write(fields: Iterable[Field], answers: Mapping[str, Any]) -> Raw:
    """The form that says these answers; the other way round of `read`."""
    raw = Raw()
    for asked in fields:
        value = answers.get(asked.name)
        if value is not None:
            _WRITE.get(asked.kind, _write_text)(asked, value, raw)
    return raw


def laid_over(fields: Sequence[Field], raw: Raw, answers: Mapping[str, Any]) -> Raw:
    """Where a script says which questions were touched, all others as they are known by now: what
    somebody else changed meanwhile is not put back."""
    touched = raw.getlist("touched")
    if not touched:
        return raw
    others = [asked for asked in fields if asked.name not in touched]
    laid = write(others, answers)
    for name, texts in raw.lists():
        if not any(name == f.name or name.startswith(f"{f.name}.") for f in others):
            laid.setlist(name, texts)
    return laid


def press(fields: Iterable[Field], raw: Raw) -> bool:
    """Whether a button inside the form was pressed (add or remove a person); does it in `raw`."""
    verb, _, rest = raw.get("go", "").partition(":")
    for asked in fields:
        rows = raw.getlist(f"{asked.name}.row")
        if verb == "add" and rest == asked.name:
            raw.setlist(f"{asked.name}.row", [*rows, secrets.token_hex(4)])
            return True
        if verb == "drop" and rest.startswith(f"{asked.name}:"):
            gone = rest.partition(":")[2]
            raw.setlist(f"{asked.name}.row", [row for row in rows if row != gone])
            return True
    return False


def inside(asked: Field, row: str) -> tuple[Field, ...]:
    """The questions about one person, named as in the form: members.3f2a.name."""
    return tuple(_renamed(inner, f"{asked.name}.{row}.{inner.name}") for inner in asked.fields)


def plain(text: str) -> str:
    """Full-width digits, letters and points as people's keyboards give them, made plain."""
    return unicodedata.normalize("NFKC", text).replace("。", ".").strip()


def _renamed(inner: Field, name: str) -> Field:
    return replace(inner, name=name)


def _text(asked: Field, raw: Raw, _reading: Reading) -> str | None:
    return raw.get(asked.name, "").strip() or None


def _code(asked: Field, raw: Raw, _reading: Reading) -> str | None:
    return plain(raw.get(asked.name, "")).upper() or None


def _count(asked: Field, raw: Raw, _reading: Reading) -> int | None:
    text = plain(raw.get(asked.name, ""))
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Unreadable("这里要填整数。")
    return int(text) if text else None


def _money(asked: Field, raw: Raw, _reading: Reading) -> int | str | None:
    text = plain(raw.get(asked.name, "")).removesuffix("元").replace(",", "").replace(" ", "")
    if f"{asked.name}.unsure" in raw:
        if text:
            raise Unreadable("填数字，或选说不清，留一个。")
        return UNSURE
    if not text:
        return None
    return _cents(text)


def _cents(yuan: str) -> int:
    """12.5 → 1250."""
    if not _YUAN.match(yuan):
        raise Unreadable("金额只填数字，比如 1200。")
    cents = Decimal(yuan) * 100
    if cents != cents.to_integral_value():
        raise Unreadable("小数点后最多写两位。")
    return int(cents)


def _date(asked: Field, raw: Raw, _reading: Reading) -> str | None:
    parts = [plain(raw.get(f"{asked.name}.{part}", "")) for part in "ymd"]
    if not any(parts):
        return None
    try:
        return date(*(int(part) for part in parts)).isoformat()
    except (ValueError, OverflowError) as fault:
        raise Unreadable("日期不对。请按年、月、日填。") from fault


def _choices(asked: Field, raw: Raw, _reading: Reading) -> list[str] | None:
    return raw.getlist(asked.name) or None


def _yes_no(asked: Field, raw: Raw, _reading: Reading) -> bool | None:
    return {"yes": True, "no": False}.get(raw.get(asked.name, ""))


def _consent(asked: Field, raw: Raw, _reading: Reading) -> bool | None:
    return True if asked.name in raw else None


def _place(asked: Field, raw: Raw, _reading: Reading) -> dict[str, str] | None:
    name = asked.name
    code = raw.get(f"{name}.found") or raw.get(f"{name}.pick") or raw.get(f"{name}.code", "")
    found = {"code": code, "address": raw.get(f"{name}.address", "").strip()}
    return found if any(found.values()) else None


def _people(asked: Field, raw: Raw, reading: Reading) -> list[dict[str, Any]] | None:
    people = []
    for row in dict.fromkeys(raw.getlist(f"{asked.name}.row")):
        part = Raw()
        for name, texts in raw.lists():
            if name.startswith(f"{asked.name}.{row}."):
                part.setlist(name.removeprefix(f"{asked.name}.{row}."), texts)
        person = read(asked.fields, part)
        reading.errors.update({f"{asked.name}.{row}.{k}": v for k, v in person.errors.items()})
        answered = {k: v for k, v in person.values.items() if v is not None}
        if answered:
            people.append({"row": row, **answered})
    return people or None


def _write_text(asked: Field, value: Any, raw: Raw) -> None:
    raw[asked.name] = str(value)


def _write_money(asked: Field, value: Any, raw: Raw) -> None:
    if value == UNSURE:
        raw[f"{asked.name}.unsure"] = "1"
    else:
        raw[asked.name] = f"{Decimal(value) / 100:f}"


def _write_date(asked: Field, value: Any, raw: Raw) -> None:
    day = date.fromisoformat(value)
    for part, number in zip("ymd", (day.year, day.month, day.day), strict=True):
        raw[f"{asked.name}.{part}"] = str(number)


def _write_choices(asked: Field, value: Any, raw: Raw) -> None:
    raw.setlist(asked.name, list(value))


def _write_yes_no(asked: Field, value: Any, raw: Raw) -> None:
    raw[asked.name] = "yes" if value else "no"


def _write_consent(asked: Field, value: Any, raw: Raw) -> None:
    if value:
        raw[asked.name] = "1"


def _write_place(asked: Field, value: Any, raw: Raw) -> None:
    for part in ("code", "address"):
        raw[f"{asked.name}.{part}"] = value.get(part) or ""


def _write_people(asked: Field, value: Any, raw: Raw) -> None:
    raw.setlist(f"{asked.name}.row", [person["row"] for person in value])
    for person in value:
        for name, texts in write(asked.fields, person).lists():
            raw.setlist(f"{asked.name}.{person['row']}.{name}", texts)


_READ: Mapping[str, Callable[[Field, Raw, Reading], Any]] = {
    "text": _text,
    "count": _count,
    "money": _money,
    "date": _date,
    "choice": _text,
    "choices": _choices,
    "yes_no": _yes_no,
    "id_number": _code,
    "phone": _code,
    "place": _place,
    "people": _people,
    "consent": _consent,
}
_WRITE: Mapping[str, Callable[[Field, Any, Raw], None]] = {
    "money": _write_money,
    "date": _write_date,
    "choices": _write_choices,
    "yes_no": _write_yes_no,
    "consent": _write_consent,
    "place": _write_place,
    "people": _write_people,
}
