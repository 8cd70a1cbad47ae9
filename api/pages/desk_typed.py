"""What was typed into the desk's forms of aid and referral, as the verbs take it."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from flask import request

from portal.foundation.errors import Invalid
from portal.people.identity import plain

_YUAN = re.compile(r"-?\d{1,9}(\.\d{1,2})?\Z")
PARTS = (1, 2, 3)
"""So many parts can be typed at once; more through the API."""


def text(name: str) -> str:
    return request.form.get(name, "").strip()[:500]


def fen(name: str, *, empty: int | None = None) -> int:
    """200 · 1,200.50 元 → 分. Raises Invalid unless `empty` says what an empty field means."""
    typed = plain(request.form.get(name, "")).removesuffix("元").replace(",", "").replace(" ", "")
    if not typed and empty is not None:
        return empty
    if not _YUAN.match(typed):
        raise Invalid("金额只填数字，比如 200。", fields={name: ["金额只填数字，比如 200。"]})
    return int(Decimal(typed) * 100)


def day(name: str) -> date | None:
    """2026-12-01, as a date field sends it. Raises Invalid."""
    typed = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Invalid("日期不对。", fields={name: ["日期不对，比如 2026-12-01。"]}) from None


def key(name: str = "key") -> UUID:
    """The form's own number, by which a second press is the same act."""
    return maybe_key(name) or uuid4()


def maybe_key(name: str) -> UUID | None:
    """A chosen row, or None."""
    return maybe_of(request.form.get(name, ""))


def maybe_of(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def ticked(name: str) -> bool:
    return name in request.form


def handing() -> dict[str, Any]:
    words = {name: text(name) for name in ("what", "to", "witness")}
    return {**words, "from_box": ticked("from_box")}


def small() -> dict[str, Any]:
    """小额快救, as its JSON says it."""
    words = ("person", "cause", "handling", "standard")
    return {
        **{name: text(name) for name in words},
        "amount": fen("amount"),
        "form": text("form") or "cash",
        "handing": handing(),
        "finish": ticked("finish"),
    }


def first() -> dict[str, Any]:
    """先行救助, as its JSON says it."""
    return {
        "parts": parts(),
        "cause": text("cause"),
        "document": text("document"),
        "handing": handing(),
        "conference_id": maybe_key("conference_id"),
        "key": key(),
    }


def window() -> dict[str, Any]:
    return {"key": key(), "found_by": text("found_by"), "address": text("address")}


def parts() -> list[dict[str, Any]]:
    """The filled rows of a plan: amount.1, form.1, due.1 … The first without a number is enough."""
    rows: list[Mapping[str, Any]] = [
        {
            "amount": fen(f"amount.{n}"),
            "form": text(f"form.{n}") or "cash",
            "due_on": day(f"due.{n}"),
        }
        for n in PARTS
        if request.form.get(f"amount.{n}", "").strip()
    ]
    if not rows:
        raise Invalid("请写金额。", fields={"amount.1": ["请写金额。"]})
    return [dict(row) for row in rows]
