"""What stands in a survey form: read, put together, and turned into what was found.

`Body`: on (ISO day) · how [visit, neighbours, letters] · lines {name: {state: confirmed |
corrected, value, why}} · people [{row, name, relation, why}] found but not declared ·
remarks (the family's own words) · notes · family and staff {signed, because}.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.casework.survey import topics
from portal.casework.survey.topics import Line
from portal.filing import values
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid
from portal.people.names import PersonName
from portal.policy.catalogue import Field, Program

Body = dict[str, Any]
CONFIRMED, CORRECTED, OPEN = "confirmed", "corrected", "open"
PEOPLE = "people"
"""The finding that names people who live there and were not declared."""
SIDES = ("family", "staff")
_MOST_WHY, _MOST_WORDS, _MOST_PEOPLE = 200, 500, 10
_PARTS = frozenset({"on", "how", "investigators", "lines", PEOPLE, "remarks", "notes", *SIDES})


def empty() -> Body:
    return {
        "on": "", "how": [], "lines": {}, PEOPLE: [], "remarks": "", "notes": "", "family": {},
        "staff": {},
    }  # fmt: skip


def again(body: Body) -> Body:
    """What a further survey begins with: the findings, to be looked at once more."""
    return {**empty(), "lines": body["lines"], PEOPLE: body[PEOPLE]}


def merged(body: Body, changed: Mapping[str, Any]) -> Body:
    """Lines one by one, everything else whole; a line left open is taken out."""
    lines = {**body["lines"], **changed.get("lines", {})}
    kept = {name: line for name, line in lines.items() if line["state"] != OPEN}
    return {**body, **changed, "lines": kept}


def clean(changes: Mapping[str, Any], lines: Mapping[str, Line], program: Program) -> Body:
    """The parts that are named, as they are kept. Raises Invalid with a sentence for each fault."""
    errors: dict[str, list[str]] = {}
    found: Body = {}
    for part, given in changes.items():
        if part not in _PARTS:
            errors[part] = ["没有这一项。"]
            continue
        try:
            found[part] = _READ[part](given, lines, program)
        except Invalid as refusal:
            errors.update(refusal.fields or {part: [refusal.message]})
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return found


def check_whole(body: Body, *, now: datetime) -> None:
    """What a finished survey cannot be without. A signature is not among it. Raises Invalid."""
    errors: dict[str, list[str]] = {}
    if not body["on"]:
        errors["on"] = ["请填哪天去的。"]
    elif date.fromisoformat(body["on"]) > local_date(now):
        errors["on"] = ["这一天还没有到。"]
    if not body["how"]:
        errors["how"] = ["请选怎么调查的。"]
    if errors:
        raise Invalid("调查表还差几项。", fields=errors)


def findings(body: Body, lines: Mapping[str, Line]) -> dict[str, dict[str, Any]]:
    """{name: {label, declared, found, why}} of every line that was confirmed or corrected."""
    result: dict[str, dict[str, Any]] = {}
    for name, said in body["lines"].items():
        line = lines.get(name)
        if line is None:
            continue
        confirmed = said["state"] == CONFIRMED
        result[name] = {
            "label": line.label,
            "declared": line.declared,
            "found": line.declared if confirmed else said["value"],
            "why": said["why"],
        }
    if body[PEOPLE]:
        why = "；".join(one["why"] for one in body[PEOPLE] if one["why"])
        result[PEOPLE] = {
            "label": "没有申报的共同生活的人", "declared": None, "found": body[PEOPLE], "why": why,
        }  # fmt: skip
    return result


def _lines(given: Any, lines: Mapping[str, Line], _program: Program) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise Invalid("这里的格式不对。")
    errors: dict[str, list[str]] = {}
    found: dict[str, Any] = {}
    for name, said in given.items():
        try:
            if name not in lines:
                raise Invalid("没有这一项。")
            found[name] = _line(lines[name], said)
        except Invalid as refusal:
            errors[f"lines.{name}"] = [refusal.message]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return found


def _line(line: Line, said: Any) -> dict[str, Any]:
    if not isinstance(said, Mapping) or not set(said) <= {"state", "value", "why"}:
        raise Invalid("这里的格式不对。")
    state, why = said.get("state"), _text(said.get("why"), _MOST_WHY)
    if state == OPEN:
        return {"state": OPEN, "value": None, "why": ""}
    if state == CONFIRMED:
        if line.blank or line.to_do:
            raise Invalid("申请人没有说清。请写看到的。")
        return {"state": CONFIRMED, "value": None, "why": why}
    if state != CORRECTED:
        raise Invalid("请选属实、更正或没看到。")
    value = _value(line, said.get("value"))
    if value == line.declared:
        return {"state": CONFIRMED, "value": None, "why": why}
    if not why and not line.blank and not line.to_do:
        raise Invalid("和申报不一样，请写怎么看出来的。")
    return {"state": CORRECTED, "value": value, "why": why}


def _value(line: Line, given: Any) -> Any:
    if given == values.UNSURE:
        raise Invalid("请写看到的，不能说不清。")
    value = values.clean(line.field, given)
    if value is None:
        raise Invalid("请写看到的是多少、是什么。")
    return value


def _people(given: Any, _lines: Mapping[str, Line], program: Program) -> list[dict[str, str]]:
    if not isinstance(given, list) or len(given) > _MOST_PEOPLE:
        raise Invalid(f"最多写{_MOST_PEOPLE}个人。")
    relation = _relation(program)
    return [_person(one, number, relation) for number, one in enumerate(given, 1)]


def _person(given: Any, number: int, relation: Field | None) -> dict[str, str]:
    if not isinstance(given, Mapping) or not set(given) <= {"row", "name", "relation", "why"}:
        raise Invalid("这里的格式不对。")
    name = given.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Invalid("请写这个人的姓名。")
    kin = given.get("relation") or ""
    if kin and relation is not None:
        kin = values.clean(relation, kin)
    return {
        "row": f"found{number}",
        "name": PersonName.parse(name).value,
        "relation": kin,
        "why": _text(given.get("why"), _MOST_WHY),
    }


def _relation(program: Program) -> Field | None:
    for field in program.form.fields:
        for inner in field.fields:
            if field.name == "members" and inner.name == "relation":
                return inner
    return None


def _on(given: Any, *_: Any) -> str:
    if given == "":
        return ""
    try:
        return date.fromisoformat(given).isoformat()
    except (TypeError, ValueError):
        raise Invalid("日期不对。") from None


def _how(given: Any, *_: Any) -> list[str]:
    known = topics.load().how
    if not isinstance(given, list) or not all(
        isinstance(one, str) and one in known for one in given
    ):
        raise Invalid("请从下面选。")
    return [one for one in known if one in given]


def _ids(given: Any, *_: Any) -> list[UUID]:
    try:
        return [UUID(str(one)) for one in given]
    except (TypeError, ValueError):
        raise Invalid("请从名单里选调查人员。") from None


def _side(given: Any, *_: Any) -> dict[str, Any]:
    """{} while nothing is said; else whether this side signed, and why not."""
    if not isinstance(given, Mapping) or not set(given) <= {"signed", "because"}:
        raise Invalid("这里的格式不对。")
    if given.get("signed") not in (True, False):
        return {}
    because = "" if given["signed"] else _text(given.get("because"), _MOST_WHY)
    return {"signed": given["signed"], "because": because}


def _words(given: Any, *_: Any) -> str:
    return _text(given, _MOST_WORDS)


def _text(given: Any, most: int) -> str:
    if given is None:
        return ""
    if not isinstance(given, str):
        raise Invalid("这里要填文字。")
    if len(given.strip()) > most:
        raise Invalid(f"太长了，最多{most}个字。")
    return given.strip()


_READ: Mapping[str, Callable[[Any, Mapping[str, Line], Program], Any]] = {
    "on": _on,
    "how": _how,
    "investigators": _ids,
    "lines": _lines,
    PEOPLE: _people,
    "remarks": _words,
    "notes": _words,
    "family": _side,
    "staff": _side,
}
