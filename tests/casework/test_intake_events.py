"""Events from outside: signed, in any order, twice; nothing forged, nothing lost."""

import json
import random
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.casework import envelopes, events, history, intake_events, office, standin_office
from portal.casework.tables import CaseEvent, OfficeClient, OfficeEvent
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    Refusal,
    SignInNeeded,
)
from portal.people.access import Role
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LONG_AGO = NOW - timedelta(days=8)
STORY = [
    ("surveying", LONG_AGO),
    ("visit", LONG_AGO),
    ("first_review", LONG_AGO),
    ("public_notice", LONG_AGO),
    ("county_review", NOW),
    ("approved", NOW),
    ("paying", NOW),
]


@pytest.fixture
def accepted(portal):
    enroll(portal)
    return cases.accepted(portal)


def enroll(portal, name="county", role=Role.BACK_OFFICE, region="430923", key=KEY):
    public = key.public_key().public_bytes_raw()
    with portal.database.writing() as session:
        intake_events.enroll(session, name, public, role, region, now=NOW)


def send(session, event, *, name="county", key=KEY, now=NOW, nonce=None):
    body = json.dumps(event).encode()
    headers = envelopes.sign(key, body, nonce=nonce or uuid4().hex, now=now)
    return intake_events.receive(
        session, name, body, headers["X-Signature"], headers["X-Timestamp"], headers["X-Nonce"],
        now=now,
    )  # fmt: skip


def story(file_id):
    return [
        standin_office.event(file_id, n, k, at=at, said=cases.SAID.get(k) if k == "visit" else None)
        for n, (k, at) in enumerate(STORY, 1)
    ]


def test_what_comes_before_the_desk_accepted_waits_for_it(portal):
    enroll(portal)
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        assert send(session, story(file_id)[0]).state == "parked"
        assert intake_events.oldest_parked(session) == NOW
        application = cases.file_of(session, file_id)
        office.accept(session, application, actor=files.clerk(), now=NOW)
        assert application.status == Status.SURVEYING
        assert intake_events.oldest_parked(session) is None


def test_an_unknown_file_is_waited_for_by_id_or_number(portal):
    enroll(portal)
    file_id = files.draft(portal, files.LEAST)
    with portal.database.writing() as session:
        number = cases.file_of(session, file_id).reference_no
        event = {**story(file_id)[0], "reference_no": number}
        del event["application_id"]
        assert send(session, event).state == "parked"
        assert (
            send(session, standin_office.event(uuid4(), 1, "surveying", at=NOW)).state == "parked"
        )
        assert intake_events.retry_parked(session, now=NOW) == 0
    files.submit(portal, file_id)
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        office.accept(session, application, actor=files.clerk(), now=NOW)
        intake_events.retry_parked(session, now=NOW)
        assert application.status == Status.SURVEYING


def test_words_wait_under_seal_and_leave_nothing_behind(portal):
    enroll(portal)
    file_id = cases.handed_in(portal)
    event = standin_office.event(file_id, 1, "surveying", at=NOW, said={"sentence": "去看刘桂香。"})
    with portal.database.writing() as session:
        send(session, event)
        row = session.get_one(OfficeEvent, intake_events.UUID(event["id"]))
        assert "刘桂香" not in json.dumps(row.body, ensure_ascii=False)
        office.accept(session, cases.file_of(session, file_id), actor=files.clerk(), now=NOW)
        assert row.state == "applied"
        assert "said" not in row.body
        last = events.of(session, cases.file_of(session, file_id))[-1]
        assert str(last.id) == event["id"]
        assert (
            events.said(session, cases.file_of(session, file_id), last)["sentence"]
            == "去看刘桂香。"
        )


def test_the_same_again_is_a_no_op_with_an_audit_line(portal, accepted):
    event = story(accepted)[0]
    with portal.database.writing() as session:
        nonce = uuid4().hex
        first = send(session, event, nonce=nonce)
        again = send(session, event, nonce=nonce)
        later = send(session, event, now=NOW + timedelta(hours=3))
        assert (first.again, again.again, later.again) == (False, True, True)
        assert {first.state, again.state, later.state} == {"applied"}
        assert session.query(CaseEvent).filter_by(kind="surveying").count() == 1
        assert session.query(AuditEntry).filter_by(action="repeat.event").count() == 2


