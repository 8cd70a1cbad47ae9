"""What a form asks, as frozen values: steps, their questions, and when each is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = (
    "text", "count", "money", "date", "choice", "choices", "yes_no",
    "id_number", "phone", "place", "people", "consent",
)  # fmt: skip
"""Closed: a new kind is an entry here, in both clients, and in the test that counts them."""

Condition = Mapping[str, Any]
"""{field: value}, {field: [values]}, {"all": [...]}, {"any": [...]}, {"not": {...}},
{"answered": field}. Several keys in one mapping hold together."""


@dataclass(frozen=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One question. Answers by kind: text, id_number, phone, choice, consent(True), date (ISO),
    place ({"code", "address"}) · count int · money int 分 or "unsure" (说不清，入户时核) ·
    choices list · yes_no bool · people list of {"row": id, field: answer}.
    """

    name: str
    kind: str
    label: str
    hint: str = ""
    options: tuple[Option, ...] = ()
    indispensable: bool = False
    unless: str = ""
    """An indispensable field may stay empty when this other one is answered (phone: found_by)."""
    when: Condition | None = None
    fields: tuple["Field", ...] = ()
    item_no: int | None = None
    most: int | None = None
    once: bool = False
    """Only about this time (what happened, where): never offered to the next application."""
    digest: str = ""
    """Of the question as asked (label, kind, options): says later that it changed."""


@dataclass(frozen=True)
class Step:
    """One topic, one screen."""

    key: str
    title: str
    fields: tuple[Field, ...]
    lead: str = ""


@dataclass(frozen=True)
class Form:
    steps: tuple[Step, ...]
    digest: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(f for step in self.steps for f in step.fields)
