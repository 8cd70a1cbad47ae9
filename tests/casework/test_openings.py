"""Reasons before a look, and who looked, told to the person it is about."""

from datetime import timedelta

import pytest

from portal.casework import flags, office, openings, readers
from portal.casework.openings import Opening
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Forbidden, Invalid, NotFound
from portal.people import staff
from portal.people.access import Actor, Role
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

LI = files.clerk()
BOSS = files.clerk("430900", number=7, role=Role.SUPERVISOR)
ME = {"actor": LI, "now": NOW}


@pytest.fixture
def file_id(portal):
    return cases.handed_in(portal)


@pytest.mark.parametrize(("reason", "words"), [("", ""), ("curious", ""), ("other", " "),
                                               ("other", "字" * 201)])  # fmt: skip
def test_no_number_without_a_reason(portal, file_id, reason, words):
    with portal.database.writing() as session:
        with pytest.raises(Invalid):
            office.reveal(session, cases.file_of(session, file_id), reason, words, **ME)
        assert session.query(Opening).count() == 0


def test_the_reason_is_kept_sealed_and_named_in_the_audit(portal, file_id):
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        office.reveal(session, file, "other", "村里问刘桂香的电话", **ME)
        [opening] = openings.of(session, file)
        assert "刘桂香".encode() not in opening.words_sealed
        assert openings.in_words(session, file, opening) == "村里问刘桂香的电话"
        [line] = session.query(AuditEntry).filter_by(action="open.file").all()
        assert str(opening.id) in line.detail
        assert "刘桂香" not in line.detail


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPERVISOR])
def test_those_who_watch_see_no_whole_numbers(portal, file_id, role):
    with portal.database.writing() as session:
        actor = files.clerk(files.COUNTY, number=8, role=role)
        with pytest.raises(Forbidden):
            office.reveal(session, cases.file_of(session, file_id), "call", actor=actor, now=NOW)


def test_a_supervisor_opens_one_file_with_a_reason_for_half_an_hour(portal, file_id):
    other = cases.handed_in(portal, phone="13812345602")
    with portal.database.writing() as session:
        for act in (
            lambda: office.find(session, file_id, actor=BOSS),
            lambda: office.opened(session, file_id, actor=BOSS, now=NOW),
        ):
            with pytest.raises(Forbidden) as refused:
                act()
            assert refused.value.code == "reason_needed"
        with pytest.raises(Invalid):
            office.open_with_reason(session, file_id, "  ", actor=BOSS, now=NOW)
        office.open_with_reason(session, file_id, "群众来信，核实进度。", actor=BOSS, now=NOW)
        soon, late = NOW + timedelta(minutes=29), NOW + timedelta(minutes=30)
        assert office.opened(session, file_id, actor=BOSS, now=soon).id == file_id
        for one, when in ((other, NOW), (file_id, late)):
            with pytest.raises(Forbidden):
                office.opened(session, one, actor=BOSS, now=when)
        far = files.clerk("530000", number=9, role=Role.SUPERVISOR)
        with pytest.raises(NotFound):
            office.open_with_reason(session, file_id, "看看。", actor=far, now=NOW)


def test_the_applicant_reads_which_office_looked_and_why_but_no_names(portal, file_id):
    with portal.database.writing() as session:
        made, _password, _uri = staff.add(
            session, "li", "李小芳", Role.TOWNSHIP_CLERK, files.TOWNSHIP, now=NOW
        )
        clerk = Actor(Role.TOWNSHIP_CLERK, made.id, files.TOWNSHIP, "李小芳")
        file = cases.file_of(session, file_id)
        for hour in (0, 1):
            when = NOW + timedelta(hours=hour)
            office.note_reading(session, file, "read.file", actor=clerk, now=when)
        for document in ("a", "b", "a"):
            office.note_reading(
                session, file, "read.photo", actor=clerk, now=NOW, document=document
            )
        office.reveal(session, file, "call", actor=clerk, now=NOW + timedelta(hours=2))
        office.open_with_reason(
            session, file_id, "群众来信。", actor=BOSS, now=NOW + timedelta(days=1)
        )
        found = readers.of(session, file)
    told = [(r["office"], r["role"], r["what"], r["reason"]) for r in found]
    town = "湖南省益阳市安化县东坪镇"
    assert told == [
        ("湖南省益阳市", "监管人员", "打开了申请", "监督抽查：群众来信。"),
        (town, "受理窗口", "看了完整号码", "打电话联系申请人"),
        (town, "受理窗口", "看了申请", ""),
        (town, "受理窗口", "看了照片2张", ""),
    ]
    assert found[0]["on_text"] == "2026年11月23日 09:00"
    assert "李小芳" not in str(found)
    assert str(clerk.id) not in str(found)


def test_the_applicants_own_looks_are_not_told(portal, file_id):
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        office.note_reading(session, file, "read.file", actor=files.owner(file), now=NOW)
        assert readers.of(session, file) == []


def test_a_second_list_names_who_agreed_or_is_shown_to_supervision(portal, file_id):
    program = portal.catalogue.find("dibao")
    items = [("bank_account", "请拍有卡号的一面。")]
    with portal.database.writing() as session:
        office.ask_for(session, cases.file_of(session, file_id), program, items, **ME)
    for hour, agreed in ((1, False), (2, True)):
        when = NOW + timedelta(hours=hour)
        files.submit(portal, file_id, now=when)
        cases.deliver(portal, when)
        with portal.database.writing() as session:
            file = cases.file_of(session, file_id)
            chief = _reviewer(session) if agreed else None
            if chief is not None:
                with pytest.raises(Invalid) as refused:
                    office.ask_for(session, file, program, items, again="又错了。", **ME)
                assert set(refused.value.fields) == {"superior"}
            office.ask_for(
                session, file, program, items, again="又错了。",
                superior=chief.id if chief else None, actor=LI, now=when,
            )  # fmt: skip
            flagged = flags.of(session, actor=files.clerk(files.COUNTY, role=Role.AUDITOR))
            assert [(f.kind, a.id) for f, a in flagged] == [(flags.SECOND_LIST, file_id)]


def _reviewer(session):
    return staff.add(session, "wu", "老吴", Role.TOWNSHIP_REVIEWER, files.TOWNSHIP, now=NOW)[0]
