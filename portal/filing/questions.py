"""When two programs ask the same, and what the answer to one says to the other."""

from collections.abc import Mapping
from typing import Any

from portal.policy.catalogue import Catalogue, Field


def is_same(one: Field, other: Field) -> bool:
    """The same words, kind and options; a list of people also when one asks less of each."""
    if one.name != other.name or one.kind != other.kind:
        return False
    return one.digest == other.digest or (bool(one.fields) and _within(one, other))


def is_wider(one: Field, other: Field) -> bool:
    """Whether `one` asks more of each person."""
    return len(one.fields) > len(other.fields)


def answer_for(asked: Field, answer: Any, other: Field, present: Any = None) -> Any:
    """The answer to `asked` as one to `other`, which is the same question.

    What `other` asks of a person beyond `asked` stays as it is in `present`.
    """
    if asked.digest == other.digest or not isinstance(answer, list):
        return answer
    both = {f.name for f in asked.fields} & {f.name for f in other.fields}
    beyond = {f.name for f in other.fields} - both
    before: Mapping[str, Mapping[str, Any]] = {row["row"]: row for row in present or []}
    return [
        {name: row[name] for name in row if name in both | {"row"}}
        | {n: v for n, v in before.get(row["row"], {}).items() if n in beyond}
        for row in answer
    ]


def by_digest(catalogue: Catalogue) -> dict[tuple[str, str], Field]:
    """Every question of every program, by its name and digest."""
    forms = (program.form for program in catalogue.programs.values())
    return {(f.name, f.digest): f for form in forms for f in form.fields}


def is_kept(asked: Field) -> bool:
    """Whether its answer may be offered to a later file: no consent, and nothing of this once."""
    return asked.kind != "consent" and not asked.once


def _within(one: Field, other: Field) -> bool:
    """Whether each question about a person that one asks stands in the other, word for word."""
    mine, theirs = ({(f.name, f.digest) for f in field.fields} for field in (one, other))
    return mine <= theirs or theirs <= mine
