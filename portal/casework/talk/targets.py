"""The clocks we set ourselves for answering people: no law counts these days, and we say so."""

from datetime import date, datetime
from typing import Any

from portal.casework import clocks
from portal.casework.limits import OURS
from portal.foundation.clock import local_date


def due_on(start: datetime, workdays: int) -> tuple[date, bool]:
    """The last day, and whether holidays on the way are still to be published."""
    return clocks.add_workdays(local_date(start), workdays)


def bar(
    key: str, title: str, start: datetime, workdays: int, *, now: datetime, basis: str = OURS
) -> dict[str, Any]:
    """The same shape as the clocks of a case, for the same bar on both sides."""
    due, provisional = due_on(start, workdays)
    today = local_date(now)
    used = _between(local_date(start), today)
    return {
        "key": key, "title": title, "basis": basis,
        "start": local_date(start).isoformat(), "due": due.isoformat(),
        "used": used, "whole": workdays, "unit": "workday",
        "percent": min(100, round(100 * used / workdays)),
        "state": "late" if today > due else "running",
        "ours": True, "provisional": provisional,
        "words": _words(workdays, used, today > due),
    }  # fmt: skip


def _between(first: date, last: date) -> int:
    """Working days after `first`, up to and with `last`."""
    number = 0
    day, _guessed = clocks.add_workdays(first, 1)
    while day <= last:
        number += 1
        day, _guessed = clocks.add_workdays(day, 1)
    return number


def _words(workdays: int, used: int, late: bool) -> str:
    if late:
        return f"过了{workdays}个工作日（{OURS}）"
    return (
        f"第{max(used, 1)}天，共{workdays}个工作日（{OURS}）"
        if used
        else f"{workdays}个工作日内（{OURS}）"
    )
