"""Whose turn, what next, by when, whom to call."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from portal.casework import clocks, office, stages, timeline
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

BEIJING = timezone(timedelta(hours=8))


def told(portal, file_id, now=NOW):
    with portal.database.reading() as session:
        application = cases.file_of(session, file_id)
        return timeline.timeline(session, application, portal.catalogue, now=now)


def put(portal, file_id, status):
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, file_id), status)


@pytest.mark.parametrize(
    ("day", "number", "last", "provisional"),
    [
        ("2026-09-30", 1, "2026-10-08", False),
        ("2026-11-20", 2, "2026-11-24", False),
        ("2026-02-13", 1, "2026-02-14", False),
        ("2026-12-30", 3, "2027-01-05", True),
    ],
    ids=["国庆后", "跨周末", "调休上班的周六", "放假安排未公布"],
)
def test_working_days(day, number, last, provisional):
    found = clocks.add_workdays(date.fromisoformat(day), number)
    assert found == (date.fromisoformat(last), provisional)


def test_a_last_day_on_a_holiday_moves_on():
    start = datetime(2026, 9, 28, 9, tzinfo=BEIJING)
    assert clocks.due(start, 3, "day").on == date(2026, 10, 8)
    assert clocks.due(start, 1, "month").on == date(2026, 11, 2)
    assert clocks.period_end(start, 7) == date(2026, 10, 5)


def test_the_first_day_is_counted_in_beijing():
    late = datetime(2026, 11, 19, 17, tzinfo=UTC)
    assert clocks.due(late, 1, "workday").on == date(2026, 11, 23)


def test_before_acceptance_the_target_is_called_ours(portal):
    found = told(portal, cases.handed_in(portal))
    assert found["stage"] == "已提交，尚未受理"
    assert (found["turn"], found["turn_text"]) == ("township", "乡镇（街道）")
    assert found["next"]["by"] == "2026-11-24"
    assert found["next"]["ours"]
    assert "我们自己的目标" in found["next"]["by_text"]
    assert found["total"] is None
    assert found["call"]["name"] == "东坪镇"
    assert found["call"]["number"] is None
    assert "12349" in found["call"]["text"]


def test_after_acceptance_the_published_days_with_their_article(portal):
    found = told(portal, cases.accepted(portal))
    assert found["next"]["by"] == "2026-11-25"
    assert found["next"]["basis"].startswith("民发〔2021〕57号 第15条")
    assert not found["next"]["ours"]
    assert found["total"]["by"] == "2027-01-04"
    assert found["total"]["provisional"]
    assert "日期暂定" in found["total"]["by_text"]


def test_an_overdue_clock_says_so(portal):
    file_id = cases.accepted(portal)
    assert not told(portal, file_id, datetime(2026, 11, 25, 15, tzinfo=BEIJING))["next"]["overdue"]
    assert told(portal, file_id, datetime(2026, 11, 26, 1, tzinfo=BEIJING))["next"]["overdue"]


def test_where_nobody_published_a_figure(portal):
    file_id = cases.accepted(portal)
    put(portal, file_id, Status.SUBMITTED)
    with portal.database.writing() as session:
        cases.file_of(session, file_id).status = Status.SURVEYING
    assert told(portal, file_id)["next"]["by_text"] == "以受理地民政部门规定为准"


def test_the_notice_hangs_at_least_seven_days(portal):
    file_id = cases.handed_in(portal)
    put(portal, file_id, Status.PUBLIC_NOTICE)
    found = told(portal, file_id)
    assert found["next"]["by"] == "2026-11-29"
    assert found["next"]["at_least"]
    assert not told(portal, file_id, NOW + timedelta(days=30))["next"]["overdue"]


def test_every_status_has_its_words(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        for status in set(Status) - {Status.DRAFT}:
            step = session.begin_nested()
            cases.put_into(session, application, status)
            found = timeline.timeline(session, application, portal.catalogue, now=NOW)
            step.rollback()
            _whole(found, status)


def _whole(found, status):
    assert found["stage"] == stages.LABELS[status]
    assert found["next"]["what"]
    states = [s["state"] for s in found["stages"]]
    assert states.count("now") == (0 if status is Status.PAYING else 1), status
    assert bool(found["remedy"]) == (status in stages.CAN_BE_CONTESTED)
    assert found["turn"] in stages.TURNS
    for stage in found["stages"]:
        assert stage["state"] != "done" or stage["on"]


def test_sentences_are_short():
    for words in (stages.LABELS, stages.WHAT_NEXT, stages.EVENT_WORDS):
        for text in words.values():
            assert max(len(s) for s in text.split("。")) <= 20, text
    assert max(len(s) for s in stages.REMEDY) <= 21


def test_the_stages_of_a_file_under_way(portal):
    found = told(portal, cases.accepted(portal))
    assert [(s["key"], s["state"]) for s in found["stages"]] == [
        ("submitted", "done"), ("accepted", "done"), ("surveying", "now"),
        ("first_review", "later"), ("public_notice", "later"), ("county_review", "later"),
        ("approved", "later"), ("paying", "later"),
    ]  # fmt: skip
    notice = found["stages"][4]
    assert notice["limit"] == "至少7天"


def test_a_stage_that_was_not_needed(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        for kind in ("surveying", "first_review", "county_review"):
            cases.events.record(
                session, application, kind, after=cases.events.KINDS[kind],
                party=cases.Party.TOWNSHIP, actor="portal", said=None, now=NOW,
            )  # fmt: skip
    found = {s["key"]: s["state"] for s in told(portal, file_id)["stages"]}
    assert found["public_notice"] == "skipped"
    assert found["approved"] == "now"


def test_the_list_of_what_is_asked_for_and_what_is_done(portal):
    file_id = cases.handed_in(portal)
    program = portal.catalogue.find("dibao")
    items = [("bank_account", "请拍有卡号的一面。"), ("other", "请带户口本来。")]
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        office.ask_for(
            session, application, program, items, actor=files.clerk(), now=NOW - timedelta(hours=1)
        )
    files.add_photo(portal, file_id, files.jpeg())
    found = told(portal, file_id)
    assert found["turn"] == "you"
    assert [(c["item"], c["sentence"], c["answered"]) for c in found["corrections"]] == [
        ("bank_account", "请拍有卡号的一面。", True), ("other", "请带户口本来。", False),
    ]  # fmt: skip
    files.submit(portal, file_id, now=NOW + timedelta(hours=1))
    assert told(portal, file_id)["corrections"] == []


def test_where_each_photo_is(portal):
    file_id = files.draft(portal, files.LEAST)
    files.add_photo(portal, file_id, files.jpeg())
    files.submit(portal, file_id)
    assert [p["state"] for p in told(portal, file_id)["photos"]] == ["on_portal"]
    later = NOW + timedelta(minutes=5)
    cases.deliver(portal, later)
    assert [p["state"] for p in told(portal, file_id)["photos"]] == ["with_township"]


def test_the_stage_alone_tells_nothing_else(portal):
    file_id = cases.accepted(portal)
    with portal.database.reading() as session:
        found = timeline.stage_only(
            session, cases.file_of(session, file_id), portal.catalogue, now=NOW
        )
    assert found["stage"] == "accepted"
    assert found["whose_turn"] == "乡镇（街道）"
    assert "刘桂香" not in str(found)
