"""The one function that changes a case: only listed moves, only by their party."""

from contextlib import contextmanager

import pytest

from portal.casework import events
from portal.casework import said as words
from portal.casework.tables import CaseEvent
from portal.foundation import audit, vault
from portal.foundation.audit import AuditEntry
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import FINAL, MOVES, Party, Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

RECORDED = [m for m in MOVES if cases.kind_to(m.after) is not None and m.before is not Status.DRAFT]


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


def test_every_move_is_its_own_partys_only(session):
    for move in RECORDED:
        with undone(session) as application:
            cases.put_into(session, application, move.before)
            kind = cases.kind_to(move.after)
            for party in set(Party) - {move.party}:
                with pytest.raises(Conflict):
                    record(session, kind, party)
            before = application.event_seq
            event = record(session, kind, move.party)
            assert (event.before, event.after, event.seq) == (move.before, move.after, before + 1)
            assert application.status == move.after, move
            assert (application.closed_at is not None) == (move.after in FINAL), move


def test_no_other_move_is_made_by_anybody(session):
    listed = {(m.before, m.after, m.party) for m in MOVES}
    for before in {m.before for m in RECORDED}:
        with undone(session) as application:
            cases.put_into(session, application, before)
            for kind, after in events.KINDS.items():
                for party in Party:
                    if after is None or (before, after, party) in listed:
                        continue
                    with pytest.raises(Conflict):
                        record(session, kind, party)


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


def test_nothing_is_stopped_before_the_person_was_heard(session):
    cases.put_into(session, session.info["file"], Status.REVIEWING)
    with pytest.raises(Invalid) as refused:
        record(session, "stopped", Party.COUNTY, said={"sentence": "收入高了。"})
    assert "heard_on" in refused.value.fields


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


def test_sequence_has_no_gap(session):
    application = session.info["file"]
    cases.put_into(session, application, Status.PAYING)
    record(session, "alert_answered", Party.TOWNSHIP)
    rows = session.query(CaseEvent).order_by(CaseEvent.seq).all()
    assert [r.seq for r in rows] == list(range(1, len(rows) + 1))
