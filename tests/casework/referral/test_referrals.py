"""转介: what travels, who reads it, how it comes back, and that nobody is told behind a person's back."""

import json
from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.casework import events, referral
from portal.casework.referral import consents, contents, departments, receiving, referrals, slip
from portal.casework.referral.referrals import Wanted
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.casework.referral.ways import (
    COUNTY,
    ILL,
    LONELY,
    NEIGHBOUR,
    NUMBER,
    PERSON,
    TOWNSHIP,
    clerk,
    file_of,
    filed,
    member,
)
from tests.conftest import NOW
from tests.handover import files

TO_HEALTH = Wanted("yiliao", "住院花费大，请看能不能报。", fields=("applicant_name", "phone"))
CHARITY = Wanted("cishan", "老人独居，想有人常来看看。", fields=("applicant_name", "phone"))


def refer(portal, session, file, wanted, who=None):
    return referrals.refer(session, portal.catalogue, file, wanted, actor=who or clerk(), now=NOW)


def kinds(session, file):
    return [event.kind for event in events.of(session, file)]


def everything(sheet):
    """All a department can read of it, as one text."""
    shown = [
        sheet.number,
        sheet.title,
        sheet.sent_from,
        sheet.sentence,
        sheet.fields,
        sheet.statuses,
    ]
    steps = [[line.text, dict(line.said)] for line in sheet.steps]
    return json.dumps([*shown, steps], ensure_ascii=False)


def test_an_application_goes_to_its_department_and_its_result_comes_back(portal):
    file_id = filed(portal, "yiliao", ILL)
    with portal.database.writing() as session:
        health = member(portal, session, "县医保局")
        file = file_of(session, file_id)
        row = refer(portal, session, file, TO_HEALTH)
        assert (file.status, row.moves_file, row.on_paper) == (Status.REFERRED, True, False)
        assert [r.id for r in receiving.waiting(session, actor=health)] == [row.id]
        receiving.receive(session, row, actor=health, now=NOW)
        assert file.status == Status.RECEIVED
        receiving.close(session, row, "helped", "报销了8000元。", actor=health, now=NOW)
        assert file.status == Status.CLOSED
        assert kinds(session, file) == ["accepted", "referred", "referral_received", "closed"]
        told = referral.for_applicant(session, file, portal.catalogue)["referrals"][0]
        assert told["steps"][-1]["sentence"] == "报销了8000元。"
        assert told["state_text"] == "办完了"


def test_what_is_sent_back_is_counted_and_sent_again_under_its_number(portal):
    file_id = filed(portal, "yiliao", ILL)
    with portal.database.writing() as session:
        health = member(portal, session, "县医保局")
        file = file_of(session, file_id)
        row = refer(portal, session, file, TO_HEALTH)
        with pytest.raises(Invalid):
            receiving.send_back(session, row, " ", actor=health, now=NOW)
        receiving.send_back(session, row, "不在我县参保。", actor=health, now=NOW)
        assert (file.status, row.state, row.bounces) == (Status.ACCEPTED, "returned", 1)
        with pytest.raises(NotFound):
            receiving.find(session, row.id, actor=health)
        again = refer(portal, session, file, TO_HEALTH)
        assert (again.id, again.bounces, file.status) == (row.id, 1, Status.REFERRED)
        steps = [line.row.kind for line in receiving.read(session, portal.catalogue, again).steps]
        assert steps == ["referred", "returned", "again"]


