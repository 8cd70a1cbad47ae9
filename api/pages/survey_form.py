"""The survey form as a browser sends it, and back: nothing typed is lost when it is refused."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from api.pages import answers
from api.pages.answers import Raw
from portal.casework.survey import sheet, surveying, topics
from portal.casework.survey.topics import Line
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.clock import BEIJING
from portal.foundation.errors import Invalid
from portal.policy.catalogue import Field, Program

MORE_PEOPLE = 3
"""Rows for people found and not declared."""


def read(
    session: Session, application: Application, program: Program, raw: Mapping[str, Any]
) -> tuple[dict[str, Any], int]:
    """(changes as surveying.save takes them, the revision). Raises Invalid by line."""
    typed = answers.typed(raw)  # type: ignore[arg-type]
    lines = _lines(session, application, program)
    said, errors = {}, {}
    for name, line in lines.items():
        one, fault = _line(line, typed)
        said[name] = one
        if fault:
            errors[f"lines.{name}"] = fault
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    revision = typed.get("revision", "")
    changes = {
        "on": typed.get("on", "").strip(),
        "how": typed.getlist("how"),
        "investigators": typed.getlist("investigators"),
        "lines": said,
        "people": _people(typed),
        "remarks": typed.get("remarks", ""),
        "notes": typed.get("notes", ""),
        "family": _side(typed, "family"),
        "staff": _side(typed, "staff"),
    }
    return changes, int(revision) if revision.isascii() and revision.isdigit() else 0


def as_typed(session: Session, application: Application, program: Program) -> Raw:
    """The form that says what has been saved so far."""
    survey = surveying.draft(session, application) or surveying.finished(session, application)
    body = surveying.body(session, application, survey)
    raw = Raw({"on": body["on"], "remarks": body["remarks"], "notes": body["notes"]})
    raw.setlist("how", body["how"])
    for name, line in _lines(session, application, program).items():
        kept = body["lines"].get(name)
        if kept is None:
            continue
        raw[f"s.{name}"], raw[f"w.{name}"] = kept["state"], kept["why"]
        asked = _asked(line)
        for part, texts in answers.write([asked], {asked.name: kept["value"]}).lists():
            raw.setlist(part, texts)
    for number, one in enumerate(body[sheet.PEOPLE], 1):
        for part in ("name", "relation", "why"):
            raw[f"p{number}.{part}"] = one[part]
    for side in sheet.SIDES:
        if "signed" in body[side]:
            raw[side] = "yes" if body[side]["signed"] else "no"
            raw[f"{side}.because"] = body[side]["because"]
    return raw


def merged(kept: Raw, typed: Mapping[str, Any]) -> Raw:
    """What was typed over what a colleague has saved meanwhile; lines left open are the colleague's."""
    raw = Raw(kept)
    mine = answers.typed(typed)  # type: ignore[arg-type]
    named = {name[2:] for name in mine if name.startswith(("s.", "v."))}
    said = {
        name
        for name in named
        if mine.get(f"s.{name}") not in (None, sheet.OPEN) or any(mine.getlist(f"v.{name}"))
    }
    for key, texts in mine.lists():
        if key[:2] not in ("s.", "v.", "w.") or key[2:] in said:
            raw.setlist(key, texts)
    return raw


def moment(raw: Mapping[str, str]) -> datetime:
    """`day` and `time` as typed here, Beijing time. Raises Invalid (at)."""
    try:
        typed = datetime.fromisoformat(f"{raw.get('day', '')}T{raw.get('time', '') or '09:00'}")
        return typed.replace(tzinfo=BEIJING)
    except ValueError:
        raise Invalid("请填哪天、几点。", fields={"at": ["请填哪天、几点。"]}) from None


def ids(raw: Any) -> list[UUID]:
    """Who goes. Raises Invalid (investigators)."""
    try:
        return [UUID(one) for one in raw.getlist("investigators")]
    except ValueError:
        wrong = "请从名单里选。"
        raise Invalid(wrong, fields={"investigators": [wrong]}) from None


def relations(program: Program) -> list[tuple[str, str]]:
    """Who somebody is to the applicant, to choose from."""
    for field in program.form.fields:
        for inner in field.fields if field.name == "members" else ():
            if inner.name == "relation":
                return [(o.value, o.label) for o in inner.options]
    return []


def _lines(session: Session, application: Application, program: Program) -> dict[str, Line]:
    said = applications.answers(session, application)
    return topics.every_line(topics.of(session, program, said))


def _asked(line: Line) -> Field:
    """The question under the name its box has on the page, always asked."""
    return replace(line.field, name=f"v.{line.name}", when=None)


def _line(line: Line, raw: Raw) -> tuple[dict[str, Any], list[str]]:
    """Who types a value need not press 更正 as well."""
    asked = _asked(line)
    reading = answers.read([asked], raw)
    value = reading.values.get(asked.name)
    state = raw.get(f"s.{line.name}", sheet.OPEN)
    if state == sheet.OPEN and value not in (None, []):
        state = sheet.CORRECTED
    why = raw.get(f"w.{line.name}", "") if state != sheet.OPEN else ""
    given = {"state": state, "value": value, "why": why}
    return given, reading.errors.get(asked.name, []) if state != sheet.CONFIRMED else []


def _people(raw: Raw) -> list[dict[str, str]]:
    rows = [
        {part: raw.get(f"p{n}.{part}", "").strip() for part in ("name", "relation", "why")}
        for n in range(1, MORE_PEOPLE + 1)
    ]
    return [row for row in rows if row["name"] or row["why"]]


def _side(raw: Raw, side: str) -> dict[str, Any]:
    chosen = raw.get(side, "")
    if chosen not in ("yes", "no"):
        return {}
    return {"signed": chosen == "yes", "because": raw.get(f"{side}.because", "")}
