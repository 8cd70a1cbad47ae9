"""Village assistants: appointed by number, suspended at once, their second factor, their roster."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from api import tokens
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded, TooOften
from portal.people import appointments, households, mandates, rosters, second_factor, sign_in, totp
from portal.people.access import Actor, Role
from portal.people.appointment_tables import KnownDevice
from portal.people.identity import Phone
from portal.people.mandate_terms import Said
from tests.people import assistants

PHONE, HEIR = "13900000001", "13900000002"
STEP = timedelta(seconds=30)


@pytest.fixture
def session(portal):
    with portal.database.writing() as opened:
        yield opened


@pytest.fixture
def helper(session, now):
    """An account with an appointment for the first village of 东坪镇."""
    assistants.appoint(session, PHONE, now=now)
    account = sign_in.open_account(session, PHONE, now=now)
    appointments.take_up(session, account, now=now)
    return account


def who(account) -> Actor:
    return Actor(Role.APPLICANT, account.id)


def held(session, account, now):
    return appointments.held(session, account.id, now=now)


def test_whoever_proves_the_number_takes_it_up(session, now, helper):
    (one,) = held(session, helper, now)
    assert appointments.opened(session, one).name == assistants.NAME
    other = sign_in.open_account(session, HEIR, now=now)
    appointments.take_up(session, other, now=now)
    with pytest.raises(Forbidden) as refused:
        held(session, other, now)
    assert refused.value.code == "not_appointed"


def test_an_account_that_was_there_before_has_it_at_once(session, now):
    account = sign_in.open_account(session, PHONE, now=now)
    assistants.appoint(session, PHONE, now=now)
    assert held(session, account, now)


def test_a_number_only_wechats_button_named_takes_nothing_up(session, now):
    account = sign_in.open_without_number(session, now=now)
    sign_in.give_number(session, account, PHONE, now=now)
    assistants.appoint(session, PHONE, now=now)
    assert not appointments.is_assistant(session, account.id, now=now)
    assert appointments.waits(session, Phone(PHONE), now=now)
    appointments.take_up(session, account, now=now)
    assert not appointments.waits(session, Phone(PHONE), now=now)


def test_before_it_begins_and_after_it_is_over(session, now):
    account = sign_in.open_account(session, PHONE, now=now)
    week = timedelta(days=7)
    assistants.appoint(session, PHONE, now=now, starts=now + week, ends=now + 2 * week)
    for moment, may in ((now, False), (now + week, True), (now + 2 * week, False)):
        if may:
            assert held(session, account, moment)
        else:
            with pytest.raises(Forbidden, match="只给村里的协理员"):
                held(session, account, moment)


def test_suspended_is_out_with_the_next_request(session, now, helper):
    """Sessions end, the device is unknown, and it is said why."""
    token = tokens.issue(session, helper, now=now)
    device = assistants.device(session, helper, now=now)
    assert tokens.verify(session, token, now=now).id == helper.id
    (one,) = held(session, helper, now)
    appointments.suspend(session, one, actor="staff:x", now=now)
    with pytest.raises(SignInNeeded):
        tokens.verify(session, token, now=now)
    assert not second_factor.known(session, helper.id, device, now=now)
    with pytest.raises(Forbidden) as refused:
        held(session, helper, now)
    assert refused.value.code == "suspended"
    appointments.resume(session, one, actor="staff:x", now=now)
    assert held(session, helper, now)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.actor == "staff:x")).all()
    assert {"assistant.suspended", "assistant.resumed"} <= set(actions)


def test_a_list_brought_in_again_does_not_bring_a_suspended_one_back(session, now, helper):
    (one,) = held(session, helper, now)
    appointments.suspend(session, one, actor="test", now=now)
    again = assistants.appoint(session, PHONE, now=now, groups=("3组",))
    assert again.id == one.id
    assert again.groups == ["3组"]
    assert not appointments.in_force(again, now=now)


def test_only_the_office_of_the_division(session, now, helper):
    (one,) = held(session, helper, now)
    mine = Actor(Role.TOWNSHIP_CLERK, UUID(int=1), assistants.TOWNSHIP)
    county = Actor(Role.COUNTY_CLERK, UUID(int=1), "430923")
    assert appointments.of_office(session, actor=mine) == [one]
    assert appointments.find(session, one.id, actor=county) == one
    foreign = Actor(Role.TOWNSHIP_CLERK, UUID(int=1), "430923118")
    assert appointments.of_office(session, actor=foreign) == []
    with pytest.raises(NotFound):
        appointments.find(session, one.id, actor=foreign)
    for role in (Role.TOWNSHIP_INVESTIGATOR, Role.SUPERVISOR, Role.APPLICANT):
        with pytest.raises(Forbidden):
            appointments.find(session, one.id, actor=Actor(role, UUID(int=1), "430923"))


class TestSecondFactor:
    def test_shown_until_it_was_right_once_and_never_again(self, session, now, helper):
        first = second_factor.begin(session, helper, now=now)
        assert second_factor.begin(session, helper, now=now) == first
        assert not second_factor.enrolled(session, helper.id)
        device = second_factor.prove(session, helper, totp.code_at(first[1], now), now=now)
        assert second_factor.known(session, helper.id, device, now=now)
        with pytest.raises(Conflict) as refused:
            second_factor.begin(session, helper, now=now)
        assert refused.value.code == "enrolled"

    def test_a_code_works_once(self, session, now, helper):
        _secret, address = second_factor.begin(session, helper, now=now)
        code = totp.code_at(address, now)
        second_factor.prove(session, helper, code, now=now)
        with pytest.raises(Invalid, match="动态码不对"):
            second_factor.prove(session, helper, code, now=now)
        later = now + 2 * STEP
        assert second_factor.prove(session, helper, totp.code_at(address, later), now=later)

    def test_ten_tries_a_quarter_of_an_hour(self, session, now, helper):
        _secret, address = second_factor.begin(session, helper, now=now)
        for _ in range(10):
            with pytest.raises(Invalid):
                second_factor.prove(session, helper, "000", now=now)
        with pytest.raises(TooOften):
            second_factor.prove(session, helper, totp.code_at(address, now), now=now)

    def test_a_device_is_one_accounts_and_for_ninety_days(self, session, now, helper):
        device = assistants.device(session, helper, now=now)
        other = sign_in.open_account(session, HEIR, now=now)
        assert not second_factor.known(session, other.id, device, now=now)
        later = now + second_factor.KNOWN_FOR
        assert second_factor.known(session, helper.id, device, now=later - STEP)
        assert not second_factor.known(session, helper.id, device, now=later)
        second_factor.forget_old(session, now=later - STEP)
        assert session.query(KnownDevice).count() == 1
        second_factor.forget_old(session, now=later)
        assert session.query(KnownDevice).count() == 0

    def test_reset_by_the_township(self, session, now, helper):
        device = assistants.device(session, helper, now=now)
        (one,) = held(session, helper, now)
        appointments.reset_factor(session, one, actor="staff:x", now=now)
        assert not second_factor.known(session, helper.id, device, now=now)
        assert not second_factor.enrolled(session, helper.id)
        assert assistants.device(session, helper, now=now)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("石", True), ("桂香", True), ("sgx", True), ("shigui", True), ("SGX", True), ("3组", True),
     ("12", True), ("", True), ("王", False), ("gx", False), ("5组", False)],
)  # fmt: skip
def test_found_by_name_sound_group_and_house(typed, found):
    assert rosters.matches(typed, "石桂香", "3组", "12号") is found


@pytest.mark.parametrize(
    ("said", "group"),
    [("第三村民小组", "3组"), ("三组", "3组"), ("3组", "3组"), ("十二组", "12组"), ("二十组", "20组"),
     ("上湾组", "上湾组"), ("", "")],
)  # fmt: skip
def test_a_group_is_called_one_way(said, group):
    assert rosters.group_of(said) == group


def add(session, account, now, *said: str, **more):
    mine = held(session, account, now)
    return rosters.add(session, mine, *said, **more, actor=who(account), now=now)


def test_by_group_then_house_and_nobody_twice(session, now, helper):
    for said in (("甲", "十组"), ("乙", "2组", "10号"), ("丙", "2组", "9号"), ("丁",)):
        add(session, helper, now, *said)
    names = [rosters.name_of(session, e) for e in rosters.of(session, held(session, helper, now))]
    assert names == ["丙", "乙", "甲", "丁"]
    with pytest.raises(Conflict) as refused:
        add(session, helper, now, "甲", "第10组")
    assert refused.value.code == "already_there"
    add(session, helper, now, "甲", "10组", "3号")


def test_what_cannot_be_added(session, now, helper):
    for said, field in (
        (("",), "name"),
        (("甲", "组" * 21), "group"),
        (("甲", "", "门" * 21), "house"),
    ):
        with pytest.raises(Invalid) as refused:
            add(session, helper, now, *said)
        assert field in refused.value.fields
    with pytest.raises(Invalid) as refused:
        add(session, helper, now, "甲", village="430923118001")
    assert "village" in refused.value.fields


def test_some_groups_only(session, now, helper):
    three = add(session, helper, now, "甲", "3组")
    nowhere = add(session, helper, now, "乙")
    assistants.appoint(session, PHONE, now=now, groups=("4组",))
    mine = held(session, helper, now)
    assert rosters.of(session, mine) == [nowhere]
    with pytest.raises(NotFound):
        rosters.find(session, three.id, mine)
    with pytest.raises(Invalid) as refused:
        add(session, helper, now, "丙", "3组")
    assert "group" in refused.value.fields


def test_a_visit_a_day(session, now, helper):
    entry = add(session, helper, now, "甲")
    first = rosters.visit(session, entry, actor=who(helper), now=now)
    assert rosters.visit(session, entry, actor=who(helper), now=now + 5 * STEP) is first
    later = now + timedelta(days=2)
    rosters.visit(session, entry, actor=who(helper), now=later)
    assert rosters.last_visits(session, [entry.village_code]) == {entry.id: later.date()}


def give(session, account, now, kind="assistant", name="石桂香"):
    """A mandate of a household nobody owns."""
    home = households.start(
        session, account_id=None, created_by=account.id, actor=who(account), now=now
    )
    said = Said(name, helper="李协理")
    return mandates.start(session, home, kind, said, helper=account, actor=who(account), now=now)


def opens(session, mandate, account, now) -> bool:
    found = mandates.grant(session, mandate.household_id, actor=who(account), now=now)
    return found is not None and found.mandate == mandate.id


def test_a_mandate_of_an_assistant_is_worth_nothing_while_suspended(session, now, helper):
    given, as_kin = give(session, helper, now), give(session, helper, now, kind="kin")
    (one,) = held(session, helper, now)
    assert opens(session, given, helper, now)
    appointments.suspend(session, one, actor="test", now=now)
    assert not opens(session, given, helper, now)
    assert opens(session, as_kin, helper, now), "what a son does has nothing to do with the office"
    appointments.resume(session, one, actor="test", now=now)
    assert opens(session, given, helper, now)


def test_suspended_in_one_village_not_in_the_other(session, now, helper):
    there = assistants.villages(session)[1]
    assistants.appoint(session, PHONE, now=now, village=there)
    here, other = give(session, helper, now), give(session, helper, now, name="王秀英")
    first = held(session, helper, now)[0]
    add(session, helper, now, "石桂香", village=first.village_code, household_id=here.household_id)
    add(session, helper, now, "王秀英", village=there, household_id=other.household_id)
    appointments.suspend(session, first, actor="test", now=now)
    assert not opens(session, here, helper, now)
    assert opens(session, other, helper, now)


class TestHandOver:
    @pytest.fixture
    def heir(self, session, now):
        village = assistants.villages(session)[1]
        made = assistants.appoint(session, HEIR, now=now, village=village, name="王协理")
        account = sign_in.open_account(session, HEIR, now=now)
        appointments.take_up(session, account, now=now)
        return made, account

    def test_the_village_passes_on_and_no_mandate_does(self, session, now, helper, heir):
        (old,) = held(session, helper, now)
        given, kin = give(session, helper, now), give(session, helper, now, "kin", "李大山")
        entry = add(session, helper, now, "石桂香", "3组", household_id=given.household_id)
        untouched = add(session, helper, now, "没办过的")
        assert rosters.hand_over(session, old, heir[0], actor="staff:x", now=now) == 1
        assert entry.to_ask_since == now
        assert untouched.to_ask_since is None
        mine = held(session, heir[1], now)
        assert {e.id for e in rosters.of(session, mine)} == {entry.id, untouched.id}
        for account in (helper, heir[1]):
            assert not opens(session, given, account, now)
        assert opens(session, kin, helper, now)
        with pytest.raises(Forbidden):
            held(session, helper, now)

    def test_who_was_helped_and_on_no_roster_is_put_on_it(self, session, now, helper, heir):
        (old,) = held(session, helper, now)
        given = give(session, helper, now)
        assert rosters.hand_over(session, old, heir[0], actor="test", now=now) == 1
        (entry,) = rosters.of(session, held(session, heir[1], now))
        assert rosters.name_of(session, entry) == "石桂香"
        assert entry.household_id == given.household_id

    def test_the_groups_are_added_to_the_heirs_own(self, session, now, helper, heir):
        old = assistants.appoint(session, PHONE, now=now, groups=("2组",))
        own = assistants.appoint(session, HEIR, now=now, village=old.village_code, groups=("10组",))
        rosters.hand_over(session, old, heir[0], actor="test", now=now)
        assert own.groups == ["2组", "10组"]

    def test_never_to_oneself_or_to_who_is_out(self, session, now, helper, heir):
        (old,) = held(session, helper, now)
        with pytest.raises(Conflict) as refused:
            rosters.hand_over(session, old, old, actor="test", now=now)
        assert refused.value.code == "same_person"
        appointments.suspend(session, heir[0], actor="test", now=now)
        with pytest.raises(Conflict) as refused:
            rosters.hand_over(session, old, heir[0], actor="test", now=now)
        assert refused.value.code == "heir_not_in_force"
        assert held(session, helper, now)
