"""催办 and 延长: who may, when, how often; who is told."""

import pytest

from portal.casework import events
from portal.casework.clock import extension, nudges, totals
from portal.casework.clock.tables import Escalation
from portal.contact import messages
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people import staff
from portal.people.access import Role
from portal.policy.lifecycle import EXTENSIONS
from tests.casework import cases
from tests.casework.clock.walks import DAY, at, shown, walk
from tests.conftest import NOW
from tests.handover import files

TOWN, COUNTY = "13800000001", "13800000002"
REVIEWER = files.clerk(role=Role.TOWNSHIP_REVIEWER)


@pytest.fixture
def phones(portal):
    with portal.database.writing() as session:
        how = {"now": NOW}
        staff.add(session, "li", "李", Role.TOWNSHIP_CLERK, files.TOWNSHIP, phone=TOWN, **how)
        staff.add(session, "zhou", "周", Role.COUNTY_CONFIRMER, files.COUNTY, phone=COUNTY, **how)
        staff.add(
            session, "far", "远", Role.TOWNSHIP_CLERK, "430923118", phone="13800000003", **how
        )
        staff.add(session, "none", "无", Role.TOWNSHIP_REVIEWER, files.TOWNSHIP, **how)


def nudge(portal, file_id, now, actor=None):
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        who = actor or files.owner(file)
        return nudges.nudge(session, file, portal.catalogue, actor=who, now=now)


def told(portal, template="nudged"):
    with portal.database.reading() as session:
        return sorted(m.phone for m in messages.latest(session) if m.template == template)


def test_before_the_time_is_over_nobody_is_nudged(portal):
    file_id = cases.handed_in(portal)
    for days in (0, 1, 2):
        with pytest.raises(Conflict) as refused:
            nudge(portal, file_id, NOW + days * DAY)
        assert refused.value.code == "not_late"


def test_the_first_goes_to_the_township_the_second_to_the_county(portal, phones):
    file_id = cases.handed_in(portal)
    nudge(portal, file_id, NOW + 3 * DAY)
    assert told(portal) == [TOWN]
    with pytest.raises(Conflict) as refused:
        nudge(portal, file_id, NOW + 3 * DAY)
    assert refused.value.code == "nudged_today"
    nudge(portal, file_id, NOW + 4 * DAY)
    assert told(portal) == [TOWN, COUNTY]
    with portal.database.reading() as session:
        rows = session.query(Escalation).order_by(Escalation.made_at).all()
        assert [(r.step, r.level) for r in rows] == [("nudge", "township"), ("nudge", "county")]
        file = cases.file_of(session, file_id)
        said = [events.said(session, file, e) for e in events.of(session, file)]
        assert [s["number"] for s in said] == [1, 2]


def test_once_a_working_day_and_days_off_belong_to_the_day_before(portal):
    file_id = cases.handed_in(portal)
    friday = NOW + 5 * DAY
    nudge(portal, file_id, friday)
    for days in (1, 2):
        with pytest.raises(Conflict):
            nudge(portal, file_id, friday + days * DAY)
    nudge(portal, file_id, friday + 3 * DAY)


def test_after_the_case_moved_on_it_begins_with_the_township_again(portal):
    file_id = cases.handed_in(portal)
    nudge(portal, file_id, NOW + 3 * DAY)
    at(portal, file_id, [("accepted", NOW + 4 * DAY)])
    with pytest.raises(Conflict):
        nudge(portal, file_id, NOW + 5 * DAY)
    nudge(portal, file_id, NOW + 11 * DAY)
    with portal.database.reading() as session:
        assert {row.level for row in session.query(Escalation)} == {"township"}


def test_only_the_applicant_and_never_while_it_is_her_own_turn(portal):
    file_id = cases.handed_in(portal)
    with pytest.raises(NotFound):
        nudge(portal, file_id, NOW + 9 * DAY, actor=files.clerk())
    at(portal, file_id, [("returned", NOW)])
    with pytest.raises(Conflict):
        nudge(portal, file_id, NOW + 9 * DAY)


def test_what_the_applicant_reads_of_it(portal):
    file_id = cases.handed_in(portal)

    def read(days):
        with portal.database.reading() as session:
            file = cases.file_of(session, file_id)
            return nudges.for_applicant(session, file, portal.catalogue, now=NOW + days * DAY)

    assert read(0)["nudge"] == {"possible": False, "text": "", "number": 0}
    assert read(3)["nudge"]["possible"]
    assert "乡镇" in read(3)["nudge"]["text"]
    nudge(portal, file_id, NOW + 3 * DAY)
    assert not read(3)["nudge"]["possible"]
    assert "县民政局" in read(4)["nudge"]["text"]
    texts = [read(days)["nudge"]["text"] for days in (3, 4)]
    assert max(len(s) for text in texts for s in text.split("。")) <= 20


