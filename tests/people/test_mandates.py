"""Mandates: given, confirmed in six ways, told nobody else, over in the same second."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.contact import messages
from portal.foundation import audit
from portal.foundation.errors import Conflict, Invalid, NotFound, TooLarge, TooOften
from portal.people import audio_check, households, mandate_basis, mandates, revoke_codes, sign_in
from portal.people.access import Act, Actor, Role
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import APPEAL, KINDS, Said
from portal.people.tables import Account, Household
from tests.conftest import NOW
from tests.filing.test_signatures import STROKES

HELPER, PERSON = "13800000002", "13800000003"
pytestmark = pytest.mark.sqlite_first
SAID = Said(person="石桂香", phone=PERSON, relation="邻居", helper="张三")
SECOND = timedelta(seconds=1)
VOICE = b"OggS" + bytes(200)


@dataclass
class Two:
    """A neighbour, a household, and the mandate between them."""

    session: Session
    helper: Account
    household: Household
    mandate: Mandate
    actor: Actor

    def granted(self, program: str | None = None, **when: Any) -> bool:
        at = {"now": NOW, **when}
        return (
            mandates.grant(self.session, self.household.id, program, actor=self.actor, **at)
            is not None
        )


@pytest.fixture
def session(portal: Portal) -> Iterator[Session]:
    with portal.database.writing() as open_session:
        yield open_session


@pytest.fixture
def two(session: Session) -> Two:
    return make(session)


def make(session: Session, kind: str = "neighbour", said: Said = SAID, **scope: Any) -> Two:
    helper = sign_in.open_account(session, HELPER, now=NOW)
    actor = Actor(Role.APPLICANT, helper.id)
    household = households.start(
        session, account_id=None, created_by=helper.id, actor=actor, now=NOW
    )
    mandate = mandates.start(
        session, household, kind, said, helper=helper, actor=actor, now=NOW, **scope
    )
    return Two(session, helper, household, mandate, actor)


@pytest.mark.parametrize("kind", KINDS, ids=KINDS.values())
def test_谁都可以帮(session, kind) -> None:
    two = make(session, kind, replace(SAID, role="cadre"))
    assert two.granted("dibao")
    assert two.mandate.basis == ("none" if kind == "proactive" else None)
    assert ("proactive" in two.mandate.flags) == (kind == "proactive")
    assert audit.verify(session) == []


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("friend", {}, "kind"),
        ("proactive", {"role": ""}, "role"),
        ("proactive", {"role": "neighbour"}, "role"),
        ("kin", {"person": " "}, "person"),
        ("kin", {"helper": "张\u200b三"}, "helper"),
        ("kin", {"phone": "12345"}, "phone"),
    ],
)
def test_what_is_said_is_checked(session, kind, change, field) -> None:
    with pytest.raises(Invalid) as refusal:
        make(session, kind, replace(SAID, **change))
    assert list(refusal.value.fields) == [field]


def test_names_and_numbers_are_sealed(two) -> None:
    for column in Mandate.__table__.columns:
        kept = str(getattr(two.mandate, column.key)) + repr(getattr(two.mandate, column.key))
        assert PERSON not in kept
        assert "石桂香" not in kept
    assert mandates.details(two.session, two.mandate) == SAID


def test_it_is_over_within_the_second(two) -> None:
    assert two.granted()
    mandates.revoke(two.session, two.mandate, actor=two.actor, now=NOW + SECOND)
    assert not two.granted(now=NOW + SECOND)
    assert two.mandate.revoked_by == f"applicant:{two.helper.id}"
    again = two.mandate.revoked_at
    mandates.revoke(two.session, two.mandate, actor="person:code", now=NOW + 2 * SECOND)
    assert two.mandate.revoked_at == again


@pytest.mark.parametrize(
    ("change", "open_"),
    [
        ({"ends_at": NOW + SECOND}, True),
        ({"ends_at": NOW}, False),
        ({"started_at": NOW + SECOND}, False),
        ({"revoked_at": NOW}, False),
        ({"programs": ["linshi"]}, False),
        ({"programs": ["dibao", "linshi"]}, True),
        ({"helper_account_id": None}, False),
    ],
    ids=["还没到期", "到期了", "还没开始", "取消了", "别的事项", "包括这一项", "别人的"],
)
def test_only_what_stands_now_opens(two, change, open_) -> None:
    for name, value in change.items():
        setattr(two.mandate, name, value)
    two.session.flush()
    assert two.granted("dibao") is open_


@pytest.mark.parametrize(("days", "open_"), [(0, True), (59, True), (60, False), (400, False)])
def test_it_ends_with_the_appeal_period(two, days, open_) -> None:
    assert timedelta(days=60) == APPEAL
    assert two.granted(decided_at=NOW - timedelta(days=days)) is open_


def test_nobody_else_gets_in_by_it(two) -> None:
    stranger = Actor(Role.APPLICANT, sign_in.open_account(two.session, "13800000009", now=NOW).id)
    clerk = Actor(Role.TOWNSHIP_CLERK, two.helper.id, region_code="430923103")
    for who in (stranger, clerk):
        assert mandates.grant(two.session, two.household.id, actor=who, now=NOW) is None
        with pytest.raises(NotFound):
            mandates.find(two.session, two.mandate.id, actor=who)
    with pytest.raises(NotFound):
        mandates.find(two.session, two.mandate.id, actor=replace(two.actor, proved=False))
    with pytest.raises(NotFound):
        mandates.find(two.session, uuid4(), actor=two.actor)


def test_every_act_under_it_names_it(two) -> None:
    granted = mandates.grant(two.session, two.household.id, actor=two.actor, now=NOW)
    under = two.actor.under(granted)
    assert str(under) == f"helper:{two.helper.id}/{two.mandate.id}"
    assert len(str(under)) <= 80
    assert under.mandate == two.mandate.id
    assert str(two.actor) == f"applicant:{two.helper.id}"


def test_signed_on_a_screen(two) -> None:
    with pytest.raises(Invalid):
        mandate_basis.on_screen(two.session, two.mandate, [[[1, 1]]], actor=two.actor, now=NOW)
    assert "unsigned" in two.mandate.flags
    mandate_basis.on_screen(two.session, two.mandate, STROKES, actor=two.actor, now=NOW)
    assert two.mandate.basis == "screen"
    assert "unsigned" not in two.mandate.flags
    assert mandate_basis.strokes_of(two.session, two.mandate) == STROKES


def _code(session: Session, phone: str = PERSON) -> str:
    newest = next(m for m in messages.latest(session) if m.phone == phone)
    assert "委托" in newest.text or "账号" in newest.text
    return "".join(c for c in newest.text.partition("验证码")[2] if c.isdigit())[:6]


def test_a_code_to_the_persons_own_phone(two) -> None:
    mandate_basis.request_code(two.session, two.mandate, device="d", now=NOW)
    code = _code(two.session)
    mandate_basis.by_code(two.session, two.mandate, code, actor=two.actor, now=NOW)
    assert two.mandate.basis == "code"
    mandate_basis.on_screen(two.session, two.mandate, STROKES, actor=two.actor, now=NOW)
    assert two.mandate.basis == "code", "nothing weaker takes its place"


def test_a_code_never_goes_to_a_helper(session) -> None:
    two = make(session, said=replace(SAID, phone=HELPER))
    with pytest.raises(Invalid) as refusal:
        mandate_basis.request_code(session, two.mandate, device="d", now=NOW)
    assert refusal.value.code == "helper_number"
    assert messages.latest(session) == []


def test_the_number_is_named_once(session) -> None:
    two = make(session, said=replace(SAID, phone=""))
    assert "no_phone" in two.mandate.flags
    by = {"actor": two.actor, "now": NOW}
    with pytest.raises(Invalid) as refusal:
        mandate_basis.request_code(session, two.mandate, device="d", now=NOW)
    assert refusal.value.code == "no_phone"
    mandate_basis.name_phone(session, two.mandate, PERSON, **by)
    mandate_basis.name_phone(session, two.mandate, PERSON, **by)
    assert "no_phone" not in two.mandate.flags
    with pytest.raises(Conflict):
        mandate_basis.name_phone(session, two.mandate, "13800000004", **by)


@pytest.mark.parametrize(
    ("witnesses", "wrong"),
    [
        ([], {"witness_1", "witness_2"}),
        ([{"name": "李四"}], {"witness_2"}),
        ([{"name": "李四"}, {"name": "李四"}], {"witness_2"}),
        ([{"name": "李四"}, {"name": "张三"}], {"witness_2"}),
        ([{"name": "李四", "relation": "村医"}, {"name": "王五"}], set()),
    ],
    ids=["没有人", "只有一个", "同一个人", "帮忙的人自己", "两个人"],
)
def test_two_witnesses(two, witnesses, wrong) -> None:
    said = partial(
        mandate_basis.before_witnesses, two.session, two.mandate, witnesses, actor=two.actor,
        now=NOW,
    )  # fmt: skip
    if wrong:
        with pytest.raises(Invalid) as refused:
            said()
        assert set(refused.value.fields) == wrong
        assert two.mandate.basis is None
        return
    said()
    assert [w["name"] for w in mandate_basis.witnesses_of(two.session, two.mandate)] == [
        "李四",
        "王五",
    ]
    assert mandates.details(two.session, two.mandate) == SAID


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (VOICE, "ogg"),
        (b"#!AMR\n" + bytes(99), "amr"),
        (b"\x1aE\xdf\xa3" + bytes(99), "webm"),
        (b"ID3\x04" + bytes(99), "mp3"),
        (b"\xff\xfb\x90\x64" + bytes(99), "mp3"),
        (b"\xff\xf1\x50\x80" + bytes(99), "aac"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(99), "wav"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(99), "m4a"),
        (b"\xff\xd8\xff\xe0" + bytes(99), ""),
        (b"\x00\x00\x00\x20ftypheic" + bytes(99), ""),
        (b"RIFF\x00\x00\x00\x00WEBP" + bytes(99), ""),
        (b"<html>" + bytes(99), ""),
        (b"OggS", ""),
        (b"", ""),
    ],
)
def test_what_counts_as_a_recording(data, kind) -> None:
    if kind:
        assert audio_check.check(data).kind == kind
    else:
        with pytest.raises(Invalid):
            audio_check.check(data)


def test_a_recording_of_two_megabytes_and_no_more() -> None:
    assert audio_check.check(VOICE + bytes(audio_check.MOST_BYTES - len(VOICE)))
    with pytest.raises(TooLarge):
        audio_check.check(VOICE + bytes(audio_check.MOST_BYTES))


def test_said_aloud_it_is_sealed_and_kept(portal, two) -> None:
    heard = audio_check.check(VOICE)
    blob = mandate_basis.seal_and_store(two.session, portal.blobs, two.mandate, heard)
    mandate_basis.aloud(two.session, two.mandate, heard, blob, actor=two.actor, now=NOW)
    assert VOICE not in portal.blobs.read(blob)
    assert mandate_basis.audio_of(two.session, portal.blobs, two.mandate) == heard
    assert mandate_basis.blob_names(two.session) == {blob}
    assert two.mandate.basis == "audio"


def test_nothing_is_signed_after_it_is_over(two) -> None:
    mandates.revoke(two.session, two.mandate, actor=two.actor, now=NOW)
    with pytest.raises(Conflict):
        mandate_basis.on_screen(two.session, two.mandate, STROKES, actor=two.actor, now=NOW)
    with pytest.raises(Conflict):
        mandate_basis.request_code(two.session, two.mandate, device="d", now=NOW)


def test_not_me_by_the_code_alone(two) -> None:
    code = revoke_codes.opened(two.session, two.mandate)
    typed = f"{code[:5]} {code[5:]}"
    ended = mandates.not_me(two.session, typed, network="n", now=NOW)
    assert ended.id == two.mandate.id
    assert "not_me" in ended.flags
    assert not two.granted()


def test_a_guessed_code_counts_and_is_slowed(two) -> None:
    for _ in range(10):
        with pytest.raises(Invalid):
            mandates.not_me(two.session, "1234567890", network="n", now=NOW)
    with pytest.raises(TooOften):
        mandates.not_me(two.session, "1234567890", network="n", now=NOW)
    with pytest.raises(Invalid):
        mandates.not_me(two.session, "1234567890", network="another", now=NOW)
    assert two.granted()


def test_the_owner_names_a_helper_who_has_no_account_yet(session) -> None:
    owner = sign_in.open_account(session, PERSON, now=NOW)
    actor = Actor(Role.APPLICANT, owner.id)
    household = households.start(session, account_id=owner.id, actor=actor, now=NOW)
    mandate = mandates.start(
        session, household, "kin", SAID, helper_phone=HELPER, acts=[Act.FILL], actor=actor, now=NOW
    )
    assert mandate.basis == "own"
    assert mandate.helper_account_id is None
    helper = sign_in.open_account(session, HELPER, now=NOW)
    assert mandates.of_helper(session, helper) == []
    mandates.take_up(session, helper, now=NOW)
    who = Actor(Role.APPLICANT, helper.id)
    granted = mandates.grant(session, household.id, "dibao", actor=who, now=NOW)
    assert granted is not None
    assert granted.acts == {Act.FILL}


def test_the_payee_may_be_changed_for_ten_minutes_after_the_persons_code(two) -> None:
    granted = mandates.granted_by(two.mandate)
    assert not mandates.payee_is_open(two.session, granted, now=NOW)
    mandate_basis.request_code(two.session, two.mandate, purpose="payee", device="d", now=NOW)
    mandate_basis.payee_by_code(
        two.session, two.mandate, _code(two.session), actor=two.actor, now=NOW
    )
    assert mandates.payee_is_open(two.session, granted, now=NOW + timedelta(minutes=9))
    assert not mandates.payee_is_open(two.session, granted, now=NOW + timedelta(minutes=10))


def test_forty_households_a_day(session) -> None:
    two = make(session)
    for _ in range(39):
        mandates.start(
            session, two.household, "kin", SAID, helper=two.helper, actor=two.actor, now=NOW
        )
    with pytest.raises(TooOften):
        make(session)
