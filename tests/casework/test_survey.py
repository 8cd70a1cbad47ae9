"""The home visit: agreed on, filled in in parts, finished by two, and what it established."""

from datetime import timedelta

import pytest

from portal.casework import events, survey
from portal.casework.survey import sheet, surveying, topics, visits
from portal.filing.tables import Application
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy import loader
from portal.policy.lifecycle import Status
from tests.casework import households
from tests.conftest import NOW
from tests.handover import files

DIBAO = loader.load().find("dibao")
ON_ONE = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""What the rules say does not depend on where it is kept."""
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def file_id(portal):
    return households.accepted(portal)


@pytest.fixture
def session(portal, file_id):
    with portal.database.writing() as session:
        yield session


@pytest.fixture
def file(session, file_id):
    return session.get_one(Application, file_id)


@pytest.fixture
def program(portal, file):
    return portal.catalogue.find(file.program_id)


def save(session, file, program, changes, *, revision=0, actor=None):
    actor = actor or households.two(session)[0]
    return surveying.save(session, file, program, changes, revision=revision, actor=actor, now=NOW)


def kinds(session, file):
    return [event.kind for event in events.of(session, file)]


def test_an_appointment_is_told_and_begins_the_survey(session, file):
    chen, liu = households.two(session)
    visits.plan(session, file, TOMORROW, [chen.id, liu.id], actor=chen, now=NOW)
    assert file.status == Status.SURVEYING
    assert kinds(session, file) == ["accepted", "surveying", "visit_planned"]
    said = events.said(session, file, events.of(session, file)[-1])
    assert said == {"investigators": ["调查chen", "调查liu"], "on": "2026-11-23"}


@ON_ONE
def test_a_later_appointment_takes_the_place_of_the_first(session, file):
    chen, liu = households.two(session)
    first = visits.plan(session, file, TOMORROW, [chen.id, liu.id], actor=chen, now=NOW)
    second = visits.plan(
        session, file, TOMORROW + timedelta(days=1), [liu.id, chen.id], actor=liu, now=NOW
    )
    assert visits.standing(session, file).id == second.id
    assert first.moved_at == NOW


@ON_ONE
def test_the_time_must_be_one_that_can_be_kept(session, file):
    chen, liu = households.two(session)
    for days in (-1, 61):
        at = NOW + timedelta(days=days)
        with pytest.raises(Invalid) as refused:
            visits.plan(session, file, at, [chen.id, liu.id], actor=chen, now=NOW)
        assert "at" in refused.value.fields


@ON_ONE
def test_two_different_investigators_of_this_place(session, file):
    chen, liu = households.two(session)
    foreign = households.investigator(session, "zhao", files.NEIGHBOUR)
    for who in ([chen.id], [chen.id, chen.id], [chen.id, foreign.id], [chen.id, file.id], []):
        with pytest.raises(Invalid) as refused:
            visits.plan(session, file, TOMORROW, who, actor=chen, now=NOW)
        assert "investigators" in refused.value.fields
    assert file.status == Status.ACCEPTED


def test_the_family_may_ask_for_another_time(session, file):
    chen, liu = households.two(session)
    owner = files.owner(file)
    with pytest.raises(Conflict):
        visits.ask_other_time(session, file, "要去医院。", actor=owner, now=NOW)
    visit = visits.plan(session, file, TOMORROW, [chen.id, liu.id], actor=chen, now=NOW)
    visits.ask_other_time(session, file, "要去医院。", actor=owner, now=NOW)
    assert visits.told(session, file, visit)["change"] == "要去医院。"
    assert kinds(session, file)[-1] == "visit_change"
    stranger = files.resident(session, "13812349999")
    with pytest.raises(NotFound):
        visits.ask_other_time(session, file, "改一下。", actor=stranger, now=NOW)


@ON_ONE
def test_what_was_left_unsure_comes_as_a_list(session, file, program):
    found = topics.every_line(topics.of(session, program, households.ANSWERS))
    to_do = {name for name, line in found.items() if line.to_do}
    assert to_do == {"income_wage", "assets", "members.w.health"}
    assert "income_pension" in found
    assert found["members.c.here"].declared_text == "是"


def test_saved_in_parts_and_read_again(session, file, program):
    first = save(session, file, program, {"lines": {"income_property": {"state": "confirmed"}}})
    wage = {"state": "corrected", "value": 600000, "why": "看了工资条。"}
    save(session, file, program, {"lines": {"income_wage": wage}, "remarks": "孙子要上学。"},
         revision=first.revision)  # fmt: skip
    body = surveying.body(session, file, surveying.draft(session, file))
    assert set(body["lines"]) == {"income_property", "income_wage"}
    assert body["remarks"] == "孙子要上学。"
    assert file.status == Status.SURVEYING
    assert survey.findings(session, file) == {}


def test_a_colleague_who_saved_meanwhile_is_not_overwritten(session, file, program):
    save(session, file, program, {"notes": "甲"})
    with pytest.raises(Conflict) as refused:
        save(session, file, program, {"notes": "乙"}, revision=0)
    assert refused.value.code == "survey_conflict"


BAD = [
    ("不是属实也不是更正", {"lines": {"income_property": {"state": "maybe"}}}, "lines.income_property"),
    ("没有这一行", {"lines": {"nothing": {"state": "confirmed"}}}, "lines.nothing"),
    ("说不清的不能属实", {"lines": {"income_wage": {"state": "confirmed"}}}, "lines.income_wage"),
    ("没填的不能属实", {"lines": {"house": {"state": "confirmed"}}}, "lines.house"),
    ("更正要有值", {"lines": {"income_property": {"state": "corrected", "why": "看了。"}}},
     "lines.income_property"),
    ("更正不能说不清", {"lines": {"income_property": {"state": "corrected", "value": "unsure",
     "why": "看了。"}}}, "lines.income_property"),
    ("更正要有原因", {"lines": {"income_property": {"state": "corrected", "value": 5}}},
     "lines.income_property"),
    ("选项里没有", {"lines": {"house": {"state": "corrected", "value": "palace"}}}, "lines.house"),
    ("说不清不是选项", {"lines": {"house": {"state": "corrected", "value": "unsure"}}}, "lines.house"),
    ("日期不对", {"on": "昨天"}, "on"),
    ("方式不对", {"how": ["guess"]}, "how"),
    ("不是编号", {"investigators": ["陈一"]}, "investigators"),
    ("没有这一项", {"decision": "no"}, "decision"),
    ("太长", {"remarks": "话" * 501}, "remarks"),
    ("人没有名字", {"people": [{"relation": "other"}]}, "people"),
    ("不是表", {"lines": [1]}, "lines"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_what_cannot_stand_in_the_form(changes, field):
    lines = topics.every_line(topics.of(None, DIBAO, households.ANSWERS))
    with pytest.raises(Invalid) as refused:
        sheet.clean(changes, lines, DIBAO)
    assert field in refused.value.fields


def test_finished_only_with_two_different_investigators(portal, session, file, program, file_id):
    chen, _liu = households.two(session)
    alone = {"on": "2026-11-22", "how": ["visit"], "investigators": [str(chen.id), str(chen.id)]}
    save(session, file, program, alone)
    with pytest.raises(Invalid) as refused:
        surveying.finish(session, file, program, actor=chen, now=NOW)
    assert refused.value.code == "two_investigators"
    assert survey.two_investigators(session, file) is None
    households.survey(portal, session, file_id)
    assert survey.two_investigators(session, file) == tuple(
        one.id for one in households.two(session)
    )
    assert kinds(session, file)[-1] == "visit"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"how": []}, "how"), ({"on": ""}, "on"), ({"on": "2026-11-24"}, "on")],
    ids=["没写方式", "没写日期", "日期没到"],
)
def test_what_a_finished_survey_needs(changes, field):
    whole = {"on": "2026-11-22", "how": ["visit"]}
    sheet.check_whole(sheet.empty() | whole, now=NOW)
    with pytest.raises(Invalid) as refused:
        sheet.check_whole(sheet.empty() | whole | changes, now=NOW)
    assert field in refused.value.fields


@pytest.mark.parametrize(
    "side",
    [{}, {"signed": True}, {"signed": False, "because": "不会写字。"}, {"signed": False}],
    ids=["没问", "签了", "没签，写了原因", "没签，没写原因"],
)
def test_a_signature_never_blocks(side):
    said = sheet.clean({"family": side, "staff": side}, {}, DIBAO)
    whole = sheet.empty() | {"on": "2026-11-22", "how": ["visit"]} | said
    sheet.check_whole(whole, now=NOW)
    assert whole["family"].get("signed") == side.get("signed")


LINES = {
    "income_property": {"state": "confirmed"},
    "income_business": {"state": "corrected", "value": 320000, "why": ""},
    "income_wage": {"state": "corrected", "value": 600000, "why": "看了工资条。"},
    "income_transfer": {"state": "corrected", "value": 252000, "why": "多了高龄津贴。"},
    "income_exempt": {"state": "corrected", "value": 0},
    "income_pension": {"state": "corrected", "value": 180000},
    "members.s.here": {"state": "corrected", "value": False, "why": "在广东打工，另过。"},
    "assets": {"state": "corrected", "value": ["none"]},
    "expense_work": {"state": "corrected", "value": 0},
    **{
        f"expense_{name}": {"state": "corrected", "value": 0}
        for name in ("medical", "education", "rehab", "other")
    },
}


def test_findings_say_declared_found_and_why(portal, session, file, file_id):
    people = [{"name": "刘老太", "relation": "parent", "why": "住在后屋。"}]
    households.survey(portal, session, file_id, {"lines": LINES, "people": people})
    found = survey.findings(session, file)
    assert found["income_business"].confirmed
    assert found["income_wage"].declared == "unsure"
    assert (found["income_wage"].found, found["income_wage"].why) == (600000, "看了工资条。")
    assert found["members.s.here"].found is False
    assert found[sheet.PEOPLE].found[0]["name"] == "刘老太"


@ON_ONE
def test_the_first_review_counts_with_the_same_engine(portal, session, file, file_id):
    before = survey.household_income(session, file)
    assert (before.members, before.surveyed) == (4, False)
    assert before.counted["both"][1] is None
    households.survey(portal, session, file_id, {"lines": LINES})
    after = survey.household_income(session, file)
    assert (after.members, after.surveyed) == (3, True)
    assert after.facts["income_wage"] == 600000
    assert after.facts["area"] == "rural"
    assert after.gross == (600000 + 320000 + 0 + 252000,) * 2
    assert after.counted["exempt"] == (992000, 992000)
    assert after.per_head("exempt") == (992000 // 36, -(-992000 // 36))
    assert after.monthly("exempt") == (992000 // 12, -(-992000 // 12))


@ON_ONE
def test_somebody_found_living_there_is_counted(portal, session, file, file_id):
    people = [{"name": "刘老太", "relation": "parent", "why": "住在后屋。"}]
    households.survey(portal, session, file_id, {"people": people})
    assert survey.household_income(session, file).members == 5


def test_another_investigation_begins_where_the_last_one_ended(portal, session, file, file_id):
    households.survey(portal, session, file_id, {"lines": LINES})
    households.survey(portal, session, file_id, {"how": ["neighbours"]}, finish=False)
    draft = surveying.draft(session, file)
    assert draft.round == 2
    assert surveying.body(session, file, draft)["lines"]["income_wage"]["value"] == 600000
    assert survey.findings(session, file)["income_wage"].found == 600000


NOBODY = [
    ("窗口经办", Role.TOWNSHIP_CLERK, files.TOWNSHIP, Forbidden),
    ("县级确认", Role.COUNTY_CONFIRMER, files.COUNTY, Forbidden),
    ("审计", Role.AUDITOR, files.COUNTY, Forbidden),
    ("管理员", Role.ADMINISTRATOR, files.TOWNSHIP, Forbidden),
    ("接收部门", Role.DEPARTMENT_CLERK, files.COUNTY, Forbidden),
    ("别的乡镇", Role.TOWNSHIP_INVESTIGATOR, files.NEIGHBOUR, NotFound),
]


@ON_ONE
def test_who_may_not_write_a_survey(session, file, program):
    for name, role, place, error in NOBODY:
        with pytest.raises(error):
            save(session, file, program, {"notes": name}, actor=files.clerk(place, role=role))


@ON_ONE
def test_a_clerk_who_investigates_too_may(session, file, program):
    clerk = Actor(
        Role.TOWNSHIP_CLERK, files.clerk().id, files.TOWNSHIP,
        also=frozenset({Role.TOWNSHIP_INVESTIGATOR}),
    )  # fmt: skip
    assert save(session, file, program, {"notes": "看了。"}, actor=clerk).revision == 1


@ON_ONE
def test_a_case_elsewhere_is_not_surveyed(session, file, program):
    file.status = Status.PUBLIC_NOTICE
    with pytest.raises(Conflict):
        save(session, file, program, {"notes": "看了。"})


def test_nothing_personal_stands_open(portal, session, file, file_id):
    households.survey(
        portal, session, file_id, {"lines": LINES, "remarks": "孙子要上学。", "notes": "墙裂了。"}
    )
    session.flush()
    row = surveying.finished(session, file)
    for words in ("孙子要上学", "墙裂了", "工资条", "600000"):
        assert words.encode() not in row.body_sealed + row.findings_sealed
    lines = [e.detail for e in session.query(AuditEntry) if e.action.startswith("survey.")]
    assert len(lines) == 2
    assert not any("工资" in line for line in lines)
