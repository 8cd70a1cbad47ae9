"""Identity numbers, phones and accounts as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.foundation.errors import Invalid
from portal.people.identity import BankAccount, IdNumber, OldIdNumber, Phone, Sex

TODAY = date(2026, 11, 22)
GOOD = "11010519491231002X"
DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        pytest.param(GOOD, GOOD, id="标准"),
        pytest.param("11010519491231002x", GOOD, id="小写x"),
        pytest.param("１１０１０５１９４９１２３１００２Ｘ", GOOD, id="全角"),
        pytest.param("１１０１０５１９４９１２３１００２ｘ", GOOD, id="全角小写"),
        pytest.param(" 110105 1949-1231\u3000002X\n", GOOD, id="空格和横线"),
        pytest.param("440524188001010014", "440524188001010014", id="一八八零年"),
        pytest.param("810000199408230021", "810000199408230021", id="港澳台居住证"),
        pytest.param("430923190001010010", "430923190001010010", id="样例"),
        pytest.param("82000019000101001X", "82000019000101001X", id="澳门样例"),
    ],
)
def test_accepted(typed, value):
    assert IdNumber.parse(typed).value == value


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("110105194912310021", "id_check", id="校验位错"),
        pytest.param("11010519491321002X", "id_check", id="换位"),
        pytest.param("1101051949123100", "id_check", id="十六位"),
        pytest.param("11010519491231002", "id_check", id="十七位"),
        pytest.param(GOOD + "1", "id_check", id="十九位"),
        pytest.param("", "id_check", id="空"),
        pytest.param("X" * 18, "id_check", id="全X"),
        pytest.param("1" * 100_000, "id_check", id="极长"),
        pytest.param("11010519491231002Х", "ascii_only", id="西里尔字母"),
        pytest.param("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "ascii_only", id="阿拉伯数字"),
        pytest.param("①1010519491231002X", "ascii_only", id="带圈数字"),
        pytest.param("²1010519491231002X", "ascii_only", id="上标"),
        pytest.param("1101051949\u200b1231002X", "ascii_only", id="零宽"),
    ],
)
def test_refused(typed, code):
    with pytest.raises(Invalid) as refused:
        IdNumber.parse(typed, today=TODAY)
    assert refused.value.code == code


def number(body):
    """The eighteen digits that begin with these seventeen."""
    weights = [2 ** (17 - n) % 11 for n in range(17)]
    total = sum(w * int(d) for w, d in zip(weights, body, strict=True))
    return body + "10X98765432"[total % 11]


@pytest.mark.parametrize(
    ("birth", "good"),
    [
        ("20000229", True), ("20010229", False), ("19900230", False), ("00000000", False),
        ("19901301", False), ("20261122", True), ("20261123", False), ("20991231", False),
        ("18961122", True), ("18951121", False), ("17000101", False),
    ],
)  # fmt: skip
def test_birth_dates(birth, good):
    typed = number(f"430211{birth}001")
    if good:
        assert IdNumber.parse(typed, today=TODAY).birth_date == date.fromisoformat(birth)
    else:
        with pytest.raises(Invalid) as refused:
            IdNumber.parse(typed, today=TODAY)
        assert refused.value.code == "id_date"


@pytest.mark.parametrize("area", ["000000", "999999", "123456", "422801", "710000"])
def test_an_unknown_or_abolished_county_is_no_reason_to_refuse(area):
    assert IdNumber.parse(number(f"{area}19500101001")).county_hint == area


@given(
    area=st.text(DIGITS, min_size=6, max_size=6),
    born=st.dates(date(1900, 1, 1), TODAY),
    sequence=st.text(DIGITS, min_size=3, max_size=3),
    place=st.integers(0, 17),
    other=st.sampled_from(DIGITS),
)
def test_every_single_slip_is_found(area, born, sequence, place, other):
    good = number(f"{area}{born:%Y%m%d}{sequence}")
    parsed = IdNumber.parse(good, today=TODAY)
    assert parsed.birth_date == born
    assert parsed.sex is (Sex.MALE if int(sequence[2]) % 2 else Sex.FEMALE)
    if good[place] != other:
        with pytest.raises(Invalid):
            IdNumber.parse(good[:place] + other + good[place + 1 :], today=TODAY)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_refusal(text):
    try:
        parsed = IdNumber.parse(text, today=TODAY)
    except Invalid:
        return
    assert parsed.value.isascii()
    assert len(parsed.value) == 18


def test_fifteen_digits_offer_the_number_of_today():
    with pytest.raises(OldIdNumber) as refused:
        IdNumber.parse("110105491231002", today=TODAY)
    assert refused.value.code == "id_15"
    assert refused.value.suggestion == GOOD
    assert GOOD in refused.value.message


def test_fifteen_digits_with_an_impossible_date():
    with pytest.raises(Invalid) as refused:
        IdNumber.parse("110105491331002", today=TODAY)
    assert refused.value.code == "id_date"


def test_what_a_number_shows_of_itself():
    parsed = IdNumber.parse(GOOD)
    assert parsed.masked == "1" + "*" * 16 + "X"
    assert (parsed.last_four, parsed.last_six, parsed.sex) == ("002X", "31002X", Sex.FEMALE)
    assert "1949" not in repr(parsed)


@pytest.mark.parametrize(
    "typed",
    ["13812345678", "+8613812345678", "+86 138-1234-5678", "008613812345678", "8613812345678",
     "１３８１２３４５６７８", " 138 1234 5678 ", "138\u30001234\u00a05678", "＋8613812345678"],
)  # fmt: skip
def test_mobile_numbers(typed):
    assert Phone.parse(typed).value == "13812345678"


@pytest.mark.parametrize("prefix", ["162", "165", "167", "170", "171", "192", "199", "130"])
def test_every_range_of_mobile_numbers(prefix):
    assert Phone.parse(prefix + "12345678").mobile


@pytest.mark.parametrize(
    "typed",
    ["1381234567", "138123456789", "10812345678", "12812345678", "4008123456", "95588", "",
     "07311234567", "+85291234567", "1381234567a", "١٣٨١٢٣٤٥٦٧٨", "13812345678;drop", "０" * 11],
)  # fmt: skip
def test_what_cannot_receive_a_code(typed):
    with pytest.raises(Invalid):
        Phone.parse(typed)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("0731-22334455", "073122334455"), ("(0731) 2233445", "07312233445"),
     ("010 6655 4433", "01066554433"), ("13812345678", "13812345678")],
)  # fmt: skip
def test_numbers_to_call_back(typed, value):
    assert Phone.parse_any(typed).value == value


@pytest.mark.parametrize("typed", ["22334455", "0731", "4008123456", "村口小卖部"])
def test_no_number_to_call_back(typed):
    with pytest.raises(Invalid):
        Phone.parse_any(typed)


def test_a_phone_shows_little():
    assert Phone.parse("13812345678").masked == "138****5678"
    assert "1234" not in repr(Phone.parse("13812345678"))


@pytest.mark.parametrize(
    ("typed", "warned"),
    [("6222 0200 0000 0000 001", True), ("4111111111111111", False), ("123", True), ("存折", True)],
)
def test_bank_accounts_are_warned_about_and_never_refused(typed, warned):
    assert bool(BankAccount.parse(typed).warning) is warned


@given(st.text())
def test_any_text_is_an_account(text):
    account = BankAccount.parse(text)
    assert BankAccount.parse(account.value) == account
