"""Whether a condition holds for these answers. static/shared/conditions.js says the same in JS."""

from collections.abc import Iterator, Mapping
from typing import Any

WORDS = ("all", "any", "not", "answered")
"""Never names of fields."""


def holds(condition: Mapping[str, Any] | None, answers: Mapping[str, Any]) -> bool:
    """Whether every key of `condition` holds; None and {} always do.

    {field: value}: the answer is the value, or a list that contains it.
    {field: [values]}: any of them. An unanswered field holds for no value.
    """
    return all(_part(key, wanted, answers) for key, wanted in (condition or {}).items())


def answered(name: str, answers: Mapping[str, Any]) -> bool:
    """Whether there is an answer: not absent, null, blank text, an empty list or an empty place."""
    answer = answers.get(name)
    if isinstance(answer, str):
        return bool(answer.strip())
    if isinstance(answer, Mapping):
        return any(isinstance(v, str) and v.strip() for v in answer.values())
    return answer is not None and answer != []


def names(condition: Mapping[str, Any] | None) -> Iterator[str]:
    """Every field the condition looks at."""
    for key, wanted in (condition or {}).items():
        if key in ("all", "any"):
            for part in wanted:
                yield from names(part)
        elif key == "not":
            yield from names(wanted)
        else:
            yield wanted if key == "answered" else key


def _part(key: str, wanted: Any, answers: Mapping[str, Any]) -> bool:
    if key == "all":
        return all(holds(part, answers) for part in wanted)
    if key == "any":
        return any(holds(part, answers) for part in wanted)
    if key == "not":
        return not holds(wanted, answers)
    if key == "answered":
        return answered(wanted, answers)
    given = answers.get(key)
    values = wanted if isinstance(wanted, list | tuple) else [wanted]
    chosen = given if isinstance(given, list | tuple) else [given]
    return any(_same(one, value) for one in chosen for value in values)


def _same(one: Any, value: Any) -> bool:
    """Equal and of one kind: 1 is not true, and nothing equals null."""
    return (
        one is not None and isinstance(one, bool) == isinstance(value, bool) and bool(one == value)
    )
