"""The desk's verbs: one clerk a file, one list, closed reasons, the first filing time kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from portal.casework import events, office, queue, sheet
from portal.casework.tables import Correction
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.handover.tables import IntakeDossier
from portal.people.access import Role
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

LI, WANG = files.clerk(), files.clerk(number=2)
OTHER_TOWN = files.clerk(files.NEIGHBOUR, number=3)
COUNTY = files.clerk(files.COUNTY, number=4, role=Role.COUNTY_CLERK)
ITEMS = [("bank_account", "请拍有卡号的一面。"), ("phone", "电话打不通，请核对。")]


@pytest.fixture
def dibao(portal):
    return portal.catalogue.find("dibao")


def two_files(portal):
    first = cases.handed_in(portal, phone="13812345601")
    second = files.draft(portal, files.LEAST, phone="13812345602")
    files.submit(portal, second, now=NOW + timedelta(minutes=1))
    cases.deliver(portal, NOW + timedelta(minutes=1))
    return first, second


def test_a_second_clerk_gets_the_next_file(portal):
    first, second = two_files(portal)
    with portal.database.writing() as session:
        assert office.take_next(session, actor=LI, now=NOW).id == first
        assert office.take_next(session, actor=WANG, now=NOW).id == second
        assert office.take_next(session, actor=LI, now=NOW).id == first
        third = files.clerk(number=9)
        assert office.take_next(session, actor=third, now=NOW) is None


def test_what_a_colleague_reads_cannot_be_decided(portal):
    first, _second = two_files(portal)
    with portal.database.writing() as session:
        application = office.take_next(session, actor=LI, now=NOW)
        with pytest.raises(Conflict):
            office.accept(session, application, actor=WANG, now=NOW)
        office.release(session, application, actor=WANG, now=NOW)
        assert queue.reader(session, application, now=NOW) == str(LI)
        office.release(session, application, actor=LI, now=NOW)
        office.accept(session, application, actor=WANG, now=NOW)
        assert application.status == Status.ACCEPTED
        assert application.id == first


def test_a_forgotten_file_comes_back_after_half_an_hour(portal):
    first = cases.handed_in(portal)
    with portal.database.writing() as session:
        office.take_next(session, actor=LI, now=NOW)
        assert office.take_next(session, actor=WANG, now=NOW + timedelta(minutes=29)) is None
        found = office.take_next(session, actor=WANG, now=NOW + timedelta(minutes=30))
        assert found.id == first


def test_an_alert_goes_before_everything(portal):
    two_files(portal)
    urgent = cases.handed_in(portal, phone="13812345603")
    with portal.database.writing() as session:
        application = cases.file_of(session, urgent)
        application.alert, application.urgent = "food", True
    with portal.database.writing() as session:
        assert office.take_next(session, actor=LI, now=NOW).id == urgent
        found = office.lists(session, actor=LI, now=NOW)
        assert [line.application.id for line in found.alerts] == [urgent]
        assert found.alerts[0].with_me
        assert len(found.waiting) == 3


def test_an_alert_stays_until_a_named_person_answers(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        application.alert = "food"
        with pytest.raises(Invalid):
            office.answer_alert(
                session, application, name="", sentence="送了米。", actor=LI, now=NOW
            )
        office.answer_alert(
            session, application, name="李主任", sentence="送了米和油。", actor=LI, now=NOW
        )
        assert application.alert is None
        assert application.alert_answered_by == LI.id
        with pytest.raises(Conflict):
            office.answer_alert(
                session, application, name="王", sentence="好。", actor=WANG, now=NOW
            )


def test_a_foreign_file_does_not_exist(portal, dibao):
    file_id = cases.handed_in(portal)
    me = {"actor": OTHER_TOWN, "now": NOW}
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        for act in (
            lambda: office.find(session, file_id, actor=OTHER_TOWN),
            lambda: office.accept(session, application, **me),
            lambda: office.ask_for(session, application, dibao, ITEMS, **me),
            lambda: office.transfer(session, application, files.NEIGHBOUR, "在这里。", **me),
            lambda: office.decline(session, application, "duplicate", "重复。", **me),
            lambda: office.answer_alert(session, application, name="王", sentence="好。", **me),
        ):
            with pytest.raises(NotFound):
                act()
        assert application.status == Status.SUBMITTED
        assert office.lists(session, actor=OTHER_TOWN, now=NOW).waiting == []


def test_drafts_and_administrators(portal):
    draft = files.draft(portal, files.LEAST)
    with portal.database.writing() as session:
        with pytest.raises(NotFound):
            office.find(session, draft, actor=LI)
        for role in (Role.ADMINISTRATOR, Role.APPLICANT, Role.BACK_OFFICE):
            actor = files.clerk(role=role)
            with pytest.raises(Forbidden):
                office.lists(session, actor=actor, now=NOW)
            with pytest.raises(Forbidden):
                office.take_next(session, actor=actor, now=NOW)


def test_the_county_reads_and_does_not_act_at_the_front_door(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        application = office.find(session, file_id, actor=COUNTY)
        assert len(office.lists(session, actor=COUNTY, now=NOW).waiting) == 1
        with pytest.raises(Forbidden):
            office.accept(session, application, actor=COUNTY, now=NOW)


def test_asking_makes_one_complete_list(portal, dibao):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        event = office.ask_for(session, application, dibao, ITEMS, actor=LI, now=NOW)
        rows = events.corrections(session, application)
        assert [(r.item, r.event_id) for r in rows] == [(i, event.id) for i, _ in ITEMS]
        assert [events.sentence(session, application, r) for r in rows] == [s for _, s in ITEMS]
        assert application.status == Status.RETURNED


def test_a_second_list_needs_a_reason(portal, dibao):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        office.ask_for(session, cases.file_of(session, file_id), dibao, ITEMS, actor=LI, now=NOW)
    files.submit(portal, file_id, now=NOW + timedelta(hours=1))
    cases.deliver(portal, NOW + timedelta(hours=1))
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        with pytest.raises(Invalid) as refused:
            office.ask_for(session, application, dibao, ITEMS, actor=LI, now=NOW)
        assert "again" in refused.value.fields
        office.ask_for(
            session, application, dibao, ITEMS, again="新照片是别人的卡。", actor=LI, now=NOW
        )
        open_ones = [c for c in session.query(Correction) if c.answered_at is None]
        assert len(open_ones) == 2


def test_a_list_that_says_nothing_is_refused(portal, dibao):
    file_id = cases.handed_in(portal)
    wrong = [[], [("nonsense", "要。")], [("bank_account", " ")], [("bank_account", "字" * 201)]]
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        for items in wrong:
            with pytest.raises(Invalid):
                office.ask_for(session, application, dibao, items, actor=LI, now=NOW)


def test_what_the_office_checks_itself_is_never_asked_for(portal):
    for program in portal.catalogue.programs.values():
        shared = [r.item for r in program.documents if r.need == "shared"]
        assert not set(shared) & {item for item, _title in office.askable(program)}
        for item in shared:
            with pytest.raises(Invalid):
                office._check_items(program, [(item, "要。")])


def test_a_transfer_keeps_the_first_filing_time_and_moves_the_queue(portal):
    file_id = cases.handed_in(portal)
    later = NOW + timedelta(days=1)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        filed = application.filed_at
        office.transfer(
            session, application, files.NEIGHBOUR, "户口在梅城镇。", actor=LI, now=later
        )
        assert application.filed_at == filed
        assert application.status == Status.SUBMITTED
        assert application.region_path.endswith(files.NEIGHBOUR)
        with pytest.raises(NotFound):
            office.find(session, file_id, actor=LI)
        assert office.take_next(session, actor=OTHER_TOWN, now=later).id == file_id
        assert session.query(IntakeDossier).one().region_code == files.NEIGHBOUR
        [line] = office.lists(session, actor=OTHER_TOWN, now=later).waiting
        assert line.transfers == 1
        assert office.transfers(session, application)[0]["from_place"] == files.TOWNSHIP


def test_nobody_is_sent_in_circles(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        office.transfer(session, application, files.NEIGHBOUR, "户口在那里。", actor=LI, now=NOW)
        office.transfer(
            session, application, files.TOWNSHIP, "人住在这里。", actor=OTHER_TOWN, now=NOW
        )
        with pytest.raises(Conflict) as refused:
            office.transfer(session, application, files.NEIGHBOUR, "再去。", actor=LI, now=NOW)
        assert refused.value.code == "sent_there_before"


def test_answers_saved_later_do_not_send_it_back(portal, dibao):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        office.transfer(session, application, files.NEIGHBOUR, "户口在那里。", actor=LI, now=NOW)
        office.ask_for(session, application, dibao, ITEMS, actor=OTHER_TOWN, now=NOW)
        applications.save_answers(
            session, application, dibao, {"phone": "13900000000"},
            revision=application.revision, actor=files.owner(application), now=NOW,
        )  # fmt: skip
        assert application.region_code == files.NEIGHBOUR


def test_a_transfer_needs_another_township(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        for county_or_here_or_nowhere in ("430923", "430923121", "999999", ""):
            with pytest.raises(Invalid):
                office.transfer(
                    session, application, county_or_here_or_nowhere, "去那里。", actor=LI, now=NOW
                )


def test_incomplete_is_never_a_reason(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        for reason in ("incomplete", "", "other"):
            with pytest.raises(Invalid):
                office.decline(session, application, reason, "材料不全。", actor=LI, now=NOW)
        office.decline(
            session, application, "not_assistance", "是医保报销的事。", actor=LI, now=NOW
        )
        assert application.status == Status.NOT_ACCEPTED
        with pytest.raises(Conflict):
            office.accept(session, application, actor=LI, now=NOW)


def test_what_is_decided_leaves_the_queue(portal):
    file_id = cases.accepted(portal, LI)
    with portal.database.writing() as session:
        assert office.take_next(session, actor=LI, now=NOW) is None
        assert session.query(IntakeDossier).one().taken_by == str(LI)
        found = office.lists(session, actor=LI, now=NOW)
        assert [line.application.id for line in found.going] == [file_id]


def test_undelivered_files_are_counted_with_their_age(portal):
    file_id = files.draft(portal, files.LEAST)
    files.submit(portal, file_id)
    with portal.database.reading() as session:
        found = office.lists(session, actor=LI, now=NOW)
        assert (found.undelivered, found.oldest_undelivered) == (1, NOW)
        assert found.waiting == []


def test_our_own_target_of_two_working_days(portal):
    cases.handed_in(portal)
    with portal.database.reading() as session:
        tuesday = NOW + timedelta(days=2)
        assert not office.lists(session, actor=LI, now=tuesday).waiting[0].late
        assert office.lists(session, actor=LI, now=tuesday + timedelta(days=1)).waiting[0].late


def test_the_sheet_masks_numbers_until_they_are_asked_for(portal, dibao):
    file_id = files.draft(portal, files.MORE)
    files.sign(portal, file_id)
    files.add_photo(portal, file_id, files.jpeg())
    files.submit(portal, file_id)
    with portal.database.reading() as session:
        application = session.get_one(Application, file_id)
        hidden = str(sheet.read(session, application, dibao))
        shown = str(sheet.read(session, application, dibao, revealed=True))
        for number in ("430923190001010010", "13800000009"):
            assert number not in hidden
            assert number in shown
        found = sheet.read(session, application, dibao)
        assert [s.method for s in found.signed] == ["在手机上签", "入户时签"]
        assert found.signed[0].drawing.startswith("<svg")
        assert len(found.photos) == 1


def test_what_the_person_changed_is_marked(portal, dibao):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        office.ask_for(session, application, dibao, ITEMS, actor=LI, now=NOW)
        applications.save_answers(
            session, application, dibao, {"phone": "13900000000"},
            revision=application.revision, actor=files.owner(application), now=NOW,
        )  # fmt: skip
    files.submit(portal, file_id, now=NOW + timedelta(hours=1))
    with portal.database.reading() as session:
        found = sheet.read(session, cases.file_of(session, file_id), dibao)
        assert [r.name for t in found.topics for r in t.rows if r.changed] == ["phone"]


@pytest.mark.both
def test_clerks_at_the_same_moment_never_get_the_same(portal):
    wanted = {cases.handed_in(portal, phone=f"1381234560{n}") for n in range(4)}
    clerks = [files.clerk(number=n) for n in range(1, 5)]
    together = Barrier(len(clerks))

    def take(clerk):
        together.wait(timeout=20)
        with portal.database.writing() as session:
            return office.take_next(session, actor=clerk, now=NOW).id

    with ThreadPoolExecutor(len(clerks)) as pool:
        assert set(pool.map(take, clerks)) == wanted


@pytest.mark.both
def test_of_two_who_decide_at_once_one_is_told_so(portal):
    file_id = cases.handed_in(portal)
    together = Barrier(2)

    def decide(clerk):
        together.wait(timeout=20)
        try:
            with portal.database.writing() as session:
                office.accept(session, cases.file_of(session, file_id), actor=clerk, now=NOW)
        except Conflict:
            return "told"
        return "accepted"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, [LI, WANG])) == ["accepted", "told"]
    with portal.database.reading() as session:
        assert cases.file_of(session, file_id).event_seq == 1
