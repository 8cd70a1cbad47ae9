"""Figures that change with the place and the day, and the standards in force as intervals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from portal.policy import amounts
from portal.policy.amounts import day_of
from portal.policy.catalogue import Amount
from portal.policy.reading import Node, read_yaml

FOLDER = Path(__file__).parent
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "basic_pension": ("value",),
    "dibian_times": ("least", "most", "confirmed"),
    "disposable": ("value",),
    "rigid_share": ("value",),
    "benefit": ("urban", "rural"),
}
_YEARLY = {"month": 12, "year": 1}
LAW = date(2026, 7, 1)
"""From here on no county sets a standard (社会救助法第17、19条)."""


@dataclass(frozen=True)
class Line:
    """A standard, 分 a year and head: at least `low`, at most `high` (None: nobody knows)."""

    low: int
    high: int | None
    words: str

    def shape(self) -> dict[str, Any]:
        return {"low": self.low, "high": self.high, "words": self.words}


@dataclass(frozen=True)
class Parameter:
    region: str
    since: date
    values: Mapping[str, Any]
    source: Mapping[str, str]


@dataclass(frozen=True)
class Parameters:
    groups: Mapping[str, tuple[Parameter, ...]]

    def find(self, group: str, place: str, on: date) -> Parameter | None:
        """The one in force in a place: newest first, and of one day the most local."""
        fitting = [p for p in self.groups[group] if place.startswith(p.region) and p.since <= on]
        return max(fitting, key=lambda p: (p.since, len(p.region)), default=None)


@cache
def load(file: Path = FOLDER / "parameters.yaml") -> Parameters:
    """Raises WrongProgram for a faulty file."""
    node = read_yaml(file).only(("sources", *_GROUPS))
    cited = sources(node)
    groups = {g: tuple(_parameter(p, _GROUPS[g], cited) for p in node.each(g)) for g in _GROUPS}
    return Parameters(groups)


def sources(node: Node) -> dict[str, dict[str, str]]:
    """The documents a file cites, by the key its rules use."""
    found = {}
    for key, entry in node.named("sources"):
        entry.only(("document",), ("note",))
        found[key] = {"document": entry.text("document"), "note": entry.text("note", "")}
    return found


def source(node: Node, cited: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """One citation, {of, article, note}: document, article, note as people read them."""
    inner = node.at("source").only(("of",), ("article", "note"))
    document = cited[inner.word("of", list(cited))]
    return {
        "document": document["document"],
        "article": inner.text("article", ""),
        "note": inner.text("note", "") or document["note"],
    }


def standard(published: Iterable[Amount], codes: list[str], *, on: date) -> Line:
    """The interval of a standard in a place like [430000, 430900, 430923] on a day.

    Only a local figure of the current year is exact. The province's figure is a minimum, and
    one past the usual day of change too: "at least". None known: anything from nought.
    """
    newest: dict[tuple[str, str], Amount] = {}
    for amount in sorted(published, key=lambda a: day_of(a.since)):
        if amount.region in codes and day_of(amount.since) <= on and amount.value is not None:
            newest[amount.kind, amount.region] = amount
    guide = max(
        (a for (kind, _), a in newest.items() if kind == "guide_min"), key=_a_year, default=None
    )
    local = [a for (kind, _), a in newest.items() if kind == "local" and not _is_history(a, guide)]
    ruling = max(local, key=lambda a: (day_of(a.since), codes.index(a.region)), default=guide)
    if ruling is None:
        return Line(0, None, "没有查到标准，窗口会核")
    if ruling is guide or _past(ruling, on):
        return _at_least(ruling, on)
    return Line(_a_year(ruling), _a_year(ruling), _money(ruling))


def _is_history(local: Amount, guide: Amount | None) -> bool:
    """Older or lower than the province's minimum (社会救助法第19条)."""
    if guide is None:
        return False
    return day_of(local.since) < day_of(guide.since) or _a_year(local) < _a_year(guide)


def _at_least(amount: Amount, on: date) -> Line:
    started = day_of(amount.since)
    words = f"至少{_money(amount)}"
    if _past(amount, on):
        words += f"（{started.year}年的，{on.year}年的待确认）"
    elif amount.kind == "guide_min":
        words += "（全省最低，各地可以更高）"
    return Line(_a_year(amount), None, words)


def _past(amount: Amount, on: date) -> bool:
    """Whether the province's usual day of change has come since, or no county may set it now."""
    started = day_of(amount.since)
    if on >= LAW > started and amount.kind == "local":
        return True
    return amounts.next_change(amount) <= on


def _parameter(
    node: Node, keys: tuple[str, ...], cited: Mapping[str, Mapping[str, str]]
) -> Parameter:
    node.only(("region", "from", "source", *keys), ("note",))
    region = node.value["region"]
    if not isinstance(region, str):
        raise node.wrong("must be text", "region")
    found = source(node, cited)
    if note := node.text("note", ""):
        found["note"] = note
    for key in keys:
        if not _fits(key, node.value[key]):
            raise node.wrong("is none of the values this figure can have", key)
    return Parameter(region, node.day("from"), {key: node.value[key] for key in keys}, found)


def _fits(key: str, value: Any) -> bool:
    """Whether a value has the shape its key promises. Null: nobody published one."""
    if key in ("urban", "rural"):
        return value in ("difference", "tiers")
    if key == "confirmed":
        return isinstance(value, bool)
    if value is None:
        return key != "least"
    if key in ("least", "most"):
        return _is_fraction(value)
    return value in ("exempt", "both") or _is_whole(value) or _is_fraction(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_fraction(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_whole(v) for v in value)


def _a_year(amount: Amount) -> int:
    return (amount.value or 0) * _YEARLY.get(amount.period, 1)


def _money(amount: Amount) -> str:
    period = {"month": "每月", "year": "每年"}.get(amount.period, "")
    yuan, cents = divmod(amount.value or 0, 100)
    return f"{period}{yuan}.{cents:02d}元" if cents else f"{period}{yuan}元"
