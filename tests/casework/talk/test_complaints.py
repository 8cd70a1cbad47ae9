"""举报投诉: past the office it is about, answered, followed by a code, without a name if wished."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.casework import office
from portal.casework.talk import answering, complaints
from portal.casework.talk.complaints import Said
from portal.casework.talk.tables import Complaint
from portal.contact import inbox, messages
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound, TooOften
from portal.people import choices
from portal.people.access import ANYONE, Role
from portal.people.tables import Account
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

PREFECTURE = "430900"
COUNTY = files.clerk(files.COUNTY, number=21, role=Role.COUNTY_CLERK)
WATCHER = files.clerk(PREFECTURE, number=22, role=Role.SUPERVISOR)
WORDS = "三次去窗口，都说没带够材料。"
SAID = Said("refused", "township", files.TOWNSHIP, WORDS)


@pytest.fixture(autouse=True)
def _places(portal):
    with portal.database.writing() as session:
        if session.get(files.Region, files.TOWNSHIP) is None:
            files.add_regions(session)


def complain(portal, said=SAID, *, about=None, signed_in=False, device="a", network="", now=NOW):
    with portal.database.writing() as session:
        application = cases.file_of(session, about) if about else None
        account = session.get(Account, application.account_id) if signed_in else None
        made, code = complaints.hand_in(
            session, said, about=application, account=account, device=device, network=network,
            now=now,
        )  # fmt: skip
        return made.id, code


def listed(portal, actor):
    with portal.database.reading() as session:
        return [c.id for c in answering.lists(session, actor=actor).open]


def answer(portal, complaint_id, sentence="查过了，窗口做得不对，已经改。", *, actor=COUNTY):
    with portal.database.writing() as session:
        found = answering.find(session, complaint_id, actor=actor, to_answer=True)
        complaints.answer(session, found, sentence, actor=actor, now=NOW)


def followed(portal, code, now=NOW):
    with portal.database.reading() as session:
        return complaints.opened(session, complaints.follow(session, code), now=now)


def test_from_complaint_to_answer(portal):
    complaint, code = complain(portal)
    assert len(code) == 16
    assert code.isdecimal()
    waiting = followed(portal, f"{code[:4]} {code[4:8]}-{code[8:]}")
    assert (waiting["answer"], waiting["clock"]["whole"], waiting["clock"]["ours"]) == (
        "",
        10,
        True,
    )
    assert "没有写天数" in waiting["clock"]["basis"]
    assert listed(portal, COUNTY) == [complaint]
    answer(portal, complaint)
    assert followed(portal, code)["answer"] == "查过了，窗口做得不对，已经改。"
    assert listed(portal, COUNTY) == []


def test_it_goes_past_the_township(portal):
    complain(portal)
    for role in (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_REVIEWER, Role.TOWNSHIP_INVESTIGATOR):
        with pytest.raises(Forbidden):
            listed(portal, files.clerk(number=3, role=role))
    for role in (Role.COUNTY_CHECKER, Role.DEPARTMENT_CLERK, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            listed(portal, files.clerk(files.COUNTY, number=4, role=role))


def test_who_answers(portal):
    for against, place, answers in (
        ("township", files.TOWNSHIP, files.COUNTY), ("village", files.TOWNSHIP, files.COUNTY),
        ("unsure", files.COUNTY, files.COUNTY), ("county", files.TOWNSHIP, PREFECTURE),
        ("county", files.COUNTY, PREFECTURE),
    ):  # fmt: skip
        said = Said("slow", against, place, WORDS)
        complaint, _code = complain(portal, said, device=f"{against}{place}")
        with portal.database.reading() as session:
            assert session.get_one(Complaint, complaint).office_code == answers
        assert (complaint in listed(portal, COUNTY)) == (answers == files.COUNTY)
        assert (complaint in listed(portal, WATCHER)) == (answers == PREFECTURE)


def test_another_county_finds_nothing(portal):
    complaint, _code = complain(portal)
    other = files.clerk("430921", number=5, role=Role.COUNTY_CLERK)
    assert listed(portal, other) == []
    with portal.database.reading() as session, pytest.raises(NotFound):
        answering.find(session, complaint, actor=other)


def test_who_handled_the_file_neither_reads_nor_answers(portal):
    file = cases.handed_in(portal)
    both = files.clerk(number=31)
    with portal.database.writing() as session:
        office.accept(session, cases.file_of(session, file), actor=both, now=NOW)
    complaint, _code = complain(portal, about=file, signed_in=True)
    promoted = files.clerk(files.COUNTY, number=31, role=Role.COUNTY_CLERK)
    with portal.database.reading() as session:
        found = answering.lists(session, actor=promoted)
        assert (list(found.open), found.not_for_you) == ([], 1)
        with pytest.raises(Forbidden) as refused:
            answering.find(session, complaint, actor=promoted)
        assert refused.value.code == "own_handling"
    assert listed(portal, COUNTY) == [complaint]


def test_an_auditor_reads_and_does_not_answer(portal):
    complaint, _code = complain(portal)
    auditor = files.clerk(files.COUNTY, number=6, role=Role.AUDITOR)
    assert listed(portal, auditor) == [complaint]
    with pytest.raises(Forbidden):
        answer(portal, complaint, actor=auditor)


def test_answered_once_with_words(portal):
    complaint, _code = complain(portal)
    for wrong in ("", "  ", "长" * 501):
        with pytest.raises(Invalid):
            answer(portal, complaint, wrong)
    answer(portal, complaint)
    with pytest.raises(Conflict):
        answer(portal, complaint)


def test_late_ones_are_seen_above_as_well(portal):
    complaint, code = complain(portal)
    with portal.database.reading() as session:
        due = session.get_one(Complaint, complaint).due_on
    assert due.isoformat() == "2026-12-04"
    for days, escalated in ((12, 0), (13, 1), (14, 0)):
        with portal.database.writing() as session:
            assert answering.escalate_late(session, now=NOW + timedelta(days=days)) == escalated
    assert local_date(NOW + timedelta(days=13)) > due
    assert listed(portal, WATCHER) == listed(portal, COUNTY) == [complaint]
    assert followed(portal, code, NOW + timedelta(days=13))["clock"]["state"] == "late"
    answer(portal, complaint, actor=WATCHER)
    assert followed(portal, code)["answer"]


def test_without_a_name_there_is_no_trace_of_who_wrote_it(portal):
    file = cases.handed_in(portal)
    said = Said("money", "township", files.TOWNSHIP, WORDS, named=False)
    complaint, _code = complain(portal, said, about=file, signed_in=True)
    with portal.database.reading() as session:
        row = session.get_one(Complaint, complaint)
        account = cases.file_of(session, file).account_id
        assert (row.account_id, row.application_id) == (None, None)
        lines = session.scalars(select(AuditEntry).where(AuditEntry.subject == complaint)).all()
        assert {line.actor for line in lines} == {str(ANYONE)}
    answer(portal, complaint)
    with portal.database.reading() as session:
        assert inbox.unread(session, account) == 0
        assert messages.latest(session) == []


def test_who_gave_a_name_is_told_with_their_word(portal):
    file = cases.handed_in(portal)
    with portal.database.writing() as session:
        mine = session.get_one(Account, cases.file_of(session, file).account_id)
        choices.choose_word(session, mine, "月亮", now=NOW)
        account = mine.id
    complaint, _code = complain(portal, about=file, signed_in=True)
    answer(portal, complaint)
    with portal.database.reading() as session:
        assert [m.title for m in inbox.of(session, account)] == ["您反映的事有了答复"]
        assert [m.text for m in messages.latest(session)] == [
            "【救助通】口令：月亮。您反映的事有了答复。请打开救助通看。"
        ]
        assert [c.id for c in complaints.of_account(session, account)] == [complaint]


def test_a_number_left_behind_gets_a_text_if_it_can(portal):
    for phone in ("13912345678", "0737-7222222"):
        complaint, _code = complain(portal, Said("slow", "township", files.TOWNSHIP, WORDS, phone))
        answer(portal, complaint)
    with portal.database.reading() as session:
        assert [m.phone for m in messages.latest(session)] == ["13912345678"]


def test_words_phone_and_code_are_nowhere_in_the_open(portal):
    _complaint, code = complain(portal, Said("slow", "township", files.TOWNSHIP, WORDS, "13912345678"))  # fmt: skip
    stored = b"".join(p.read_bytes() for p in portal.settings.data.glob("portal.sqlite*"))
    for secret in (WORDS, "13912345678", code):
        assert secret.encode() not in stored


def test_what_is_wrong_is_named(portal):
    for field, said in (
        ("topic", Said("none", "township", files.TOWNSHIP, WORDS)),
        ("against", Said("slow", "king", files.TOWNSHIP, WORDS)),
        ("place", Said("slow", "township", "", WORDS)),
        ("place", Said("slow", "township", PREFECTURE, WORDS)),
        ("place", Said("slow", "township", "999999", WORDS)),
        ("words", Said("slow", "township", files.TOWNSHIP, " ")),
        ("words", Said("slow", "township", files.TOWNSHIP, "长" * 1001)),
        ("words", Said("slow", "township", files.TOWNSHIP, "\x00")),
        ("phone", Said("slow", "township", files.TOWNSHIP, WORDS, "12345")),
    ):
        with pytest.raises(Invalid) as refused:
            complain(portal, said)
        assert list(refused.value.fields) == [field]


def test_five_an_hour_from_one_phone_sixty_from_one_network(portal):
    for _ in range(5):
        complain(portal, device="one")
    with pytest.raises(TooOften):
        complain(portal, device="one")
    for number in range(60):
        complain(portal, device=f"d{number}", network="192.0.2.0/24")
    with pytest.raises(TooOften):
        complain(portal, device="another", network="192.0.2.0/24")


def test_a_code_nobody_has(portal):
    complain(portal)
    for code in ("", "0" * 16, "1234", "abc", "9" * 4000):
        with pytest.raises(NotFound):
            followed(portal, code)


def test_twenty_wrong_codes_an_hour(portal):
    with portal.database.writing() as session:
        for _ in range(20):
            complaints.count_miss(session, "one", now=NOW)
        with pytest.raises(TooOften):
            complaints.count_miss(session, "one", now=NOW)
        complaints.count_miss(session, "another", now=NOW)


def test_reading_is_recorded(portal):
    complaint, _code = complain(portal)
    with portal.database.writing() as session:
        answering.note_reading(
            session, session.get_one(Complaint, complaint), actor=COUNTY, now=NOW
        )
        row = session.scalars(select(AuditEntry).where(AuditEntry.action == "read.complaint")).one()
        assert (row.actor, row.subject) == (f"staff:{UUID(int=21)}", complaint)