def test_one_id_for_two_different_events_is_refused(portal, accepted):
    event = story(accepted)[0]
    with portal.database.writing() as session:
        send(session, event)
        with pytest.raises(Conflict) as refused:
            send(session, {**event, "kind": "first_review"})
        assert refused.value.code == "event_id_used"


def test_three_hundred_tampered_requests_none_accepted(portal, accepted):
    chance = random.Random(300)
    body = json.dumps(story(accepted)[0]).encode()
    good = {"client": "county", "body": body, **_signed(body)}
    with portal.database.writing() as session:
        for _ in range(300):
            part = chance.choice(["client", "body", "signature", "timestamp", "nonce"])
            bad = {**good, part: _flipped(good[part], chance)}
            with pytest.raises(SignInNeeded):
                _receive(session, bad)
        assert session.query(OfficeEvent).count() == 0
        assert cases.file_of(session, accepted).status == Status.ACCEPTED
        noted = session.query(AuditEntry).filter_by(action="refuse.signature").count()
        assert 1 <= noted <= 60
        assert _receive(session, good).state == "applied"


def _signed(body):
    headers = envelopes.sign(KEY, body, nonce=uuid4().hex, now=NOW)
    names = {"signature": "X-Signature", "timestamp": "X-Timestamp", "nonce": "X-Nonce"}
    return {name: headers[header] for name, header in names.items()}


def _receive(session, parts):
    return intake_events.receive(
        session, parts["client"], parts["body"], parts["signature"], parts["timestamp"],
        parts["nonce"], now=NOW,
    )  # fmt: skip


def _flipped(value, chance):
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    at = chance.randrange(len(raw))
    raw[at] ^= 1 << chance.randrange(7)
    return bytes(raw) if isinstance(value, bytes) else raw.decode("latin-1")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_six_minutes_off_is_refused(portal, accepted, minutes):
    with portal.database.writing() as session:
        body = json.dumps(story(accepted)[0]).encode()
        headers = envelopes.sign(KEY, body, nonce=uuid4().hex, now=NOW + timedelta(minutes=minutes))
        with pytest.raises(SignInNeeded):
            intake_events.receive(
                session, "county", body, headers["X-Signature"], headers["X-Timestamp"],
                headers["X-Nonce"], now=NOW,
            )  # fmt: skip


def test_a_nonce_is_good_for_one_event(portal, accepted):
    with portal.database.writing() as session:
        nonce = uuid4().hex
        send(session, story(accepted)[0], nonce=nonce)
        with pytest.raises(SignInNeeded):
            send(session, story(accepted)[1], nonce=nonce)
        intake_events.forget_old(session, now=NOW + timedelta(hours=49))
        assert send(session, story(accepted)[1], nonce=nonce).state == "applied"


def test_a_revoked_office_is_not_heard(portal, accepted):
    with portal.database.writing() as session:
        session.get_one(OfficeClient, "county").revoked_at = NOW
        with pytest.raises(SignInNeeded):
            send(session, story(accepted)[0])


def test_a_township_never_approves(portal, accepted):
    enroll(portal, "town", Role.TOWNSHIP_CLERK, files.TOWNSHIP)
    with portal.database.writing() as session:
        for kind in ("approved", "denied", "paying"):
            event = standin_office.event(accepted, 1, kind, at=NOW, said=cases.SAID.get(kind))
            with pytest.raises(Forbidden):
                send(session, event, name="town")
        assert session.query(OfficeEvent).count() == 0


def test_the_county_waits_for_the_township_and_is_then_applied(portal, accepted):
    enroll(portal, "town", Role.TOWNSHIP_CLERK, files.TOWNSHIP)
    enroll(portal, "head", Role.COUNTY_CLERK, "430923")
    told = [{**event, "id": str(uuid4())} for event in story(accepted)]
    with portal.database.writing() as session:
        approved = {**told[5], "seq": 1}
        assert send(session, approved, name="head").state == "parked"
        for event in told[:5]:
            send(session, event, name="town")
        assert cases.file_of(session, accepted).status == Status.APPROVED


