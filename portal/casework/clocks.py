"""Legal clocks: Chinese working days with 调休; beyond the published years weekdays.

民法典 第201、203条: the first day is not counted, a last day on a holiday moves to the next
working day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import chinese_calendar

from portal.foundation.clock import local_date

_DAY = timedelta(days=1)
_EVERY_YEAR = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Holidays of the sun calendar (全国年节及纪念日放假办法), known before the yearly notice."""


@dataclass(frozen=True)
class Due:
    """The last day of a time limit. `provisional`: the holidays of that year are not published."""

    on: date
    provisional: bool = False


def is_workday(day: date) -> tuple[bool, bool]:
    """(whether people work on `day`, whether that is only our guess)."""
    try:
        return bool(chinese_calendar.is_workday(day)), False
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in _EVERY_YEAR, True


def add_workdays(day: date, number: int) -> tuple[date, bool]:
    """The `number`-th working day after `day`, and whether any day on the way was guessed."""
    provisional = False
    while number > 0:
        day += _DAY
        works, guessed = is_workday(day)
        provisional = provisional or guessed
        number -= works
    return day, provisional


def due(start: datetime, number: int, unit: str) -> Due:
    """When `number` of `unit` (hour · day · workday · month) after `start` are over."""
    first = local_date(start)
    if unit == "workday":
        return Due(*add_workdays(first, number))
    if unit == "hour":
        return Due(local_date(start + timedelta(hours=number)))
    last = _months_later(first, number) if unit == "month" else first + number * _DAY
    return _no_holiday(last)


def period_end(start: datetime, days: int) -> date:
    """The last calendar day of a 公示 that must hang at least `days` days."""
    return local_date(start) + days * _DAY


def _months_later(first: date, number: int) -> date:
    """The last day of the month that lies `number` months on (下月起发放)."""
    after = first.year * 12 + first.month + number
    return date(after // 12, after % 12 + 1, 1) - _DAY


def _no_holiday(last: date) -> Due:
    works, guessed = is_workday(last)
    if works:
        return Due(last, guessed)
    return Due(*add_workdays(last, 1))
