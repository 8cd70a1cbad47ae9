"""A question to a check platform, and its report: plain values that every platform shares."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


class NotAnswered(Exception):
    """The platform could not be reached, or said what cannot be read. It is asked again."""


@dataclass(frozen=True)
class Question:
    """One person, once. `id` stays the same when it is asked again; `tries` counts from 0.

    `consent` is what the person signed: text_version, text_sha256, method, signed_at.
    """

    id: UUID
    name: str
    id_number: str
    items: tuple[str, ...]
    program: str
    region_code: str
    consent: tuple[tuple[str, str], ...]
    asked_at: datetime
    tries: int = 0

    def shape(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": str(self.id),
            "name": self.name,
            "id_number": self.id_number,
            "items": list(self.items),
            "program": self.program,
            "region_code": self.region_code,
            "consent": dict(self.consent),
            "asked_at": self.asked_at.isoformat(),
        }


@dataclass(frozen=True)
class Line:
    """One thing the platform says; `amount` in 分 where it is money."""

    item: str
    title: str
    text: str
    amount: int | None = None


@dataclass(frozen=True)
class Report:
    """`number` is the platform's own, the same for the same answer; `missing`: items that have
    not answered yet and may come later."""

    number: str
    id_number: str
    made_at: datetime
    lines: tuple[Line, ...]
    missing: tuple[str, ...] = ()


Platform = Callable[[Question, datetime], Report | None]
"""Answers, or None while it has nothing yet. Raises NotAnswered."""
