"""The bar both sides see: which clocks run, from when, to when, under which article."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.casework import events
from portal.casework.clock import bar
from portal.casework.limits import NOBODY_SAID, OURS
from portal.casework.survey.tables import CheckRequest
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.casework.aid.boxes import CHUXIONG, TOWNSHIP, called
from tests.casework.clock.walks import DAY, HOUR, at, delegating, shown, walk
from tests.conftest import NOW

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""Nothing is stored here: the other database would only say the same again."""

KEYS = {
    "key", "title", "basis", "start", "due", "due_text", "used", "whole", "unit", "percent",
    "state", "ours", "provisional", "at_least", "words",
}  # fmt: skip


def test_before_acceptance_only_our_own_target_runs_and_is_called_ours(portal):
    file_id = cases.handed_in(portal)
    found = shown(portal, file_id, NOW)
    assert set(found["acceptance"]) == KEYS
    assert {key for key, row in found.items() if row["state"] == "running"} == {"acceptance"}
    ours = found["acceptance"]
    assert (ours["ours"], ours["basis"]) == (True, OURS)
    assert (ours["start"], ours["due"], ours["whole"]) == ("2026-11-22", "2026-11-24", 2)
    assert ours["words"] == "已过0个工作日，还有2个工作日"
    assert shown(portal, file_id, NOW + 2 * DAY)["acceptance"]["words"] == "今天是最后一天"
    late = shown(portal, file_id, NOW + 4 * DAY)["acceptance"]
    assert (late["state"], late["words"], late["percent"]) == ("late", "已超2个工作日", 100)
    assert not any(row["ours"] for key, row in found.items() if key != "acceptance")


def test_after_acceptance_the_law_counts_and_nothing_pauses(portal):
    file_id = cases.accepted(portal)
    first = shown(portal, file_id, NOW)
    assert first["acceptance"]["state"] == "done"
    assert (first["survey_start"]["due"], first["total"]["due"]) == ("2026-11-25", "2027-01-04")
    assert first["total"]["basis"].startswith("民发〔2021〕57号 第22条")
    assert first["total"]["provisional"]
    back = [
        ("surveying", NOW + DAY), ("check_dispute", NOW + 2 * DAY),
        ("check_dispute_answered", NOW + 9 * DAY), ("first_review", NOW + 10 * DAY),
        ("county_review", NOW + 11 * DAY), ("county_returned", NOW + 12 * DAY),
    ]  # fmt: skip
    at(portal, file_id, back)
    later = shown(portal, file_id, NOW + 12 * DAY)
    assert later["total"]["due"] == first["total"]["due"]
    assert later["total"]["used"] == 10
    assert later["county_review"]["state"] == "done"


@pytest.mark.parametrize(
    ("kinds", "codes", "key", "whole", "why"),
    [
        ((), (), "total", 30, ""),
        ((), ("430000",), "total_delegated", 20, ""),
        ((), ("530000",), "total", 30, ""),
        (("extended",), (), "total_hard", 45, "调查难度大，已延长"),
        (("extended",), ("430923",), "total_hard", 45, "调查难度大，已延长"),
    ],
    ids=["县里定30", "省里放权20", "别的省放权", "延长45", "放权又延长"],
)
def test_which_total_holds_and_why(portal, kinds, codes, key, whole, why):
    file_id = cases.accepted(portal)
    at(portal, file_id, [(kind, NOW) for kind in kinds])
    found = shown(portal, file_id, NOW, delegating(portal.catalogue, *codes))
    totals = {k: row for k, row in found.items() if k.startswith("total")}
    assert list(totals) == [key]
    assert totals[key]["whole"] == whole
    assert why in totals[key]["title"]


def test_what_was_done_late_stays_done_and_says_so(portal):
    file_id = cases.accepted(portal)
    at(portal, file_id, [("surveying", NOW + 5 * DAY)])
    done = shown(portal, file_id, NOW + 30 * DAY)["survey_start"]
    assert (done["state"], done["words"], done["used"]) == ("done", "办完了，过了时限", 5)


def test_a_posting_hangs_at_least_and_is_never_late(portal):
    file_id = cases.accepted(portal)
    at(portal, file_id, [(k, NOW) for k in ("surveying", "first_review", "public_notice")])
    day = {n: shown(portal, file_id, NOW + n * DAY)["public_notice"] for n in (0, 3, 7, 8, 60)}
    assert [row["words"] for row in day.values()] == [
        "公示第1天，至少7天", "公示第3天，至少7天", "公示第7天，至少7天", "公示期满", "公示期满",
    ]  # fmt: skip
    assert {row["state"] for row in day.values()} == {"running"}
    assert day[0]["due_text"] == "公示到2026年11月29日"


def test_a_refusal_has_its_three_days_until_the_letter_is_there(portal):
    file_id = cases.accepted(portal)
    assert "denial_notice" not in shown(portal, file_id, NOW)
    at(
        portal,
        file_id,
        [(k, NOW) for k in ("surveying", "first_review", "county_review", "denied")],
    )
    assert shown(portal, file_id, NOW)["denial_notice"]["due"] == "2026-11-25"
    assert shown(portal, file_id, NOW + 4 * DAY)["denial_notice"]["state"] == "late"
    at(portal, file_id, [("decision_delivered", NOW + 4 * DAY)])
    assert shown(portal, file_id, NOW + 9 * DAY)["denial_notice"]["state"] == "done"


