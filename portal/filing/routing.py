"""Which township receives a file, and why (社会救助法 第37条)."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.foundation.errors import NotFound
from portal.policy import asking, regions
from portal.policy.catalogue import Form, Program

_TOWNSHIP_DIGITS = 9


def township(program: Program, answers: Mapping[str, Any]) -> tuple[str | None, str]:
    """(code, the field that decided). The township of the place, or the county when no more
    is known; None until a place is chosen."""
    place = asking.place(program, answers)
    return (place.code[:_TOWNSHIP_DIGITS] or None), place.field


def unknown_places(
    session: Session, form: Form, answers: Mapping[str, Any]
) -> dict[str, list[str]]:
    """A sentence for every chosen place that does not exist."""
    kinds = {f.name: f.kind for f in form.fields}
    found = {}
    for name, code in _codes(answers, kinds):
        try:
            regions.find(session, code)
        except NotFound:
            found[name] = ["请从列表里选地方。"]
    return found


def _codes(answers: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in answers.items():
        if kinds.get(name) == "place" and isinstance(value, Mapping) and value.get("code"):
            yield name, str(value["code"])