def test_a_need_found_on_the_way_moves_nothing(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        housing = member(portal, session, "县住建局", name="zhujian")
        file = file_of(session, file_id)
        wanted = Wanted("zhufang", "后墙裂了。", ("applicant_name",), {"house_state": "房子怕倒"})
        investigator = clerk(role=Role.TOWNSHIP_INVESTIGATOR)
        row = refer(portal, session, file, wanted, investigator)
        assert (file.status, row.moves_file) == (Status.ACCEPTED, False)
        with pytest.raises(Conflict, match="已经转去"):
            refer(portal, session, file, wanted)
        receiving.close(session, row, "helped", "已列入危房改造。", actor=housing, now=NOW)
        assert file.status == Status.ACCEPTED
        assert kinds(session, file)[-2:] == ["need_referred", "need_answered"]


def test_a_household_without_a_file_can_be_referred(portal):
    with portal.database.writing() as session:
        member(portal, session, "县住建局", name="zhujian")
        wanted = Wanted(
            "zhufang", "走访时看到。", typed={"applicant_name": "张大爷", "phone": "138"}
        )
        row = referrals.refer_household(session, portal.catalogue, wanted, actor=clerk(), now=NOW)
        assert (row.application_id, row.region_code) == (None, COUNTY)
        assert "张大爷" in everything(receiving.read(session, portal.catalogue, row))
        charity = Wanted("cishan", "独居", typed={"applicant_name": "张大爷"})
        with pytest.raises(Forbidden) as told:
            referrals.refer_household(session, portal.catalogue, charity, actor=clerk(), now=NOW)
        assert told.value.code == "consent_needed"
        row = referrals.refer_household(
            session, portal.catalogue, charity, agreed_how="visit", actor=clerk(), now=NOW
        )
        assert row.consent_id is not None


def test_where_the_department_has_no_account_a_sheet_is_printed_and_the_township_writes(portal):
    file_id = filed(portal, "yiliao", ILL)
    with portal.database.writing() as session:
        file = file_of(session, file_id)
        row = refer(portal, session, file, TO_HEALTH)
        assert row.on_paper
        pdf = slip.sheet(session, portal.catalogue, row, actor=clerk(), now=NOW)
        assert pdf.startswith(b"%PDF")
        receiving.close(session, row, "helped", "医保局电话答复：已办。", actor=clerk(), now=NOW)
        assert file.status == Status.CLOSED


def test_only_the_department_answers_for_itself(portal):
    file_id = filed(portal, "yiliao", ILL)
    strangers = [
        clerk(NEIGHBOUR), clerk(), Actor(Role.ADMINISTRATOR, UUID(int=5), COUNTY),
        Actor(Role.COUNTY_CLERK, UUID(int=6), COUNTY),
    ]  # fmt: skip
    with portal.database.writing() as session:
        member(portal, session, "县医保局")
        row = refer(portal, session, file_of(session, file_id), TO_HEALTH)
        for who in strangers:
            how = {"actor": who, "now": NOW}
            with pytest.raises(Forbidden):
                receiving.receive(session, row, **how)
            with pytest.raises(Forbidden):
                receiving.send_back(session, row, "不收", **how)
            with pytest.raises(Forbidden):
                receiving.close(session, row, "helped", "好", **how)


def test_another_department_and_another_county_find_nothing(portal):
    file_id = filed(portal, "yiliao", ILL)
    with portal.database.writing() as session:
        member(portal, session, "县医保局")
        housing = member(portal, session, "县住建局", name="zhujian")
        elsewhere = member(portal, session, "县医保局", region="430922", name="other")
        nobody = Actor(Role.DEPARTMENT_CLERK, UUID(int=77), COUNTY)
        row = refer(portal, session, file_of(session, file_id), TO_HEALTH)
        for who in (housing, elsewhere, nobody):
            assert receiving.waiting(session, actor=who) == []
            with pytest.raises(NotFound):
                receiving.find(session, row.id, actor=who)
        with pytest.raises(Forbidden):
            receiving.waiting(session, actor=clerk())


def test_numbers_are_hidden_until_somebody_says_so(portal):
    file_id = filed(portal, "yiliao", ILL)
    with portal.database.writing() as session:
        health = member(portal, session, "县医保局")
        wanted = Wanted("yiliao", "x", ("applicant_id_number", "phone"))
        row = refer(portal, session, file_of(session, file_id), wanted)
        hidden = everything(receiving.read(session, portal.catalogue, row))
        assert NUMBER not in hidden
        assert PERSON["phone"] not in hidden
        shown = everything(receiving.read(session, portal.catalogue, row, revealed=True))
        assert NUMBER in shown
        receiving.note_reading(session, row, "view.referral", actor=health, now=NOW)
        assert session.query(AuditEntry).filter_by(action="view.referral", subject=file_id).count()


def test_what_is_not_on_the_list_of_the_program_never_travels(portal):
    file_id = filed(portal, "yiliao", ILL)
    with portal.database.writing() as session:
        for name in ("illness_words", "account_name", "reason", "anything"):
            for more in ({"fields": (name,)}, {"typed": {name: "x"}}):
                with pytest.raises(Invalid) as told:
                    refer(portal, session, file_of(session, file_id), Wanted("yiliao", "x", **more))
                assert set(told.value.fields) == {name}


def test_where_nothing_is_sent_the_way_is_shown(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        for program in ("jiaoyu", "jibing", "dibao", "nothing"):
            with pytest.raises(Invalid) as told:
                refer(portal, session, file_of(session, file_id), Wanted(program, "x", ("phone",)))
            assert told.value.code == "guided"


def test_the_way_on_paper_names_nobody(portal):
    with portal.database.reading() as session:
        for program in slip.guided(portal.catalogue):
            pdf = slip.way(session, portal.catalogue, program.id, TOWNSHIP, now=NOW)
            assert pdf.startswith(b"%PDF")
        with pytest.raises(Invalid):
            slip.way(session, portal.catalogue, "dibao", TOWNSHIP, now=NOW)


def test_a_confirmed_category_rides_along_and_a_declared_one_does_not(portal):
    """社会救助法 第42条: no department examines it again."""
    answers = files.LEAST | {"applicant_id_number": NUMBER}
    dibao = cases.handed_in(portal, answers)
    ill = filed(portal, "yiliao", ILL)
    with portal.database.writing() as session:
        file = file_of(session, ill)
        assert contents.statuses(session, portal.catalogue, file) == []
        cases.put_into(session, file_of(session, dibao), Status.APPROVED)
        [status] = contents.statuses(session, portal.catalogue, file)
        assert status == {"program": "dibao", "title": "最低生活保障", "since": "2026-11-22"}
        row = refer(portal, session, file, TO_HEALTH)
        assert receiving.read(session, portal.catalogue, row).statuses == (status,)


def test_charity_hears_nothing_before_the_person_agrees(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        charity = member(portal, session, "慈善组织和社工站", name="cishan")
        file, target = file_of(session, file_id), portal.catalogue.find("cishan")
        with pytest.raises(Forbidden) as told:
            refer(portal, session, file, CHARITY)
        assert told.value.code == "consent_needed"
        asked = consents.ask(
            session, file, target, ["applicant_name", "phone"], "想请人来看看您。",
            actor=clerk(), now=NOW,
        )  # fmt: skip
        with pytest.raises(Forbidden):
            refer(portal, session, file, CHARITY)
        owner = files.owner(file)
        consents.answer(session, file, asked.id, agrees=False, actor=owner, now=NOW)
        assert file.status == Status.ACCEPTED, "declining changes nothing else"
        with pytest.raises(Forbidden):
            refer(portal, session, file, CHARITY)
        consents.answer(session, file, asked.id, agrees=True, actor=owner, now=NOW)
        more = Wanted("cishan", "x", ("applicant_name", "phone"), {"service_words": "想有人说话"})
        with pytest.raises(Forbidden):
            refer(portal, session, file, more)
        row = refer(portal, session, file, CHARITY)
        assert row.consent_id == asked.id
        assert receiving.read(session, portal.catalogue, row).statuses == ()
        referrals.stop(session, file, asked.id, actor=owner, now=NOW)
        assert receiving.waiting(session, actor=charity) == []
        assert "刘桂香" not in everything(receiving.read(session, portal.catalogue, row))
        with pytest.raises(Forbidden):
            refer(portal, session, file, CHARITY)


def test_a_ticked_form_is_a_consent_and_can_be_taken_back_while_it_waits(portal):
    file_id = filed(portal, "cishan", LONELY | {"charity_consent": True})
    with portal.database.writing() as session:
        charity = member(portal, session, "慈善组织和社工站", name="cishan")
        file = file_of(session, file_id)
        row = refer(portal, session, file, CHARITY)
        receiving.receive(session, row, actor=charity, now=NOW)
        referrals.stop(session, file, row.consent_id, actor=files.owner(file), now=NOW)
        assert (file.status, row.state) == (Status.ACCEPTED, "cancelled")
        with pytest.raises(NotFound):
            receiving.find(session, row.id, actor=charity)


def test_an_unticked_form_is_none(portal):
    file_id = filed(portal, "cishan", LONELY)
    with portal.database.writing() as session, pytest.raises(Forbidden):
        refer(portal, session, file_of(session, file_id), CHARITY)


def test_what_was_said_at_the_door_is_written_down_by_the_township(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        file, target = file_of(session, file_id), portal.catalogue.find("cishan")
        how = {"actor": clerk(), "now": NOW}
        with pytest.raises(Invalid):
            consents.record(session, file, target, ["phone"], "portal", True, **how)
        consents.ask(session, file, target, ["phone"], "先问电话。", **how)
        consents.record(session, file, target, ["applicant_name", "phone"], "visit", True, **how)
        assert [row.state for row, _words in consents.of(session, file)] == ["agreed"]
        assert refer(portal, session, file, CHARITY).state == "referred"


def test_a_stranger_cannot_answer_for_her(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        file, target = file_of(session, file_id), portal.catalogue.find("cishan")
        asked = consents.ask(session, file, target, ["phone"], "x", actor=clerk(), now=NOW)
        stranger = files.resident(session, "13900000000")
        for who in (stranger, clerk()):
            with pytest.raises(NotFound):
                consents.answer(session, file, asked.id, agrees=True, actor=who, now=NOW)
        with pytest.raises(Conflict):
            consents.ask(session, file, target, ["phone"], "x", actor=clerk(), now=NOW)


def test_a_withdrawn_application_is_gone_from_the_departments_desk(portal):
    file_id = filed(portal, "yiliao", ILL)
    with portal.database.writing() as session:
        health = member(portal, session, "县医保局")
        file = file_of(session, file_id)
        row = refer(portal, session, file, TO_HEALTH)
        events.withdraw(session, file, actor=files.owner(file), now=NOW)
        assert receiving.waiting(session, actor=health) == []
        with pytest.raises(NotFound):
            receiving.find(session, row.id, actor=health)


def test_a_deadline_names_whose_it_is(portal):
    file_id = filed(portal, "yiliao", ILL)
    with portal.database.writing() as session:
        file = file_of(session, file_id)
        day = {"due_on": date(2026, 12, 1)}
        with pytest.raises(Invalid):
            refer(portal, session, file, Wanted("yiliao", "x", ("phone",), **day))
        refer(portal, session, file, Wanted("yiliao", "x", ("phone",), due_basis="local", **day))
        told = referral.for_applicant(session, file, portal.catalogue)["referrals"][0]
        assert told["due_text"] == "最迟2026年12月1日（当地转介办法）"


def test_only_department_people_are_assigned_and_only_to_what_programs_name(portal):
    with portal.database.writing() as session:
        health = member(portal, session, "县医保局")
        with pytest.raises(Invalid):
            departments.assign(session, portal.catalogue, health.id, ["县公安局"], now=NOW)
        assert departments.of(session, actor=health) == {"县医保局"}
        assert departments.has_account(session, "县医保局", COUNTY)
        assert not departments.has_account(session, "县医保局", "430922")


TOLD_APART = {
    "applicant_name": "名甲乙丙", "reason_words": "缘由丁戊己", "phone": "13877770001",
    "applicant_id_number": NUMBER,
}  # fmt: skip
"""Answers that can be found in any text."""
NAMES = [*ILL, *files.MORE, "found_by", "job_wish", "house_words", "losses", "id", "status"]


@pytest.fixture
def whole(portal):
    file_id = cases.handed_in(portal, files.MORE | TOLD_APART)
    with portal.database.writing() as session:
        cases.put_into(session, file_of(session, file_id), Status.ACCEPTED)
    return file_id


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    target=st.sampled_from(["yiliao", "zhufang", "jiuye", "shouzai"]),
    chosen=st.sets(st.sampled_from(NAMES), max_size=6),
    typed=st.dictionaries(st.sampled_from(NAMES), st.just("打的字"), max_size=3),
)
def test_no_answer_outside_the_list_is_ever_read_by_a_department(
    portal, whole, target, chosen, typed
):
    """Whatever a clerk ticks and types: refused, or only listed answers arrive."""
    program = portal.catalogue.find(target)
    may, named = set(program.referral.fields), chosen | set(typed)
    with portal.database.reading() as session:
        file = file_of(session, whole)
        have = contents.known(session, file, portal.catalogue.find("dibao"), program)
        try:
            row = refer(portal, session, file, Wanted(target, "x", tuple(chosen), typed))
        except Invalid:
            assert named - may or not (set(typed) | (chosen & set(have)))
            return
        assert named <= may
        body = contents.unseal(session, row.key_id, row.id, row.contents_sealed)
        assert {entry["name"] for entry in body["fields"]} == set(typed) | (chosen & set(have))
        read = everything(receiving.read(session, portal.catalogue, row, revealed=True))
        silent = [v for n, v in TOLD_APART.items() if n not in chosen or n in typed]
        assert not [v for v in [*silent, str(file.id), file.reference_no] if v in read]


def test_a_drawn_choice_can_pass_the_list(portal, whole):
    """The property above is not kept by refusing everything."""
    with portal.database.reading() as session:
        row = refer(portal, session, file_of(session, whole), TO_HEALTH)
        assert TOLD_APART["applicant_name"] in everything(
            receiving.read(session, portal.catalogue, row)
        )
