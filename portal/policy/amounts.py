"""Amounts in force: which standard stands in a place on a day, and how to say it. Never a guess."""

from collections.abc import Iterable
from datetime import date

from portal.policy.catalogue import Amount, Catalogue

KINDS = ("guide_min", "local", "avg_actual", "avg_paid", "local_sample", "threshold")
UNKNOWN = "以受理地民政部门规定为准。"
_SHOWN = ("guide_min", "local")
_MONTHS = {"month": 1, "year": 12}


def in_force(catalogue: Catalogue, program: str, path: str, *, on: date) -> tuple[Amount, ...]:
    """The newest standard of each area and item for a path like 430000/430900/430923.

    The nearest division's own figure counts, unless it is older or lower than the
    province's: then it is history (社会救助法 第19条) and the province's is given.
    """
    places = path.split("/")
    here = [a for a in catalogue.amounts if a.program == program and a.kind in _SHOWN]
    groups: dict[tuple[str, str], list[Amount]] = {}
    for amount in here:
        if amount.region in places and _day(amount.since) <= on:
            groups.setdefault((amount.area, amount.item), []).append(amount)
    return tuple(_ruling(found, places) for found in groups.values())


def words(amount: Amount, *, on: date) -> str:
    """What people read, in sentences of at most 20 characters.

    A figure more than a year old is "at least …", this year's to be confirmed.
    """
    if amount.value is None:
        return UNKNOWN
    money = f"{_period(amount.period)}{_yuan(amount.value)}元"
    started = _day(amount.since)
    if _a_year_after(started) <= on:
        return f"{started.year}年的标准是{money}。现在至少有这么多。{on.year}年的标准待确认。"
    if amount.kind == "guide_min":
        return f"全省最低标准是{money}。各地可以更高。"
    return f"当地标准是{money}。"


def _ruling(found: Iterable[Amount], places: list[str]) -> Amount:
    newest: dict[str, Amount] = {}
    for amount in sorted(found, key=lambda a: _day(a.since)):
        newest[amount.region] = amount
    ranked = [newest[p] for p in places if p in newest]
    ruling = ranked[0]
    for nearer in ranked[1:]:
        if _day(nearer.since) >= _day(ruling.since) and _monthly(nearer) >= _monthly(ruling):
            ruling = nearer
    return ruling


def _monthly(amount: Amount) -> float:
    return (amount.value or 0) / _MONTHS.get(amount.period, 1)


def _day(since: str) -> date:
    return date.fromisoformat((since + "-01-01")[:10] if len(since) == 4 else (since + "-01")[:10])


def _a_year_after(day: date) -> date:
    last = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    return last.replace(year=day.year + 1)


def _period(period: str) -> str:
    return {"month": "每月", "year": "每年"}.get(period, "一次")


def _yuan(value: int) -> str:
    return f"{value // 100}" if value % 100 == 0 else f"{value / 100:.2f}"
