"""Telling a person: always in the portal, by text with their word, else somebody goes there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.casework import events, office
from portal.casework.talk import errands, follow_up, reminders, telling
from portal.contact import in_person, inbox, messages, receipts, sending
from portal.contact.rules import rules
from portal.contact.tables import Errand, TextMessage
from portal.filing import applications, helping
from portal.foundation import vault
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.handover import urgent
from portal.people import choices, mandates, sign_in
from portal.people.access import Actor, Role
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import Said
from portal.policy import regions
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

DAY = timedelta(days=1)


@pytest.fixture
def file(portal):
    return cases.handed_in(portal)


def account_of(session, file_id):
    return session.get_one(sign_in.Account, cases.file_of(session, file_id).account_id)


def accept(portal, file_id, *, now=NOW):
    with portal.database.writing() as session:
        office.accept(session, cases.file_of(session, file_id), actor=files.clerk(), now=now)


def box(portal, file_id):
    with portal.database.reading() as session:
        return inbox.of(session, account_of(session, file_id).id)


def texts(portal):
    with portal.database.reading() as session:
        return [m.text for m in messages.latest(session)][::-1]


def open_errands(portal, actor=None):
    with portal.database.reading() as session:
        found = errands.waiting(session, actor=actor or files.clerk())
        return [(e.why, e.topics, e.region_code) for e, _file in found]


def look_after(portal, now):
    return follow_up.follow_up(portal.database, now=now)


def send_all(portal, now=NOW):
    return sending.send_due(portal.database, lambda _message: None, now=now)


def report(portal, arrived, *, now=NOW, code="UNDELIV"):
    with portal.database.writing() as session:
        rows = session.scalars(select(TextMessage.id).where(TextMessage.state == "sent")).all()
        receipts.take(session, [receipts.Receipt(i, arrived, code) for i in rows], now=now)


def test_an_event_is_a_message_and_a_text(portal, file):
    accept(portal, file)
    [message] = box(portal, file)
    assert (message.title, message.new, message.application_id) == ("您的申请受理了", True, file)
    assert texts(portal) == ["【救助通】您的申请已受理。请打开救助通看进度。"]


def test_the_message_says_what_the_office_said_and_the_text_does_not(portal, file):
    why = "上月已有一份在办。"
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        office.decline(session, application, "duplicate", why, actor=files.clerk(), now=NOW)
    assert f"办事人员说：{why}" in box(portal, file)[0].body
    assert why not in "".join(texts(portal))
    stored = b"".join(p.read_bytes() for p in portal.settings.data.glob("portal.sqlite*"))
    assert why.encode() not in stored


def test_the_text_carries_the_word(portal, file):
    with portal.database.writing() as session:
        choices.choose_word(session, account_of(session, file), "荷花", now=NOW)
    accept(portal, file)
    assert texts(portal) == ["【救助通】口令：荷花。您的申请已受理。请打开救助通看进度。"]


def test_what_the_person_does_is_not_told_to_them(portal, file):
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        events.withdraw(session, application, actor=files.owner(application), now=NOW)
    assert (box(portal, file), texts(portal), open_errands(portal)) == ([], [], [])


def test_unread_until_seen(portal, file):
    accept(portal, file)
    with portal.database.writing() as session:
        mine = account_of(session, file).id
        assert inbox.unread(session, mine) == 1
        inbox.mark_read(session, mine, [files.UUID(int=1)], now=NOW)
        assert inbox.unread(session, mine) == 1
        inbox.mark_read(session, mine, now=NOW)
        assert inbox.unread(session, mine) == 0
    assert not box(portal, file)[0].new


def test_an_erased_file_takes_its_messages_along(portal, file):
    accept(portal, file)
    with portal.database.writing() as session:
        vault.destroy_key(session, cases.file_of(session, file).key_id, now=NOW)
    assert box(portal, file) == []


def test_a_submission_is_told_once(portal, file):
    for _ in range(3):
        with portal.database.writing() as session:
            telling.submitted(session, cases.file_of(session, file), now=NOW)
    assert [m.title for m in box(portal, file)] == ["申请交上来了"]
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, file), cases.Status.RETURNED)
    files.submit(portal, file, now=NOW + DAY)
    with portal.database.writing() as session:
        telling.submitted(session, cases.file_of(session, file), now=NOW + DAY)
    assert [m.title for m in box(portal, file)].count("申请交上来了") == 2


def test_who_has_no_phone_is_told_by_somebody(portal, file):
    with portal.database.writing() as session:
        account_of(session, file).phone_sealed = None
        account_of(session, file).phone_index = None
    accept(portal, file)
    assert texts(portal) == []
    assert len(box(portal, file)) == 1
    assert open_errands(portal) == [("no_phone", "accepted", files.TOWNSHIP)]


def test_who_never_signed_in_is_told_by_somebody_of_the_village(portal):
    program = portal.catalogue.find("linshi")
    with portal.database.writing() as session:
        village = regions.children(session, files.TOWNSHIP)[0].code
        wanted = {
            "place": {"code": village, "address": ""}, "found_by": "村口小卖部",
            "needs": ["food"], "happened": "", "name": "",
        }  # fmt: skip
        said = urgent.answers(program, wanted)
        application, _receipt = urgent.ask(session, program, said, now=NOW)
        file_id = application.id
    cases.deliver(portal)
    accept(portal, file_id)
    assert open_errands(portal) == [("no_phone", "accepted", village)]


def test_what_is_still_to_be_told_goes_along(portal, file):
    with portal.database.writing() as session:
        account_of(session, file).phone_sealed = None
    accept(portal, file)
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        for template in ("office_wrote", "accepted", "returned"):
            telling.tell(session, application, template, now=NOW)
    assert open_errands(portal) == [("no_phone", "accepted,office_wrote,returned", files.TOWNSHIP)]
    with portal.database.reading() as session:
        said = in_person.sayings(session.scalars(select(Errand)).one())
    assert len(said) == 3
    assert all("受理" not in words for words in said)


def errand_id(portal):
    with portal.database.reading() as session:
        return session.scalars(select(Errand.id)).one()


def finish(portal, how, actor=None, now=NOW):
    with portal.database.writing() as session:
        errands.finish(session, errand_id(portal), how, actor=actor or files.clerk(), now=now)


def test_the_task_is_done_once_and_written_down(portal, file):
    with portal.database.writing() as session:
        account_of(session, file).phone_sealed = None
    accept(portal, file)
    with pytest.raises(Invalid):
        finish(portal, "pigeon")
    finish(portal, in_person.NOT_FOUND)
    assert len(open_errands(portal)) == 1
    finish(portal, "visit", now=NOW + DAY)
    assert open_errands(portal) == []
    with pytest.raises(Conflict):
        finish(portal, "visit")
    with portal.database.reading() as session:
        errand = session.get_one(Errand, errand_id(portal))
        assert (errand.how, errand.tries, errand.done_by) == ("visit", 1, str(files.clerk()))
        lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "tell.in_person"))
        assert len(list(lines)) == 2
    with portal.database.writing() as session:
        telling.tell(session, cases.file_of(session, file), "progress", now=NOW)
    assert len(open_errands(portal)) == 1


def test_only_the_files_own_division_sees_the_task(portal, file):
    with portal.database.writing() as session:
        account_of(session, file).phone_sealed = None
    accept(portal, file)
    foreign = files.clerk(files.NEIGHBOUR, number=9)
    assert open_errands(portal, foreign) == []
    with pytest.raises(NotFound):
        finish(portal, "visit", foreign)
    with pytest.raises(Forbidden):
        finish(portal, "visit", files.clerk(files.COUNTY, number=8, role=Role.AUDITOR))
    assert (
        len(open_errands(portal, files.clerk(files.COUNTY, number=7, role=Role.COUNTY_CLERK))) == 1
    )


def test_what_arrived_needs_nothing_more(portal, file):
    accept(portal, file)
    send_all(portal)
    report(portal, True)
    assert look_after(portal, NOW + 3 * DAY) == 0
    assert open_errands(portal) == []


def test_undelivered_goes_to_the_second_number_then_somebody_goes(portal, file):
    with portal.database.writing() as session:
        choices.choose_second(session, account_of(session, file), "13987654321", now=NOW)
    accept(portal, file)
    send_all(portal)
    report(portal, False)
    later = NOW + timedelta(minutes=1)
    assert look_after(portal, later) == 1
    with portal.database.reading() as session:
        newest = messages.latest(session)[0]
        assert (newest.phone, newest.second, newest.template) == ("13987654321", True, "accepted")
    assert open_errands(portal) == []
    send_all(portal, later)
    report(portal, False)
    assert look_after(portal, later) == 1
    assert open_errands(portal) == [("undelivered", "accepted", files.TOWNSHIP)]
    assert look_after(portal, NOW + 9 * DAY) == 0


def test_the_applicants_own_number_in_the_answers_is_a_second_number(portal, file):
    with portal.database.reading() as session:
        application = cases.file_of(session, file)
        mine = account_of(session, file)
        assert telling.second_number(session, application, mine) == files.LEAST["phone"]
        assert telling.second_number(session, application, None) == files.LEAST["phone"]


def test_silence_counts_only_where_the_gateway_reports(portal, file):
    assert rules().undelivered_after == timedelta(hours=24)
    other = cases.handed_in(portal, phone="13700000001")
    for one in (file, other):
        accept(portal, one)
    send_all(portal)
    assert look_after(portal, NOW + 9 * DAY) == 0
    with portal.database.writing() as session:
        row = session.scalars(select(TextMessage).where(TextMessage.application_id == other)).one()
        row.state, row.reported_at = "delivered", NOW
    assert look_after(portal, NOW + timedelta(hours=23)) == 0
    assert look_after(portal, NOW + timedelta(hours=24)) == 1


def test_a_text_no_gateway_took_for_a_day_is_given_up_for_somebody(portal, file):
    accept(portal, file)
    assert look_after(portal, NOW + timedelta(hours=25)) == 1
    assert [state for (state,) in _states(portal)] == ["failed", "queued"]
    taken = []
    sending.send_due(portal.database, taken.append, now=NOW + timedelta(hours=25))
    assert [m.second for m in taken] == [True]


def _states(portal):
    with portal.database.reading() as session:
        return session.execute(
            select(TextMessage.state).order_by(TextMessage.created_at, TextMessage.second)
        ).all()


def test_what_was_read_in_the_portal_needs_no_other_way(portal, file):
    accept(portal, file)
    send_all(portal)
    report(portal, False)
    with portal.database.writing() as session:
        inbox.mark_read(session, account_of(session, file).id, now=NOW)
    assert look_after(portal, NOW) == 1
    assert (open_errands(portal), len(texts(portal))) == ([], 1)


def test_an_erased_persons_text_is_followed_up_by_nothing(portal, file):
    accept(portal, file)
    send_all(portal)
    report(portal, False)
    with portal.database.writing() as session:
        vault.destroy_key(session, cases.file_of(session, file).key_id, now=NOW)
    assert look_after(portal, NOW) == 1
    assert open_errands(portal) == []


MORNING = NOW + timedelta(minutes=1)


@pytest.fixture
def draft(portal):
    return files.draft(portal, files.LEAST)


def remind(portal, now):
    return reminders.remind(portal.database, now=now)


def test_a_draft_that_waits_is_spoken_of_twice_in_all(portal, draft):
    spoken = {d for d in range(1, 45) if remind(portal, MORNING + d * DAY)}
    assert spoken == {3, 10}
    assert [m.template for m in box(portal, draft)] == ["draft_waiting"] * 2


def test_a_draft_somebody_touched_begins_to_wait_anew(portal, draft):
    assert remind(portal, MORNING + 3 * DAY) == 1
    with portal.database.writing() as session:
        cases.file_of(session, draft).changed_at = NOW + 5 * DAY
    assert remind(portal, MORNING + 9 * DAY) == 0
    assert remind(portal, MORNING + 14 * DAY) == 0
    assert remind(portal, MORNING + 15 * DAY) == 1
    assert remind(portal, MORNING + 16 * DAY) == 0


def test_an_old_draft_is_spoken_of_once_not_twice_at_once(portal, draft):
    assert remind(portal, MORNING + 12 * DAY) == 1
    assert remind(portal, MORNING + 13 * DAY) == 0
    assert len(texts(portal)) == 1


def test_no_reminder_at_night_none_when_switched_off_none_when_thrown_away(portal, draft):
    night = MORNING + 3 * DAY + timedelta(hours=13)
    assert remind(portal, night) == 0
    with portal.database.writing() as session:
        choices.choose_reminders(session, account_of(session, draft), False, now=NOW)
    assert remind(portal, MORNING + 4 * DAY) == 0
    assert (texts(portal), box(portal, draft)) == ([], [])
    other = files.draft(portal, files.LEAST, phone="13700000002")
    with portal.database.writing() as session:
        application = cases.file_of(session, other)
        applications.discard(session, application, actor=files.owner(application), now=NOW)
    assert remind(portal, MORNING + 5 * DAY) == 0


def test_who_has_no_account_is_reminded_through_the_helper_while_they_may_fill_in(portal):
    with portal.database.writing() as session:
        helper = sign_in.open_account(session, "13700000009", now=NOW)
        who, said = Actor(Role.APPLICANT, helper.id), Said("石桂香", helper="张三")
        by = {"helper": helper, "actor": who, "now": NOW}
        mandate = helping.begin(session, "neighbour", said, programs=["dibao"], **by)
        dibao = portal.catalogue.find("dibao")
        helping.start(session, mandate, portal.catalogue, dibao, actor=who, now=NOW)
        helper_id, mandate_id = helper.id, mandate.id
    assert remind(portal, MORNING + 3 * DAY) == 1
    with portal.database.writing() as session:
        (told,) = inbox.of(session, helper_id)
        assert told.template == "helped_draft_waiting"
        mandates.revoke(session, session.get_one(Mandate, mandate_id), actor=who, now=NOW)
    assert texts(portal)[-1].startswith("【救助通】您帮人办的一份申请没填完")
    assert remind(portal, MORNING + 10 * DAY) == 0


def test_what_was_handed_in_is_no_draft(portal, file):
    assert remind(portal, MORNING + 3 * DAY) == 0
