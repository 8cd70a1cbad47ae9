"""Every deadline of the facts around Spring Festival and National Day 2026 and the turn of 2026/27.

The dates were counted by hand on the published calendar of 2026 (off: 02-15…23, 04-04…06,
09-25…27, 10-01…07; working: 02-14, 02-28, 09-20, 10-10). 2027 is not published: weekdays and
the fixed holidays, and the date says that it is provisional.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.casework import clocks, limits
from portal.casework.clock import afterwards, bar, marks
from portal.policy import loader, workdays
from portal.policy.lifecycle import MOVES
from portal.policy.reading import WrongProgram

CATALOGUE = loader.load()
BEIJING = ZoneInfo("Asia/Shanghai")

FACTS = {
    ("dibao", "acceptance", ""): (None, "workday"),
    ("dibao", "survey_start", ""): (3, "workday"),
    ("dibao", "check_start", ""): (3, "workday"),
    ("dibao", "public_notice", ""): (7, "day at least"),
    ("dibao", "county_review", ""): (10, "workday"),
    ("dibao", "denial_notice", ""): (3, "workday"),
    ("dibao", "first_payment", ""): (1, "month"),
    ("dibao", "graduating", ""): (6, "calendar_month"),
    ("dibao", "total", ""): (30, "workday"),
    ("dibao", "total_delegated", ""): (20, "workday"),
    ("dibao", "total_hard", ""): (45, "workday"),
    ("tekun", "acceptance", ""): (None, "workday"),
    ("tekun", "survey", ""): (15, "workday"),
    ("tekun", "public_notice", ""): (7, "day at least"),
    ("tekun", "objection", ""): (15, "workday"),
    ("tekun", "county_review", ""): (15, "workday"),
    ("tekun", "denial_notice", ""): (3, "workday"),
    ("tekun", "first_payment", ""): (1, "month"),
    ("tekun", "selfcare_check", ""): (10, "workday"),
    ("tekun", "stop_notice", ""): (7, "day at least"),
    ("dibian", "acceptance", ""): (None, "workday"),
    ("dibian", "total", ""): (30, "workday"),
    ("gangxing", "acceptance", ""): (None, "workday"),
    ("gangxing", "total", ""): (30, "workday"),
    ("gangxing", "total_hard", ""): (45, "workday"),
    ("linshi", "first_aid", ""): (None, "hour"),
    ("linshi", "first_aid", "532300"): (48, "hour"),
    ("linshi", "small_track", ""): (3, "day"),
    ("linshi", "over_limit", "532300"): (48, "hour"),
    ("linshi", "first_aid_papers", "532300"): (5, "workday"),
    ("linshi", "expense_survey", ""): (None, "workday"),
    ("linshi", "expense_survey", "532300"): (10, "workday"),
    ("linshi", "county_review", "532300"): (10, "workday"),
    ("linshi", "acceptance", "532325"): (2, "workday"),
    ("jiuye", "acceptance", ""): (None, "workday"),
    ("jiuye", "community", "430000"): (15, "workday"),
    ("jiuye", "public_notice", "430000"): (7, "day at least"),
    ("jiuye", "street", "430000"): (5, "workday"),
    ("jiuye", "county_review", "430000"): (7, "workday"),
    ("liulang", "first_aid", ""): (None, "hour"),
    ("shouzai", "first_aid", ""): (None, "hour"),
    ("shouzai", "county_review", ""): (None, "workday"),
    ("yiliao", "acceptance", ""): (None, "workday"),
    ("yiliao", "county_review", ""): (None, "workday"),
    ("zhufang", "acceptance", ""): (None, "workday"),
    ("zhufang", "county_review", ""): (None, "workday"),
}
"""(program, step, division): the figure the facts give, None where nobody published one."""

SEASONS = {
    "春节": datetime(2026, 2, 12, 10, tzinfo=BEIJING),
    "国庆": datetime(2026, 9, 18, 10, tzinfo=BEIJING),
    "跨年": datetime(2026, 12, 28, 10, tzinfo=BEIJING),
}
LAST_DAYS = {
    (2, "workday"): ("2026-02-14", "2026-09-21", "2026-12-30"),
    (3, "workday"): ("2026-02-24", "2026-09-22", "2026-12-31"),
    (5, "workday"): ("2026-02-26", "2026-09-24", "2027-01-05?"),
    (7, "workday"): ("2026-02-28", "2026-09-29", "2027-01-07?"),
    (10, "workday"): ("2026-03-04", "2026-10-09", "2027-01-12?"),
    (15, "workday"): ("2026-03-11", "2026-10-15", "2027-01-19?"),
    (20, "workday"): ("2026-03-18", "2026-10-22", "2027-01-26?"),
    (30, "workday"): ("2026-04-01", "2026-11-05", "2027-02-09?"),
    (45, "workday"): ("2026-04-23", "2026-11-26", "2027-03-02?"),
    (3, "day"): ("2026-02-24", "2026-09-21", "2026-12-31"),
    (7, "day at least"): ("2026-02-19", "2026-09-25", "2027-01-04"),
    (48, "hour"): ("2026-02-14", "2026-09-20", "2026-12-30"),
    (1, "month"): ("2026-03-31", "2026-11-02", "2027-02-01?"),
    (6, "calendar_month"): ("2026-08-12", "2027-03-18?", "2027-06-28?"),
}
"""The last day, counted by hand from the first day of each season; ? where it is provisional."""


def test_the_table_has_every_deadline_of_every_program():
    """When this fails: write the new one into FACTS, with its figure from the source."""
    found = {
        (p.id, d.step, d.region): (d.days, "day at least" if d.kind == "duration" else d.unit)
        for p in CATALOGUE.programs.values()
        for d in p.deadlines
    }
    assert found == FACTS


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize(
    ("program", "step", "region"), [k for k, (n, _unit) in FACTS.items() if n is not None]
)
def test_the_last_day(program, step, region, season):
    rule = limits.rule(CATALOGUE.find(program), f"x/{region}", step)
    kind = (rule.days, "day at least" if rule.kind == "duration" else rule.unit)
    assert kind == FACTS[program, step, region]
    wanted = LAST_DAYS[kind][list(SEASONS).index(season)]
    due = bar._due(rule, SEASONS[season].astimezone(UTC))
    assert due.on == date.fromisoformat(wanted.rstrip("?"))
    assert due.provisional == wanted.endswith("?")
    if rule.unit == "hour":
        assert due.at == SEASONS[season] + timedelta(hours=48)


@pytest.mark.parametrize(
    ("start", "number", "unit", "last"),
    [
        ("2026-02-14 23:59", 1, "workday", "2026-02-24"),
        ("2026-02-13 09:00", 1, "workday", "2026-02-14"),
        ("2026-02-16 09:00", 3, "workday", "2026-02-26"),
        ("2026-02-27 09:00", 1, "workday", "2026-02-28"),
        ("2026-02-12 09:00", 10, "day", "2026-02-24"),
        ("2026-02-09 09:00", 7, "day", "2026-02-24"),
        ("2026-09-19 09:00", 1, "workday", "2026-09-20"),
        ("2026-09-30 09:00", 3, "workday", "2026-10-10"),
        ("2026-09-29 09:00", 5, "workday", "2026-10-12"),
        ("2026-09-29 09:00", 3, "day", "2026-10-08"),
        ("2026-09-30 17:00", 48, "hour", "2026-10-02"),
        ("2026-12-30 09:00", 3, "day", "2027-01-04?"),
        ("2026-12-31 09:00", 1, "workday", "2027-01-04?"),
        ("2026-12-29 22:00", 48, "hour", "2026-12-31"),
        ("2026-12-31 23:59", 1, "month", "2027-02-01?"),
        ("2026-08-31 09:00", 6, "calendar_month", "2027-03-01?"),
        ("2027-01-04 09:00", 2, "workday", "2027-01-06?"),
    ],
)
def test_edges(start, number, unit, last):
    """Begun on a day off or late at night; the last day on a holiday moves on, hours do not."""
    moment = datetime.fromisoformat(start).replace(tzinfo=BEIJING).astimezone(UTC)
    due = clocks.due(moment, number, unit)
    assert (due.on.isoformat() + "?" * due.provisional) == last


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [
        ("2026-02-12", "2026-02-28", 7), ("2026-02-14", "2026-02-23", 0),
        ("2026-09-18", "2026-09-20", 1), ("2026-09-30", "2026-10-10", 3),
        ("2026-12-28", "2027-01-04", 4),
    ],
)  # fmt: skip
def test_how_many_working_days_are_used(first, last, number):
    assert clocks.workdays_between(date.fromisoformat(first), date.fromisoformat(last)) == number


def test_the_moves_name_deadlines_that_exist():
    steps = {d.step for p in CATALOGUE.programs.values() for d in p.deadlines}
    assert {m.deadline for m in MOVES} - {""} <= steps
    ours = {"community", "street", "stop_notice"}
    assert set(marks.ENDS) | {afterwards.SELFCARE} >= steps - ours, (
        "a step without an end never runs out"
    )


def test_the_published_year_is_the_librarys_own():
    """Two independent copies of the notice of 2025-11-04 agree."""
    year = workdays.YEARS[2026]
    assert len(year.off) == 33
    assert len(year.working) == 6
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    without = [workdays.is_workday(day, {})[0] for day in days]
    assert [workdays.is_workday(day)[0] for day in days] == without


def test_a_year_nobody_has_published_is_provisional_and_says_so():
    assert not workdays.YEARS[2027].published
    assert workdays.is_workday(date(2027, 2, 8)) == (True, True)
    assert workdays.is_workday(date(2027, 10, 1)) == (False, True)
    assert workdays.is_workday(date(2028, 5, 1)) == (False, True)


NOTICE = """
year: 2027
published: {published}
document: 国务院办公厅关于2027年部分节假日安排的通知
date: 2026-11-30
holidays: [{{from: 2027-02-05, to: 2027-02-11, name: 春节}}]
working: [2027-02-13]
"""


def _year(tmp_path, text, name="2027"):
    (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return workdays.read(tmp_path)


def test_the_notice_of_a_year_is_put_in_as_data(tmp_path):
    years = _year(tmp_path, NOTICE.format(published="true"))
    assert workdays.is_workday(date(2027, 2, 8), years) == (False, False)
    assert workdays.is_workday(date(2027, 2, 13), years) == (True, False)
    assert workdays.is_workday(date(2027, 2, 15), years) == (True, False)


def test_single_days_hold_before_the_notice(tmp_path):
    years = _year(tmp_path, NOTICE.format(published="false"))
    assert workdays.is_workday(date(2027, 2, 8), years) == (False, False)
    assert workdays.is_workday(date(2027, 2, 15), years) == (True, True)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("year: 2027", "year: 2028"), "year"),
        (("2027-02-13", "2027-02-08"), ""),
        (("2027-02-13", "2027-02-15"), "working"),
        (("to: 2027-02-11", "to: 2027-02-01"), "holidays[1].to"),
        (("date: 2026-11-30\n", ""), "date"),
        (("2027-02-13", "下周六"), "working[1]"),
    ],
)
def test_a_wrong_notice_stops_the_start(tmp_path, change, place):
    text = NOTICE.format(published="true").replace(*change)
    with pytest.raises(WrongProgram) as refused:
        _year(tmp_path, text)
    assert refused.value.place == place
