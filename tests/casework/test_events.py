"""The one function that changes a case: only listed moves, only by their party."""

from contextlib import contextmanager

import pytest

from portal.casework import events, stages
from portal.casework import said as words
from portal.casework.tables import CaseEvent
from portal.contact.templates import TEMPLATES
from portal.foundation import audit, vault
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import (
    FINAL,
    MACHINES,
    MOVES,
    NOTES,
    Party,
    Status,
    check_note,
    moves_of,
)
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

RECORDED = [m for m in MOVES if m.kinds]


@pytest.fixture
def session(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        session.info["file"] = cases.file_of(session, file_id)
        yield session


def record(session, kind, party, **more):
    said = more.pop("said", cases.SAID.get(kind))
    return events.record(
        session,
        session.info["file"],
        kind,
        after=events.KINDS[kind],
        party=party,
        actor="portal",
        said=said,
        now=NOW,
        **more,
    )


def tried(session):
    """A try that is undone: each starts from the same submitted file."""
    step = session.begin_nested()
    try:
        yield session.info["file"]
    finally:
        step.rollback()


undone = contextmanager(tried)


@pytest.mark.both
@pytest.mark.parametrize("machine", MACHINES)
def test_every_move_is_its_own_partys_only(session, machine):
    for move in [m for m in RECORDED if m.machine == machine]:
        for kind in move.kinds:
            with undone(session) as application:
                application.machine = machine
                cases.put_into(session, application, move.before)
                if kind in ("stopped", "reduced"):
                    cases.note(session, application, "heard", Party.COUNTY)
                for party in set(Party) - {move.party}:
                    with pytest.raises(Conflict):
                        record(session, kind, party)
                before = application.event_seq
                event = record(session, kind, move.party)
                assert (event.before, event.after) == (move.before, move.after), move
                assert event.seq == before + 1
                assert application.status == move.after, move
                assert (application.closed_at is not None) == (move.after in FINAL), move


@pytest.mark.parametrize("machine", MACHINES)
def test_no_other_move_is_made_by_anybody(session, machine):
    listed = {(m.before, kind, m.party) for m in moves_of(machine) for kind in m.kinds}
    for before in {m.before for m in moves_of(machine)} - {Status.DRAFT}:
        with undone(session) as application:
            application.machine = machine
            cases.put_into(session, application, before)
            for kind, after in events.KINDS.items():
                for party in Party:
                    if after is None or (before, kind, party) in listed:
                        continue
                    with pytest.raises(Conflict):
                        record(session, kind, party)


def test_what_leaves_the_status_is_for_its_parties_in_its_place(session):
    for status in set(Status) - {Status.DRAFT}:
        with undone(session) as application:
            cases.put_into(session, application, status)
            for kind, line in NOTES.items():
                for party in Party:
                    if party in line.parties and status in line.at:
                        assert record(session, kind, party).after is None
                    else:
                        with pytest.raises(Conflict):
                            check_note(status, kind, party)
            assert application.status == status


def test_every_kind_has_its_words_and_a_text_that_exists():
    for words_of in (stages.EVENT_WORDS, stages.DESK_WORDS):
        assert set(events.KINDS) <= set(words_of)
    assert {t for t in events._TEXTS.values() if t} <= set(TEMPLATES)
    assert set(events._TEXTS) <= set(events.KINDS)


def test_nothing_leads_out_of_a_closed_case(session):
    for final in FINAL:
        with undone(session) as application:
            cases.put_into(session, application, final)
            for kind, after in events.KINDS.items():
                for party in Party:
                    if after is not None:
                        with pytest.raises(Conflict):
                            record(session, kind, party)
            assert application.status == final


def test_every_status_after_submission_has_a_kind():
    reached = {m.after for m in MOVES} - {Status.SUBMITTED}
    assert reached == {after for after in events.KINDS.values() if after is not None}


def test_what_was_said_is_sealed_and_the_audit_has_no_word_of_it(session):
    event = record(session, "declined", Party.TOWNSHIP)
    application = session.info["file"]
    assert "上月".encode() not in event.said_sealed
    assert events.said(session, application, event)["reason"] == "duplicate"
    lines = session.query(AuditEntry).filter_by(action="record.event").all()
    assert len(lines) == 1
    assert "上月" not in lines[0].detail
    assert audit.verify(session) == []


@pytest.mark.both
def test_erased_words_leave_the_event(session):
    event = record(session, "declined", Party.TOWNSHIP)
    vault.destroy_key(session, session.info["file"].key_id, now=NOW)
    assert events.said(session, session.info["file"], event) == {}


def test_a_kind_never_leads_elsewhere(session):
    with pytest.raises(ValueError, match="does not lead"):
        events.record(
            session,
            session.info["file"],
            "accepted",
            after=Status.APPROVED,
            party=Party.COUNTY,
            actor="portal",
            said=None,
            now=NOW,
        )


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("returned", {"items": []}, "items"),
        ("returned", {"items": [{"item": "x"}]}, "items"),
        ("returned", {"items": [{"item": "x", "sentence": " "}]}, "x"),
        ("returned", {"items": [{"item": "x", "sentence": "一"}, {"item": "x", "sentence": "二"}]}, "items"),
        ("declined", {"reason": "incomplete", "sentence": "材料不全。"}, "reason"),
        ("declined", {"reason": "duplicate"}, "sentence"),
        ("declined", {"reason": "duplicate", "sentence": "字" * 201}, "sentence"),
        ("declined", {"reason": "duplicate", "sentence": "看\x00不见"}, "sentence"),
        ("declined", {"reason": "duplicate", "sentence": "好", "more": 1}, "more"),
    ],
)  # fmt: skip
def test_words_are_checked(kind, said, field):
    with pytest.raises(Invalid) as refused:
        words.check(kind, said)
    assert field in refused.value.fields


