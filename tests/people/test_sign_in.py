"""Codes by text, accounts, proof after a long absence, a changed number."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.contact import messages
from portal.contact.tables import TextMessage
from portal.foundation.errors import Conflict, Invalid, Refusal, TooOften
from portal.people import sign_in
from portal.people.tables import Account, PhoneCode, RefreshToken

PHONE = "13812345678"
OTHER = "13987654321"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def do(portal):
    """Run one verb in its own transaction, keeping what a refusal says is to be kept."""

    def run(verb, *args, **more):
        with portal.database.writing() as session:
            try:
                return verb(session, *args, **more)
            except Refusal as refusal:
                if refusal.keeps:
                    session.commit()
                raise

    return run


@pytest.fixture
def ask(do, now):
    """Ask for a code and read it off the phone."""

    def run(phone=PHONE, *, at=now, purpose="sign_in", device="d", network=""):
        do(sign_in.request_code, phone, purpose=purpose, device=device, network=network, now=at)
        texts = do(messages.latest)
        return re.search(r"验证码(\d{6})", next(t.text for t in texts if t.phone == phone))[1]

    return run


@pytest.fixture
def account(do, now):
    def run(phone=PHONE):
        return do(lambda s: sign_in.open_account(s, phone, now=now).id)

    return run


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def code_of(refused):
    return refused.value.code


def test_a_right_code_proves_the_number_once(do, ask, now):
    code = ask()
    do(sign_in.prove_code, PHONE, code, now=now)
    with pytest.raises(Invalid) as refused:
        do(sign_in.prove_code, PHONE, code, now=now)
    assert code_of(refused) == "code_over"


def used_up(do, typed, *, now):
    """Whether it was taken as the code: then it is good for nothing a second time."""
    do(sign_in.prove_code, PHONE, typed, now=now)
    with pytest.raises(Invalid) as refused:
        do(sign_in.prove_code, PHONE, typed, now=now)
    return code_of(refused) == "code_over"


@pytest.mark.parametrize("shape", ["{}", " {} ", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}"])
def test_a_code_as_people_type_it(do, ask, now, shape):
    assert used_up(do, shape.format(ask()), now=now)


def test_full_width_digits_of_a_code(do, ask, now):
    typed = "".join(chr(ord(d) - 0x30 + 0xFF10) for d in ask())
    assert used_up(do, typed, now=now)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "12345\x00"])
def test_what_is_no_code_costs_no_try(do, ask, now, typed):
    code = ask()
    for _ in range(5):
        with pytest.raises(Invalid) as refused:
            do(sign_in.prove_code, PHONE, typed, now=now)
        assert code_of(refused) == "code_format"
    do(sign_in.prove_code, PHONE, code, now=now)


def test_a_code_ends_after_five_minutes(do, ask, now):
    code = ask()
    with pytest.raises(Invalid):
        do(sign_in.prove_code, PHONE, code, now=now + 5 * MINUTE)


def test_a_code_is_good_until_then(do, ask, now):
    assert used_up(do, ask(), now=now + 5 * MINUTE - timedelta(seconds=1))


def test_three_wrong_tries_end_a_code_and_are_kept(do, ask, now):
    code = ask()
    for _ in range(3):
        with pytest.raises(Invalid) as refused:
            do(sign_in.prove_code, PHONE, wrong(code), now=now)
        assert code_of(refused) == "wrong_code"
    with pytest.raises(Invalid) as refused:
        do(sign_in.prove_code, PHONE, code, now=now)
    assert code_of(refused) == "code_over"


def test_a_code_is_for_one_purpose_and_one_number(do, ask, now):
    code = ask(purpose="sign:a:applicant")
    for phone, purpose in (
        (PHONE, "sign_in"),
        (PHONE, "sign:b:applicant"),
        (OTHER, "sign:a:applicant"),
    ):
        with pytest.raises(Invalid):
            do(sign_in.prove_code, phone, code, purpose=purpose, now=now)
    do(sign_in.prove_code, PHONE, code, purpose="sign:a:applicant", now=now)


def test_only_the_newest_code_counts(do, ask, now):
    first = ask()
    second = ask(at=now + MINUTE)
    if first != second:
        with pytest.raises(Invalid):
            do(sign_in.prove_code, PHONE, first, now=now + MINUTE)
    do(sign_in.prove_code, PHONE, second, now=now + MINUTE)


def test_ten_failures_close_the_way_by_text_for_a_day(do, ask, now):
    at, failures = now, 0
    while failures < 10:
        code = ask(at=at)
        for _ in range(min(3, 10 - failures)):
            with pytest.raises(Invalid):
                do(sign_in.prove_code, PHONE, wrong(code), now=at)
            failures += 1
        at += 13 * MINUTE
    for verb in (lambda: ask(at=at), lambda: do(sign_in.prove_code, PHONE, code, now=at)):
        with pytest.raises(TooOften) as refused:
            verb()
        assert code_of(refused) == "sms_closed"
        assert 0 < refused.value.retry_after <= 86_400
    ask(OTHER, at=at)
    ask(at=at + DAY)


def test_success_begins_the_count_of_failures_anew(do, ask, now):
    at = now
    for _ in range(5):
        code = ask(at=at)
        for _ in range(2):
            with pytest.raises(Invalid):
                do(sign_in.prove_code, PHONE, wrong(code), now=at)
        do(sign_in.prove_code, PHONE, code, now=at)
        at += 13 * MINUTE


def test_codes_are_kept_only_as_keyed_digests(portal, do, ask, now):
    code = ask()
    do(sign_in.prove_code, PHONE, code, now=now)
    portal.database.engine.dispose()
    stored = b"".join(p.read_bytes() for p in portal.settings.data.glob("portal.sqlite*"))
    assert PHONE.encode() not in stored
    assert f"验证码{code}".encode() not in stored


def test_one_text_a_minute(ask, now):
    ask()
    with pytest.raises(TooOften) as refused:
        ask(at=now + timedelta(seconds=59))
    assert 1 <= refused.value.retry_after <= 2
    ask(at=now + timedelta(seconds=60))


def test_a_victim_gets_ten_texts_a_day_however_many_ask(portal, do, now):
    at = now
    for n in range(0, 24 * 60, 4):
        at = now + n * MINUTE
        try:
            do(sign_in.request_code, PHONE, device=f"d{n}", network=f"10.{n % 250}.0.0/24", now=at)
        except TooOften:
            continue
    with portal.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(TextMessage)) == 10
        hours = sorted(session.scalars(select(PhoneCode.created_at)))
    for first, sixth in zip(hours, hours[5:], strict=False):
        assert sixth - first >= timedelta(hours=1)


def test_many_at_once_for_one_number_send_one_text(portal, do, now):
    def ask_once(n):
        try:
            do(sign_in.request_code, PHONE, device=f"d{n}", network="192.0.2.0/24", now=now)
        except TooOften:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask_once, range(16))) == 1


def test_guesses_at_once_get_no_more_than_three_tries(do, ask, now):
    code = ask()

    def guess(_n):
        with pytest.raises(Invalid) as refused:
            do(sign_in.prove_code, PHONE, wrong(code), now=now)
        return code_of(refused)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(guess, range(12))).count("wrong_code") == 3


def test_one_device_gets_twenty_texts_a_day(ask, now):
    for n in range(20):
        ask(f"138000000{n:02d}", at=now + n * MINUTE)
    with pytest.raises(TooOften):
        ask(at=now + 20 * MINUTE)
    ask(at=now + 20 * MINUTE, device="another")


def test_one_network_gets_sixty_texts_an_hour(ask, now):
    for n in range(60):
        at = now + n * timedelta(seconds=1)
        ask(f"138000000{n:02d}", at=at, device=f"d{n}", network="192.0.2.0/24")
    with pytest.raises(TooOften):
        ask(device="new", network="192.0.2.0/24")


def test_the_answer_does_not_tell_whether_there_is_an_account(do, ask, account, now):
    account()
    assert do(sign_in.request_code, PHONE, device="a", now=now) is None
    assert do(sign_in.request_code, OTHER, device="a", now=now) is None


def test_an_account_is_opened_once(do, account, now):
    first = account()
    assert account() == first
    assert account("+86 " + PHONE) == first
    assert account(OTHER) != first
    assert do(lambda s: sign_in.phone_of(s, s.get_one(Account, first)).value) == PHONE


def test_a_new_account_needs_no_proof(do, account, now):
    first = account()
    assert not do(lambda s: sign_in.needs_proof(s.get_one(Account, first), now))


def returning(do, account, now, days):
    """Sign in again after so many days; the account and the moment."""
    first, later = account(), now + days * DAY
    do(lambda s: sign_in.open_account(s, PHONE, now=later).id)
    return first, later


@pytest.mark.parametrize(("days", "closed"), [(180, False), (181, True), (400, True)])
def test_after_half_a_year_the_number_alone_shows_nothing(do, account, now, days, closed):
    first, later = returning(do, account, now, days)
    needs = do(lambda s: sign_in.needs_proof(s.get_one(Account, first), later))
    assert needs is closed


KNOWN = ["11010519491231002X"]


@pytest.mark.parametrize("typed", ["31002X", "31002x", "３１００２Ｘ", " 31002x "])
def test_proof_opens_it_again(do, account, now, typed):
    first, later = returning(do, account, now, 200)
    do(lambda s: sign_in.prove_person(s, s.get_one(Account, first), typed, KNOWN, now=later))
    assert not do(lambda s: sign_in.needs_proof(s.get_one(Account, first), later + DAY))


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("310021", KNOWN),
        ("", KNOWN),
        ("", [""]),
        ("1002X", KNOWN),
        ("31002X", []),
        ("11010519491231002X", KNOWN),
    ],
)
def test_wrong_proof(do, account, now, typed, known):
    first, later = returning(do, account, now, 200)
    with pytest.raises(Invalid) as refused:
        do(lambda s: sign_in.prove_person(s, s.get_one(Account, first), typed, known, now=later))
    assert code_of(refused) == "wrong_proof"
    assert do(lambda s: sign_in.needs_proof(s.get_one(Account, first), later))


def test_five_tries_of_proof_a_day(do, account, now):
    first, later = returning(do, account, now, 200)

    def attempt(typed):
        do(lambda s: sign_in.prove_person(s, s.get_one(Account, first), typed, KNOWN, now=later))

    for _ in range(5):
        with pytest.raises(Invalid):
            attempt("000000")
    with pytest.raises(TooOften):
        attempt("31002X")


def test_the_new_holder_of_a_number_begins_empty(do, account, now):
    first, later = returning(do, account, now, 200)
    token = do(lambda s: sign_in.issue(s, account=s.get_one(Account, first), now=later))
    fresh = do(lambda s: sign_in.start_afresh(s, s.get_one(Account, first), now=later).id)
    assert fresh != first
    assert do(lambda s: sign_in.find_account(s, PHONE).id) == fresh
    assert do(lambda s: s.get_one(Account, first).phone_sealed) is None
    with pytest.raises(Refusal):
        do(sign_in.rotate, token, now=later)


def test_no_fresh_start_without_need(do, account, now):
    first = account()
    with pytest.raises(Conflict):
        do(lambda s: sign_in.start_afresh(s, s.get_one(Account, first), now=now))


def move(do, which, phone, now):
    do(lambda s: sign_in.change_phone(s, s.get_one(Account, which), phone, now=now))


def test_a_changed_number_ends_sessions_and_tells_the_old_one(portal, do, account, now):
    first = account()
    do(lambda s: sign_in.issue(s, account=s.get_one(Account, first), now=now))
    move(do, first, OTHER, now)
    assert do(lambda s: sign_in.find_account(s, OTHER).id) == first
    assert do(lambda s: sign_in.find_account(s, PHONE)) is None
    told = do(messages.latest)
    assert [(t.phone, t.template) for t in told] == [(PHONE, "phone_changed")]
    with portal.database.reading() as session:
        assert session.scalars(select(RefreshToken)).one().revoked_at is not None


def test_a_number_in_use_is_not_taken_over(do, account, now):
    first = account()
    account(OTHER)
    with pytest.raises(Conflict) as refused:
        move(do, first, OTHER, now)
    assert code_of(refused) == "phone_taken"


def test_a_number_unused_for_long_is(do, account, now):
    account(OTHER)
    first, later = returning(do, account, now, 200)
    move(do, first, OTHER, later)
    assert do(lambda s: sign_in.find_account(s, OTHER).id) == first


def test_the_same_number_is_no_change(do, account, now):
    first = account()
    with pytest.raises(Conflict) as refused:
        move(do, first, PHONE, now)
    assert code_of(refused) == "same_phone"