def test_nothing_is_granted_before_two_investigators_are_told_of(portal, accepted):
    enroll(portal, "town", Role.TOWNSHIP_CLERK, files.TOWNSHIP)
    told = [{**event, "id": str(uuid4())} for event in story(accepted)]
    visit = told.pop(1)
    with portal.database.writing() as session:
        for number, event in enumerate((*told[:2], told[3], told[4]), 1):
            outcome = send(session, {**event, "seq": number})
        assert outcome.state == "parked"
        assert cases.file_of(session, accepted).status == Status.COUNTY_REVIEW
        alone = {**visit, "said": {**visit["said"], "investigators": ["陈一"]}}
        with pytest.raises(Refusal):
            send(session, {**alone, "seq": 1}, name="town")
        send(session, {**visit, "seq": 1, "id": str(uuid4())}, name="town")
        assert cases.file_of(session, accepted).status == Status.APPROVED


def test_another_division_cannot_tell_a_file_from_none(portal, accepted):
    enroll(portal, "far", region="430481")
    with portal.database.writing() as session:
        known = send(session, story(accepted)[0], name="far")
        unknown = send(session, standin_office.event(uuid4(), 1, "surveying", at=NOW), name="far")
        assert (known.state, unknown.state) == ("parked", "parked")
        assert cases.file_of(session, accepted).status == Status.ACCEPTED


def test_what_no_longer_fits_is_refused_and_its_number_stays_free(portal, accepted):
    with portal.database.writing() as session:
        wrong = standin_office.event(accepted, 1, "paying", at=NOW)
        for _ in range(2):
            with pytest.raises(Conflict) as refused:
                send(session, wrong)
            assert refused.value.keeps
        assert send(session, story(accepted)[0]).state == "applied"


def test_a_notice_hangs_seven_days(portal, accepted):
    told = story(accepted)
    told[3] = {**told[3], "at": (NOW - timedelta(days=6, hours=23)).isoformat()}
    with portal.database.writing() as session:
        for event in told[:4]:
            send(session, event)
        with pytest.raises(Conflict) as refused:
            send(session, told[4])
        assert refused.value.code == "notice_not_over"


def test_the_future_is_not_recorded(portal, accepted):
    ahead = standin_office.event(accepted, 1, "surveying", at=NOW + timedelta(hours=1))
    with portal.database.writing() as session, pytest.raises(Invalid):
        send(session, ahead)


def test_an_office_corrects_its_own_words_only(portal, accepted):
    with portal.database.writing() as session:
        first = story(accepted)[0]
        send(session, first)
        desk = next(e for e in events.of(session, cases.file_of(session, accepted)))
        said = {"corrects": first["id"], "sentence": "上门日期写错了。"}
        fixed = standin_office.event(accepted, 2, "correction", at=NOW, said=said)
        assert send(session, fixed).state == "applied"
        lines = history.lines(session, cases.file_of(session, accepted))
        assert [line["corrected"] for line in lines] == [False, False, True, False]
        enroll_county = {"corrects": str(uuid4()), "sentence": "没有这条。"}
        with pytest.raises(Conflict):
            send(
                session, standin_office.event(accepted, 3, "correction", at=NOW, said=enroll_county)
            )
        assert desk.kind == "accepted"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"[" * 5000, b'{"id":1}', b'{"id":NaN}', b'{"a":1,"a":1}', b"\xff", b"null",
        b'{"said":"\\ud800"}',
    ],
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(body):
    with pytest.raises((BadRequest, Invalid)):
        envelopes.read(body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "x"), ("id", 5), ("seq", 0), ("seq", True), ("seq", 10**30), ("kind", "withdrawn"),
        ("kind", "transferred"), ("kind", []), ("at", "2026-11-22T01:00:00"), ("at", 5),
        ("said", []), ("said", {"sentence": 5}), ("reference_no", "x"), ("more", 1),
        ("application_id", None),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named(field, value):
    event = {**story(uuid4())[0], field: value}
    with pytest.raises(Invalid) as refused:
        envelopes.read(json.dumps(event).encode())
    assert set(refused.value.fields) & {field, "sentence"}


def test_a_person_who_withdrew_is_not_moved_on(portal, accepted):
    with portal.database.writing() as session:
        application = cases.file_of(session, accepted)
        send(session, story(accepted)[1])
        events.withdraw(session, application, actor=files.owner(application), now=NOW)
        with pytest.raises(Conflict):
            send(session, story(accepted)[0])
        intake_events.retry_parked(session, now=NOW)
        assert application.status == Status.WITHDRAWN
