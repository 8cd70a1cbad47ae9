"""Amounts in force: which standard stands in a place on a day, and how to say it. Never a guess."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from portal.policy.catalogue import Amount, Catalogue

KINDS = ("guide_min", "local", "avg_actual", "avg_paid", "local_sample", "threshold")
"""省级最低标准 · 当地标准, which may be in force · 平均标准 · 平均补助 · 某地样例 · 界线, which never are."""
UNKNOWN = "以受理地民政部门规定为准。"
_SHOWN = ("guide_min", "local")
_HISTORY = {
    "guide_min": "全省最低标准",
    "local": "当地标准",
    "avg_actual": "全省平均标准",
    "avg_paid": "平均发到手的钱",
    "local_sample": "一个地方的例子",
    "threshold": "办事的界线",
}
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
        if amount.region in places and day_of(amount.since) <= on:
            groups.setdefault((amount.area, amount.item), []).append(amount)
    return tuple(_ruling(found, places) for found in groups.values())


def words(amount: Amount, *, on: date) -> str:
    """What people read, in sentences of at most 20 characters.

    A figure from before the province's usual day of change is "at least …", this year's
    to be confirmed; a place's own figure from years ago is only what it once was.
    """
    if amount.value is None:
        return UNKNOWN
    money = f"{_period(amount.period)}{_yuan(amount.value)}元"
    started = day_of(amount.since)
    if amount.kind == "local" and started.year < on.year - 1:
        return f"{started.year}年的标准是{money}。现在的标准，{UNKNOWN}"
    if next_change(amount) <= on:
        return f"{started.year}年的标准是{money}。现在至少有这么多。{on.year}年的标准待确认。"
    if amount.kind == "guide_min":
        return f"全省最低标准是{money}。各地可以更高。"
    return f"当地标准是{money}。"


def history(
    catalogue: Catalogue, program: str, path: str, *, on: date
) -> tuple[tuple[Amount, str], ...]:
    """What once stood in a place, averages and samples among it, and how to say it.

    Newest first; for reading only, never for a verdict.
    """
    places = path.split("/")
    ruling = {(a.area, a.item): a for a in in_force(catalogue, program, path, on=on)}
    past = [
        a
        for a in catalogue.amounts
        if a.program == program
        and a.region in places
        and a.value is not None
        and day_of(a.since) <= on
        and _is_past(a, ruling.get((a.area, a.item)))
    ]
    past.sort(key=lambda a: (day_of(a.since), places.index(a.region)), reverse=True)
    return tuple((amount, _once_said(amount)) for amount in past)


def _is_past(amount: Amount, ruling: Amount | None) -> bool:
    """A standard counts as past once a newer one rules; averages never ruled."""
    if amount.kind not in _SHOWN or ruling is None:
        return True
    return day_of(amount.since) < day_of(ruling.since)


def _once_said(amount: Amount) -> str:
    since = day_of(amount.since)
    when = (
        f"{since.year}年" if len(amount.since) == len("2025") else f"{since.year}年{since.month}月"
    )
    kind = _HISTORY[amount.kind]
    return f"{when}，{kind}是{_period(amount.period)}{_yuan(amount.value or 0)}元。"


def _ruling(found: Iterable[Amount], places: list[str]) -> Amount:
    newest: dict[str, Amount] = {}
    for amount in sorted(found, key=lambda a: day_of(a.since)):
        newest[amount.region] = amount
    ranked = [newest[p] for p in places if p in newest]
    ruling = ranked[0]
    for nearer in ranked[1:]:
        if day_of(nearer.since) >= day_of(ruling.since) and _monthly(nearer) >= _monthly(ruling):
            ruling = nearer
    return ruling


def _monthly(amount: Amount) -> float:
    return (amount.value or 0) / _MONTHS.get(amount.period, 1)


def day_of(since: str) -> date:
    return date.fromisoformat((since + "-01-01")[:10] if len(since) == 4 else (since + "-01")[:10])


def next_change(amount: Amount) -> date:
    """The first usual day of change after its start; a year later where none is known."""
    started = day_of(amount.since)
    if not amount.changes_on:
        return _on(started.year + 1, started.month, started.day)
    month, day = (int(part) for part in amount.changes_on.split("-"))
    this_year = _on(started.year, month, day)
    if len(amount.since) > len("2025") and started < this_year:
        return this_year
    return _on(started.year + 1, month, day)


def _on(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _period(period: str) -> str:
    return {"month": "每月", "year": "每年"}.get(period, "一次")


def _yuan(value: int) -> str:
    return f"{value // 100}" if value % 100 == 0 else f"{value / 100:.2f}"
