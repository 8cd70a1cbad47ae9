"""Legal clocks: Chinese working days with 调休; beyond the published years weekdays.

民法典 第201、203条: the first day is not counted, a last day on a holiday moves to the next
working day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.foundation.clock import local_date
from portal.policy.workdays import is_workday as is_workday

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """The last day of a time limit. `provisional`: the holidays of that year are not published.
    `at`: the very moment, where hours are counted."""

    on: date
    provisional: bool = False
    at: datetime | None = None


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
    """When `number` of `unit` after `start` are over.

    Units: hour · day · workday · month (the end of the month that lies so many on) ·
    calendar_month (the same day of that month, or its last).
    """
    first = local_date(start)
    if unit == "workday":
        return Due(*add_workdays(first, number))
    if unit == "hour":
        end = start + timedelta(hours=number)
        return Due(local_date(end), at=end)
    if unit in ("month", "calendar_month"):
        last = months_end(first, number)
        return _no_holiday(last if unit == "month" else _same_day(last, first.day))
    return _no_holiday(first + number * _DAY)


def used(start: datetime, until: datetime, unit: str) -> int:
    """How many whole hours, days or working days of a limit have passed; the first day is not
    counted. For months: days."""
    if until <= start:
        return 0
    if unit == "hour":
        return int((until - start).total_seconds()) // 3600
    first, last = local_date(start), local_date(until)
    return workdays_between(first, last) if unit == "workday" else (last - first).days


def workdays_between(first: date, last: date) -> int:
    """The working days after `first`, up to and with `last`."""
    days = (last - first).days
    return sum(is_workday(first + n * _DAY)[0] for n in range(1, days + 1))


def period_end(start: datetime, days: int) -> date:
    """The last calendar day of a 公示 that must hang at least `days` days."""
    return local_date(start) + days * _DAY


def months_end(first: date, number: int) -> date:
    """The last day of the month that lies `number` months on (下月起发放)."""
    after = first.year * 12 + first.month + number
    return date(after // 12, after % 12 + 1, 1) - _DAY


def months_on(day: date, number: int) -> date:
    """The same day of a later month, or its last."""
    month = day.year * 12 + day.month - 1 + number
    first = date(month // 12, month % 12 + 1, 1)
    last = (date((month + 1) // 12, (month + 1) % 12 + 1, 1) - first).days
    return first.replace(day=min(day.day, last))


def _same_day(month_end: date, day: int) -> date:
    """That day of the month, or its last."""
    return month_end.replace(day=min(day, month_end.day))


def _no_holiday(last: date) -> Due:
    works, guessed = is_workday(last)
    if works:
        return Due(last, guessed)
    return Due(*add_workdays(last, 1))