def test_the_county_begins_its_check_in_three_days(portal):
    file_id = cases.accepted(portal)
    at(portal, file_id, [("surveying", NOW), ("check_requested", NOW)])
    assert shown(portal, file_id, NOW + 4 * DAY)["check_start"]["state"] == "late"
    with portal.database.writing() as session:
        who = cases.files.clerk().id
        session.add(
            CheckRequest(
                application_id=file_id, round=1, state="running", asked_by=who, asked_at=NOW,
                started_by=who, started_at=NOW + DAY,
            )
        )  # fmt: skip
    assert shown(portal, file_id, NOW + 4 * DAY)["check_start"]["words"] == "按时办完了"


def test_small_emergency_aid_has_three_days_and_chuxiong_forty_eight_hours(portal):
    here, there = called(portal), called(portal, region=CHUXIONG)
    small = shown(portal, here, NOW)["small_track"]
    assert (small["whole"], small["unit"], small["due"]) == (3, "day", "2026-11-25")
    assert not small["ours"]
    at(portal, there, [("accepted", NOW)])
    first = shown(portal, there, NOW + 47 * HOUR)["first_aid"]
    assert (first["whole"], first["unit"], first["due_text"]) == (
        48,
        "hour",
        "最迟2026年11月24日09:00",
    )
    assert first["words"] == "已过47小时，还有1小时"
    late = shown(portal, there, NOW + 50 * HOUR)["first_aid"]
    assert (late["state"], late["words"]) == ("late", "已超3小时")
    at(portal, there, [("aided", NOW + HOUR), ("making_up", NOW + HOUR)])
    assert shown(portal, there, NOW + HOUR)["first_aid_papers"]["due"] == "2026-11-27"
    assert shown(portal, there, NOW + 90 * HOUR)["first_aid"]["state"] == "done"


def test_over_the_ceiling_the_county_has_its_own_hours_in_chuxiong(portal):
    file_id = called(portal, region=CHUXIONG)
    at(portal, file_id, [("accepted", NOW), ("over_ceiling", NOW + HOUR)])
    found = shown(portal, file_id, NOW + 2 * HOUR)
    assert found["over_limit"]["due_text"] == "最迟2026年11月24日09:00"
    assert found["first_aid"]["state"] == "done"


def test_the_long_way_of_an_emergency_has_its_own_days(portal):
    file_id = called(portal, region=CHUXIONG)
    at(portal, file_id, [("accepted", NOW), ("surveying", NOW)])
    found = shown(portal, file_id, NOW)
    assert (found["expense_survey"]["due"], found["expense_survey"]["whole"]) == ("2026-12-04", 10)
    assert "first_aid" not in found
    file_id = called(portal, region=TOWNSHIP, account=None)
    at(portal, file_id, [("accepted", NOW), ("surveying", NOW)])
    assert shown(portal, file_id, NOW)["expense_survey"]["words"] == NOBODY_SAID


def test_with_another_department_nobody_published_a_figure(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        file.machine = "referral"
        walk(session, file, "accepted", "referred")
        assert file.status == Status.REFERRED
    row = shown(portal, file_id, NOW)["referral"]
    assert (row["due"], row["words"], row["state"]) == (None, NOBODY_SAID, "running")


def test_graduating_ends_after_six_months(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, file_id), Status.GRADUATING)
    row = shown(portal, file_id, NOW)["graduating"]
    assert (row["due"], row["unit"], row["whole"]) == ("2027-05-24", "month", 183)
    assert row["provisional"]


def test_a_case_handed_in_again_begins_anew(portal):
    file_id = cases.handed_in(portal)
    at(portal, file_id, [("returned", NOW)])
    assert shown(portal, file_id, NOW)["acceptance"]["state"] == "done"
    cases.files.submit(portal, file_id, now=NOW + 9 * DAY)
    again = shown(portal, file_id, NOW + 9 * DAY)["acceptance"]
    assert (again["state"], again["due"]) == ("running", "2026-12-03")


def test_told_late_from_outside_the_clock_goes_by_what_happened(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        events.record(
            session, file, "surveying", after=Status.SURVEYING, party=cases.Party.TOWNSHIP,
            actor="office:town", said=None, now=NOW + 9 * DAY, at=NOW + DAY,
        )  # fmt: skip
    assert shown(portal, file_id, NOW + 9 * DAY)["survey_start"]["words"] == "按时办完了"


def test_hours_end_at_their_minute(portal):
    file_id = called(portal, region=CHUXIONG)
    at(portal, file_id, [("accepted", NOW)])
    with portal.database.reading() as session:
        file = cases.file_of(session, file_id)
        rows = {row.key: row for row in bar.of(session, file, portal.catalogue.find("linshi"))}
    assert rows["first_aid"].due.at == datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert not rows["first_aid"].late(NOW + timedelta(hours=48))
    assert rows["first_aid"].late(NOW + timedelta(hours=48, seconds=1))
