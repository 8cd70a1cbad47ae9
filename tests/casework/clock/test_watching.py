"""The worker's look at the clocks: what ran out is told, to whom, once; the daily digest."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from api import clocks as clocks_api
from portal import worker
from portal.casework import events, office
from portal.casework.clock import board, digest, escalation, watching
from portal.casework.clock.tables import CaseClock, Digest, Escalation, WorkerMark
from portal.contact import messages
from portal.foundation.errors import Forbidden
from portal.people import staff
from portal.people.access import Role
from portal.policy import workdays
from tests.casework import cases
from tests.casework.aid.boxes import CHUXIONG, called
from tests.casework.clock.walks import DAY, HOUR, at
from tests.conftest import NOW
from tests.handover import files

TOWN, COUNTY = "13800000001", "13800000002"
BEIJING = timezone(timedelta(hours=8))


@pytest.fixture
def phones(portal):
    with portal.database.writing() as session:
        staff.add(session, "li", "李", Role.TOWNSHIP_CLERK, files.TOWNSHIP, phone=TOWN, now=NOW)
        staff.add(session, "zhou", "周", Role.COUNTY_CLERK, files.COUNTY, phone=COUNTY, now=NOW)


def watch(portal, now):
    watching.look(portal.database, portal.catalogue, now=now)
    return escalation.escalate(portal.database, portal.catalogue, now=now)


def noted(portal):
    with portal.database.reading() as session:
        rows = session.query(Escalation).order_by(Escalation.made_at, Escalation.level.desc())
        return [(row.step, row.level, row.settled_at is not None) for row in rows]


def texts(portal, template):
    with portal.database.reading() as session:
        return [m.phone for m in messages.latest(session) if m.template == template]


def test_our_own_target_is_told_to_the_township_then_to_the_county(portal, phones):
    file_id = cases.handed_in(portal)
    assert watch(portal, NOW + 2 * DAY) == 0
    assert watch(portal, NOW + 3 * DAY) == 1
    assert watch(portal, NOW + 3 * DAY) == 0
    assert noted(portal) == [("acceptance", "township", False)]
    assert texts(portal, "overdue") == [TOWN]
    assert watch(portal, NOW + 4 * DAY) == 1
    assert texts(portal, "overdue_below") == [COUNTY]
    with portal.database.reading() as session:
        file = cases.file_of(session, file_id)
        assert [e.kind for e in events.of(session, file)] == ["escalated"]
    assert watch(portal, NOW + 9 * DAY) == 0


def test_what_the_law_set_is_told_to_both_at_once(portal, phones):
    file_id = cases.accepted(portal)
    assert watch(portal, NOW + 4 * DAY) == 2
    assert noted(portal) == [("survey_start", "township", False), ("survey_start", "county", False)]
    at(portal, file_id, [("surveying", NOW + 5 * DAY)])
    watch(portal, NOW + 5 * DAY)
    assert noted(portal) == [("survey_start", "township", True), ("survey_start", "county", True)]


def test_the_countys_own_time_is_told_to_the_county_alone(portal, phones):
    file_id = cases.accepted(portal)
    at(portal, file_id, [(k, NOW) for k in ("surveying", "first_review", "county_review")])
    assert watch(portal, NOW + 16 * DAY) == 1
    assert noted(portal) == [("county_review", "county", False)]
    with portal.database.reading() as session:
        kinds = [e.kind for e in events.of(session, cases.file_of(session, file_id))]
        assert "escalated" not in kinds


def test_hours_are_told_when_they_are_over(portal):
    file_id = called(portal, region=CHUXIONG)
    at(portal, file_id, [("accepted", NOW)])
    assert watch(portal, NOW + 48 * HOUR) == 0
    assert watch(portal, NOW + 49 * HOUR) == 2
    assert noted(portal)[0][0] == "first_aid"


def test_somebody_without_food_is_told_to_both_at_once_until_answered(portal, phones):
    file_id = called(portal)
    night = datetime(2026, 11, 22, 23, 30, tzinfo=BEIJING)
    assert escalation.alarm(portal.database, now=night) == 1
    assert escalation.alarm(portal.database, now=night) == 0
    assert sorted(texts(portal, "alert")) == [TOWN, COUNTY]
    assert noted(portal) == [("alert", "township", False), ("alert", "county", False)]
    with portal.database.writing() as session:
        office.answer_alert(
            session, cases.file_of(session, file_id), name="李主任", sentence="送去了米和被子。",
            actor=files.clerk(), now=night + HOUR,
        )  # fmt: skip
    watch(portal, night + HOUR)
    assert {settled for step, _level, settled in noted(portal) if step == "alert"} == {True}


def test_only_what_changed_is_reckoned_and_what_is_over_is_forgotten(portal):
    first, second = cases.handed_in(portal), cases.handed_in(portal)
    assert watching.look(portal.database, portal.catalogue, now=NOW) == 2
    watching.look(portal.database, portal.catalogue, now=NOW + HOUR)
    assert watching.look(portal.database, portal.catalogue, now=NOW + 9 * HOUR) == 0
    at(portal, first, [("declined", NOW + 10 * HOUR)])
    assert watching.look(portal.database, portal.catalogue, now=NOW + 10 * HOUR) == 1
    with portal.database.reading() as session:
        [left] = session.query(CaseClock).all()
        assert (left.application_id, left.due_on) == (second, date(2026, 11, 24))


def test_many_at_the_same_moment_are_all_looked_at(portal):
    number = [cases.handed_in(portal, phone=f"1381234000{n}") for n in range(5)]
    looks = [watching.look(portal.database, portal.catalogue, now=NOW, limit=2) for _ in range(3)]
    assert looks == [2, 2, 1]
    with portal.database.reading() as session:
        assert session.query(CaseClock).count() == len(number)


def test_a_new_calendar_begins_the_look_again(portal, monkeypatch):
    file_id = cases.handed_in(portal)
    watch(portal, NOW)
    holiday = frozenset({date(2026, 11, 24)})
    changed = replace(workdays.YEARS[2026], off=workdays.YEARS[2026].off | holiday)
    monkeypatch.setattr(workdays, "YEARS", {**workdays.YEARS, 2026: changed})
    assert watching.look(portal.database, portal.catalogue, now=NOW + HOUR) == 1
    with portal.database.reading() as session:
        assert session.get_one(CaseClock, (file_id, "acceptance")).due_on == date(2026, 11, 25)
        assert session.query(WorkerMark).count() == 1


MORNING = datetime(2026, 11, 23, 8, 31, tzinfo=BEIJING)


def figures(portal, code):
    with portal.database.reading() as session:
        return session.get_one(Digest, (code, date(2026, 11, 23))).figures


def test_the_digest_comes_every_working_morning_also_when_all_is_zero(portal, phones):
    assert digest.send_due(portal.database, now=MORNING - timedelta(minutes=2)) == 0
    assert digest.send_due(portal.database, now=MORNING) == 2
    assert digest.send_due(portal.database, now=MORNING + HOUR) == 0
    assert set(figures(portal, files.TOWNSHIP)) == set(digest.FIGURES)
    assert set(figures(portal, files.TOWNSHIP).values()) == {0}
    assert sorted(texts(portal, "digest_none")) == [TOWN, COUNTY]
    saturday = datetime(2026, 11, 28, 9, 0, tzinfo=BEIJING)
    assert digest.send_due(portal.database, now=saturday) == 0
    worked = datetime(2026, 10, 10, 9, 0, tzinfo=BEIJING)
    assert digest.send_due(portal.database, now=worked) == 2


def test_the_digest_counts_what_is_there(portal, phones):
    cases.handed_in(portal), cases.accepted(portal)
    called(portal)
    watch(portal, NOW + HOUR)
    digest.send_due(portal.database, now=MORNING)
    found = figures(portal, files.COUNTY)
    assert (found["alerts"], found["waiting"], found["going"]) == (1, 2, 1)
    assert (found["late"], found["soon"]) == (0, 4)
    assert sorted(texts(portal, "digest_late")) == [TOWN, COUNTY]


def test_the_board_shows_each_office_its_own(portal, phones):
    file_id = cases.handed_in(portal)
    watch(portal, NOW + 4 * DAY)

    def read(actor):
        with portal.database.reading() as session:
            found = board.read(session, portal.catalogue, actor=actor, now=NOW + 4 * DAY)
            return clocks_api.as_json(found)

    mine = read(files.clerk())
    assert [(line["application_id"], line["over"]) for line in mine["overdue"]] == [(file_id, 2)]
    assert "我们自己的目标" in mine["overdue"][0]["title"]
    [told] = read(files.clerk("430923", role=Role.COUNTY_CLERK))["told"]
    assert told["levels"] == ["township", "county"]
    elsewhere = read(files.clerk("430923118"))
    assert (elsewhere["overdue"], elsewhere["told"]) == ([], [])
    for role in (Role.DEPARTMENT_CLERK, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            read(files.clerk(role=role))


def test_the_worker_does_it_all_by_itself(portal, phones):
    cases.handed_in(portal)
    worker.run_once(portal, now=NOW)
    worker.run_once(portal, now=NOW + 3 * DAY)
    assert noted(portal) == [("acceptance", "township", False)]
    with portal.database.reading() as session:
        assert session.query(Digest).count() == 2


def test_nobody_is_told_the_same_twice_in_two_hours(portal, phones):
    for n in range(3):
        cases.handed_in(portal, phone=f"1381234000{n}")
    watch(portal, NOW + 3 * DAY)
    assert texts(portal, "overdue") == [TOWN]
