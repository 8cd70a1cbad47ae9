"""Working days: the published holidays and 调休 as data, one file a year in holidays/.

A published year of ours stands above the library's calendar; a year nobody has published is
guessed from the days of the week and the holidays that the law fixes, and called provisional.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar

from portal.policy.reading import Node, WrongProgram, read_yaml

FOLDER = Path(__file__).parent / "holidays"
_DAY = timedelta(days=1)
_EVERY_YEAR = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Holidays of the sun calendar (全国年节及纪念日放假办法), known before the yearly notice."""


@dataclass(frozen=True)
class Year:
    """The notice of one year. `off` and `working` hold also while it is not published."""

    year: int
    published: bool
    document: str
    off: frozenset[date]
    working: frozenset[date]


def is_workday(day: date, years: Mapping[int, Year] | None = None) -> tuple[bool, bool]:
    """(whether people work on `day`, whether that is only our guess)."""
    notice = (YEARS if years is None else years).get(day.year)
    if notice is not None:
        if day in notice.off or day in notice.working:
            return day in notice.working, False
        if notice.published:
            return day.weekday() < 5, False
    try:
        return bool(chinese_calendar.is_workday(day)), False
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in _EVERY_YEAR, True


def read(folder: Path = FOLDER) -> dict[int, Year]:
    """Every file of the folder, by its year. Raises WrongProgram."""
    found = [_year(read_yaml(file)) for file in sorted(folder.glob("*.yaml"))]
    return {year.year: year for year in found}


def _year(node: Node) -> Year:
    node.only(("year", "published", "document", "holidays", "working"), ("date", "note"))
    if str(node.whole("year")) != node.file.stem:
        raise node.wrong(f"must be the name of the file, {node.file.stem}", "year")
    if node.flag("published", default=False):
        node.day("date")
    year = Year(
        year=int(node.file.stem),
        published=node.flag("published", default=False),
        document=node.text("document"),
        off=frozenset(day for stretch in node.each("holidays") for day in _days(stretch)),
        working=frozenset(_one(day) for day in node.each("working")),
    )
    for day in sorted(year.off | year.working):
        if day.year != year.year or day in year.off & year.working:
            raise node.wrong(f"{day} cannot stand here")
        if day in year.working and day.weekday() < 5:
            raise node.wrong(f"{day} is a working day anyhow", "working")
    return year


def _days(stretch: Node) -> Iterator[date]:
    stretch.only(("from", "to", "name"))
    stretch.text("name")
    day, last = stretch.day("from"), stretch.day("to")
    if last < day:
        raise stretch.wrong("ends before it begins", "to")
    while day <= last:
        yield day
        day += _DAY


def _one(node: Node) -> date:
    if not isinstance(node.value, date):
        raise WrongProgram(node.file, node.place, "must be a date like 2026-11-22")
    return node.value


YEARS: Mapping[int, Year] = read()