def test_a_refused_word_changes_nothing(session):
    with pytest.raises(Invalid):
        record(
            session, "declined", Party.TOWNSHIP, said={"reason": "incomplete", "sentence": "缺。"}
        )
    assert session.info["file"].status == Status.SUBMITTED
    assert session.info["file"].event_seq == 0


@pytest.mark.parametrize("kind", ["stopped", "reduced"])
def test_nothing_is_stopped_or_reduced_before_the_person_was_heard(session, kind):
    application = session.info["file"]
    cases.put_into(session, application, Status.REVIEWING)
    with pytest.raises(Conflict) as refused:
        record(session, kind, Party.COUNTY)
    assert refused.value.code == "hearing_needed"
    cases.note(session, application, "heard", Party.COUNTY)
    assert record(session, kind, Party.COUNTY).kind == kind


def test_who_was_heard_last_year_is_heard_again(session):
    application = session.info["file"]
    cases.put_into(session, application, Status.REVIEWING)
    cases.note(session, application, "heard", Party.TOWNSHIP)
    record(session, "paying", Party.COUNTY)
    record(session, "reviewing", Party.TOWNSHIP)
    with pytest.raises(Conflict) as refused:
        record(session, "stopped", Party.COUNTY)
    assert refused.value.code == "hearing_needed"


def test_the_applicant_is_told_that_something_happened_never_what(session):
    from portal.contact import messages

    record(session, "declined", Party.TOWNSHIP)
    newest = [m for m in messages.latest(session) if m.template == "not_accepted"]
    assert len(newest) == 1
    assert "上月" not in newest[0].text


def test_the_applicant_withdraws_and_nobody_else(session):
    application = session.info["file"]
    with pytest.raises(NotFound):
        events.withdraw(session, application, actor=files.clerk(), now=NOW)
    stranger = Actor(Role.APPLICANT, files.clerk().id)
    with pytest.raises(NotFound):
        events.withdraw(session, application, actor=stranger, now=NOW)
    events.withdraw(session, application, actor=files.owner(application), now=NOW)
    assert application.status == Status.WITHDRAWN
    with pytest.raises(Conflict):
        events.withdraw(session, application, actor=files.owner(application), now=NOW)


@pytest.mark.both
def test_sequence_has_no_gap(session):
    application = session.info["file"]
    cases.put_into(session, application, Status.PAYING)
    record(session, "alert_answered", Party.TOWNSHIP)
    rows = session.query(CaseEvent).order_by(CaseEvent.seq).all()
    assert [r.seq for r in rows] == list(range(1, len(rows) + 1))
