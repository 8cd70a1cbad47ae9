"""Staff: password and second factor, each code once, shut out at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from api import tokens
from portal.foundation.errors import Conflict, Invalid, Refusal, SignInNeeded, TooOften
from portal.people import sign_in, staff
from portal.people.access import Role
from portal.people.tables import Staff
from portal.policy.tables import Region

STEP = timedelta(seconds=30)


@pytest.fixture
def place(portal):
    with portal.database.reading() as session:
        return session.scalars(select(Region.code).where(Region.level == "township")).first()


@pytest.fixture
def do(portal):
    def run(verb, *args, **more):
        with portal.database.writing() as session:
            session.expire_on_commit = False
            try:
                return verb(session, *args, **more)
            except Refusal as refusal:
                if refusal.keeps:
                    session.commit()
                raise

    return run


@pytest.fixture
def clerk(do, place, now):
    """(password, address of the second factor) of the user li."""
    _, password, uri = do(staff.add, "Li", "李办事员", Role.TOWNSHIP_CLERK, place, now=now)
    return password, uri


def enter(do, clerk, at, **other):
    given = {"username": "li", "password": clerk[0], "totp": staff.code_at(clerk[1], at)} | other
    return do(staff.prove, given["username"], given["password"], given["totp"], now=at)


def test_both_factors(do, clerk, now):
    member = enter(do, clerk, now)
    assert (member.username, member.role) == ("li", "township_clerk")


@pytest.mark.parametrize(
    "other",
    [{"username": "nobody"}, {"password": "wrong"}, {"password": ""}, {"totp": "000000"},
     {"totp": ""}, {"totp": "١٢٣٤٥٦"}, {"password": "x" * 100_000}],
)  # fmt: skip
def test_every_failure_looks_the_same(do, clerk, now, other):
    with pytest.raises(Invalid) as refused:
        enter(do, clerk, now, **other)
    assert (refused.value.code, refused.value.message) == (
        "wrong_sign_in",
        "用户名、密码或动态码不对。",
    )


def test_a_code_works_once(do, clerk, now):
    enter(do, clerk, now)
    with pytest.raises(Invalid):
        enter(do, clerk, now)
    enter(do, clerk, now + STEP)


def test_an_older_code_does_not_work_after_a_newer_one(do, clerk, now):
    enter(do, clerk, now + STEP)
    with pytest.raises(Invalid):
        enter(do, clerk, now + STEP, totp=staff.code_at(clerk[1], now))


def test_a_clock_half_a_minute_off(do, clerk, now):
    enter(do, clerk, now, totp=staff.code_at(clerk[1], now - STEP))
    with pytest.raises(Invalid):
        enter(do, clerk, now, totp=staff.code_at(clerk[1], now + 2 * STEP))


def test_ten_tries_a_quarter_of_an_hour(do, clerk, now):
    for _ in range(10):
        with pytest.raises(Invalid):
            enter(do, clerk, now, password="wrong")
    with pytest.raises(TooOften):
        enter(do, clerk, now)
    enter(do, clerk, now + timedelta(minutes=15))


def test_disabled_is_out_at_once(do, clerk, now):
    member = enter(do, clerk, now)
    token = do(lambda s: sign_in.issue(s, staff=s.get_one(Staff, member.id), now=now))
    do(staff.disable, "li", now=now)
    with pytest.raises(SignInNeeded):
        do(sign_in.rotate, token, now=now)
    with pytest.raises(Invalid):
        enter(do, clerk, now + STEP)


def test_reset_gives_new_factors(do, clerk, now):
    do(staff.disable, "li", now=now)
    _, password, uri = do(staff.reset, "li", now=now)
    with pytest.raises(Invalid):
        enter(do, clerk, now)
    enter(do, (password, uri), now)


def test_a_desk_session_ends_after_twelve_hours(do, clerk, now):
    member = enter(do, clerk, now)
    token = do(lambda s: sign_in.issue(s, staff=s.get_one(Staff, member.id), now=now))
    _, token = do(sign_in.rotate, token, now=now + timedelta(hours=11))
    with pytest.raises(SignInNeeded):
        do(sign_in.rotate, token, now=now + timedelta(hours=12))


def test_secrets_are_not_stored_readably(portal, do, clerk, now):
    with portal.database.reading() as session:
        row = session.scalars(select(Staff)).one()
        assert row.password_hash.startswith("$argon2id$")
        assert clerk[0] not in row.password_hash
        assert clerk[1].split("secret=")[1][:16].encode() not in row.totp_sealed


@pytest.mark.parametrize(
    ("username", "role", "region"),
    [("li", "king", None), ("li", "applicant", None), ("li", "county_clerk", "999999"),
     ("li", "county_clerk", ""), ("李", "county_clerk", None), ("", "county_clerk", None)],
)  # fmt: skip
def test_who_cannot_be_added(do, place, now, username, role, region):
    with pytest.raises(Invalid):
        do(staff.add, username, "李", role, place if region is None else region, now=now)


def test_a_name_is_taken_once(do, clerk, place, now):
    with pytest.raises(Conflict):
        do(staff.add, "LI", "李", Role.COUNTY_CLERK, place, now=now)


def test_an_administrator_needs_no_division(do, now):
    member, _, _ = do(staff.add, "root", "管理员", Role.ADMINISTRATOR, "", now=now)
    assert member.role == "administrator"


@pytest.mark.parametrize("verb", [staff.disable, staff.reset])
def test_unknown_names(do, now, verb):
    with pytest.raises(Invalid):
        do(verb, "nobody", now=now)


@pytest.mark.parametrize(
    ("role", "also", "roles"),
    [
        ("township_clerk", ["township_investigator"], {"township_clerk", "township_investigator"}),
        ("township_clerk", ["township_reviewer", "township_investigator", "township_clerk"],
         {"township_clerk", "township_investigator", "township_reviewer"}),
        ("county_checker", ["county_clerk"], {"county_checker", "county_clerk"}),
    ],
    ids=["兼调查", "一人三岗", "县里兼"],
)  # fmt: skip
def test_one_person_with_several_roles(portal, do, place, now, role, also, roles):
    made, *_factors = do(staff.add, "li", "李", role, place, also=also, now=now)
    with portal.database.reading() as session:
        token = tokens.issue(session, made, now=now)
        actor = tokens.verify(session, token, now=now)
    assert {actor.role, *actor.also} == roles
    assert all(actor.holds(Role(one)) for one in roles)
    do(staff.change, "li", also=[], now=now)
    with portal.database.reading() as session:
        assert tokens.verify(session, token, now=now).also == frozenset()


@pytest.mark.parametrize(
    ("role", "also"),
    [
        ("township_clerk", "county_confirmer"), ("township_reviewer", "administrator"),
        ("administrator", "auditor"), ("county_confirmer", "supervisor"),
        ("auditor", "auditor"), ("department_clerk", "township_clerk"), ("township_clerk", "cook"),
    ],
)  # fmt: skip
def test_roles_that_must_not_meet_in_one_person(do, place, now, role, also):
    with pytest.raises(Invalid) as refused:
        do(staff.add, "li", "李", role, place, also=[also], now=now)
    assert refused.value.code == "role"


def test_a_phone_for_alerts_is_sealed_and_can_be_taken_back(portal, do, place, now):
    made, *_factors = do(
        staff.add, "li", "李", "township_clerk", place, phone="138 1234 5678", now=now
    )
    assert b"13812345678" not in made.phone_sealed
    with portal.database.reading() as session:
        assert staff.phone_of(session, session.get_one(Staff, made.id)) == "13812345678"
    assert do(staff.change, "li", phone="", now=now).phone_sealed is None
    with pytest.raises(Invalid):
        do(staff.change, "li", phone="12345", now=now)