def extend(portal, file_id, reason, *, sentence="两处房子都要查。", now=NOW, actor=REVIEWER):
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        extension.extend(
            session, file, portal.catalogue, reason, sentence, actor=actor, now=now
        )  # fmt: skip


def test_extended_once_for_a_listed_reason_and_the_person_is_told(portal):
    file_id = cases.accepted(portal)
    extend(portal, file_id, "hard_survey")
    assert shown(portal, file_id, NOW)["total_hard"]["due"] == "2027-01-25"
    with portal.database.reading() as session:
        file = cases.file_of(session, file_id)
        said = events.said(session, file, events.of(session, file)[-1])
        assert said == {
            "reason": "hard_survey",
            "sentence": "两处房子都要查。",
            "until": "2027-01-25",
        }
        assert [m.template for m in messages.latest(session)].count("extended") == 1
    with pytest.raises(Conflict) as refused:
        extend(portal, file_id, "living_elsewhere")
    assert refused.value.code == "already_extended"


@pytest.mark.parametrize(
    ("reason", "sentence", "field"),
    [("busy", "人手不够。", "reason"), ("", "忙。", "reason"), ("hard_survey", " ", "sentence")],
    ids=["人手不够不是理由", "没选", "没写"],
)
def test_no_other_reason_extends(portal, reason, sentence, field):
    file_id = cases.accepted(portal)
    with pytest.raises(Invalid) as refused:
        extend(portal, file_id, reason, sentence=sentence)
    assert field in refused.value.fields


def test_an_objection_is_a_reason_only_when_there_was_one(portal):
    file_id = cases.accepted(portal)
    with pytest.raises(Conflict) as refused:
        extend(portal, file_id, "objection")
    assert refused.value.code == "nothing_objected"
    steps = ("surveying", "first_review", "public_notice", "objected")
    at(portal, file_id, [(kind, NOW) for kind in steps])
    extend(portal, file_id, "objection")
    assert "公示有异议" in shown(portal, file_id, NOW)["total_hard"]["title"]


def test_not_before_acceptance_not_after_the_end_not_after_the_decision(portal):
    waiting = cases.handed_in(portal)
    with pytest.raises(Conflict) as refused:
        extend(portal, waiting, "hard_survey")
    assert refused.value.code == "move_not_allowed"
    at(portal, waiting, [("accepted", NOW)])
    with pytest.raises(Conflict) as refused:
        extend(portal, waiting, "hard_survey", now=NOW + 60 * DAY)
    assert refused.value.code == "too_late"
    steps = ("surveying", "first_review", "county_review", "approved")
    at(portal, waiting, [(kind, NOW) for kind in steps])
    with pytest.raises(Conflict):
        extend(portal, waiting, "hard_survey")


@pytest.mark.parametrize(
    "role", [Role.TOWNSHIP_INVESTIGATOR, Role.COUNTY_CHECKER, Role.SUPERVISOR, Role.AUDITOR]
)
def test_who_does_not_extend(portal, role):
    file_id = cases.accepted(portal)
    with pytest.raises(Forbidden):
        extend(portal, file_id, "hard_survey", actor=files.clerk(role=role))
    with pytest.raises(NotFound):
        extend(portal, file_id, "hard_survey", actor=files.clerk("430923118"))


def test_a_program_without_a_longest_total_is_never_extended(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        file.program_id = "tekun"
        assert not extension.may(session, file, portal.catalogue, actor=REVIEWER, now=NOW)
        with pytest.raises(Conflict) as refused:
            extension.extend(
                session, file, portal.catalogue, "hard_survey", "难。", actor=REVIEWER, now=NOW
            )
        assert refused.value.code == "no_extension"


def test_the_listed_reasons_stand_in_a_text(portal):
    programs = portal.catalogue.programs
    by_program = {id_: {line.code for line in totals.reasons(p)} for id_, p in programs.items()}
    assert by_program["dibao"] == {
        "objection", "living_elsewhere", "applied_elsewhere", "hard_survey",
    }  # fmt: skip
    assert by_program["gangxing"] == {"living_elsewhere", "hard_survey"}
    assert {id_ for id_, codes in by_program.items() if codes} == {"dibao", "gangxing"}
    assert all(line.source.document and line.source.note for line in EXTENSIONS)


def test_a_nudge_is_also_possible_while_a_letter_is_missing(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        walk(session, file, "surveying", "first_review", "county_review", "denied")
    nudge(portal, file_id, NOW + 4 * DAY)
