"""Examples of each program: documentation, test and demonstration at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from portal.policy.eligibility import rules
from portal.policy.reading import Node, WrongProgram, read_yaml

OUTCOMES = ("may_fit", "does_not_seem_to", "cannot_tell", "covered_by")
_DEFAULTS = ("day", "region", "answers")


@dataclass(frozen=True)
class Example:
    """`path` like 530000/530100/530113. `assume`: standards taken as published, see pack.pack.
    `expect`: outcome, by, low and high of the amount, tests {"track.test": state}."""

    program: str
    name: str
    article: str
    on: date
    path: str
    assume: Mapping[str, Any]
    answers: Mapping[str, Any]
    expect: Mapping[str, Any]


@cache
def load(folder: Path | None = None) -> tuple[Example, ...]:
    """Those of all programs that have rules. Raises WrongProgram."""
    root = folder or rules.FOLDER
    return tuple(e for program in rules.load(folder) for e in _of(root / program, program))


def path(code: str) -> str:
    """430923 → 430000/430900/430923; a province or prefecture likewise."""
    steps = (code[:2] + "0000", code[:4] + "00", code)
    return "/".join(dict.fromkeys(steps))


def _of(folder: Path, program: str) -> Iterator[Example]:
    file = folder / "examples.yaml"
    node = read_yaml(file).only(("given", "examples"))
    given = node.at("given").only(_DEFAULTS)
    names = set()
    for one in node.each("examples"):
        one.only(("name", "article", "expect"), ("day", "region", "assume", "answers"))
        one.at("expect").only(("outcome",), ("by", "low", "high", "tests"))
        one.at("expect").word("outcome", OUTCOMES)
        if one.text("name") in names:
            raise one.wrong("stands twice", "name")
        names.add(one.text("name"))
        yield _example(one, given, program)
    if not names:
        raise WrongProgram(file, "examples", "a program needs examples")


def _example(one: Node, given: Node, program: str) -> Example:
    region = (one if one.has("region") else given).text("region")
    own = one.at("answers").mapping() if one.has("answers") else {}
    return Example(
        program=program,
        name=one.text("name"),
        article=one.text("article"),
        on=(one if one.has("day") else given).day("day"),
        path=path(region),
        assume=one.at("assume").mapping() if one.has("assume") else {},
        answers={**given.at("answers").mapping(), **own},
        expect=one.at("expect").mapping(),
    )
