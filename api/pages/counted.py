"""Beside the list of members: who is counted and why, and the photographed page to copy from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.context import session
from portal.casework.limits import cited
from portal.filing import documents
from portal.filing.tables import Application, Document
from portal.policy.catalogue import EVERYBODY, Field, Program, Rule

REGISTER = "hukou_book"
Files = Sequence[tuple[Application, Program]]


@dataclass(frozen=True)
class Counting:
    """算谁、为什么, for one program in one place. `members`: (name, relation, the rules that
    speak of such a person); never a verdict."""

    program: Program
    members: list[tuple[str, str, list[Rule]]]
    counted: list[Rule]
    not_counted: list[Rule]
    single: list[Rule]


@dataclass(frozen=True)
class Beside:
    """Photos of the register to look at while typing, and where to take some."""

    photos: list[tuple[Application, Document]]
    link: str


def people(
    files: Files, fields: Sequence[Field], answers: Mapping[str, Any], link: str
) -> dict[str, Any]:
    """What a page that asks for members is given besides; nothing for other pages."""
    members = next((f for f in fields if f.kind == "people"), None)
    if members is None:
        return {}
    said = answers.get(members.name) or []
    found = [_counting(a, p, members, said) for a, p in files if p.household.counted]
    return {"countings": found, "cited": cited, "beside": _beside(files, link)}


def _beside(files: Files, link: str) -> Beside | None:
    asking = [a for a, p in files if any(rule.item == REGISTER for rule in p.documents)]
    found: dict[str, tuple[Application, Document]] = {}
    for file in asking:
        for photo in documents.of(session(), file):
            if photo.item == REGISTER and photo.state == documents.PREPARED:
                found.setdefault(photo.sent_digest, (file, photo))
    return Beside(list(found.values()), link) if asking else None


def _counting(
    file: Application, program: Program, members: Field, said: Sequence[Mapping[str, Any]]
) -> Counting:
    home, path = program.household, (file.region_path or "").split("/")
    relations = next((f for f in members.fields if f.name == "relation"), None)
    labels = {o.value: o.label for o in relations.options} if relations else {}
    counted = _of_place(home.counted, path)
    return Counting(
        program,
        [
            (
                str(person.get("name") or "没写名字的人"),
                labels.get(person.get("relation", ""), ""),
                [r for r in counted if {person.get("relation"), EVERYBODY} & set(r.who)],
            )
            for person in said
        ],
        counted,
        _of_place(home.not_counted, path),
        _of_place(home.single, path),
    )


def _of_place(rules: Sequence[Rule], path: Sequence[str]) -> list[Rule]:
    return [rule for rule in rules if not rule.region or rule.region in path]
