"""Names: every character of the household register, and nothing that hides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.foundation.errors import Invalid
from portal.people.identity import PersonName

BLOCKS = {
    "基本区": (0x4E00, 0x9FFF), "扩展A": (0x3400, 0x4DBF), "扩展B": (0x20000, 0x2A6DF),
    "扩展C": (0x2A700, 0x2B73F), "扩展D": (0x2B740, 0x2B81F), "扩展E": (0x2B820, 0x2CEAF),
    "扩展F": (0x2CEB0, 0x2EBEF), "扩展G": (0x30000, 0x3134F), "扩展H": (0x31350, 0x323AF),
    "扩展I": (0x2EBF0, 0x2EE5F), "兼容": (0xF900, 0xFAFF), "兼容补充": (0x2F800, 0x2FA1F),
}  # fmt: skip


@pytest.mark.parametrize("block", BLOCKS)
def test_every_character_of_every_block(block):
    first, last = BLOCKS[block]
    for point in range(first, last + 1):
        name = chr(point)
        assert PersonName.parse(name) == PersonName(name)


@pytest.mark.parametrize(
    "name",
    ["𬱖", "㼆", "〇", "李〇", "\U00030000", "\U0002ebf0", "买买提·吐尔逊", "阿依古丽·买买提",
     "Anna Maria O'Neill", "Иван", "أحمد", "さくら", "김철수", "\uf9d1", "J. Smith-Jones"],
)  # fmt: skip
def test_kept_as_written(name):
    assert PersonName.parse(name) == PersonName(name)


@pytest.mark.parametrize("dot", list("•・‧･．\u0387") + ["."])
def test_dots_that_look_alike_become_one(dot):
    assert PersonName.parse(f"买买提{dot}吐尔逊").value == "买买提·吐尔逊"


@pytest.mark.parametrize("name", ["·买买提", "买买提·", "买··提", "买.·提"])
def test_dots_stand_between(name):
    assert refusal(name) == "name_dot"


@pytest.mark.parametrize(
    "hidden",
    ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u202a", "\u202e", "\u2066", "\u2069",
     "\u200e", "\u061c", "\u00ad", "\x00", "\x1b", "\n", "\t", "\x7f", "\u2028", "\ufe0f",
     "\U000e0041", "\ud800", "\uffff", "\u3164"],
)  # fmt: skip
def test_nothing_hides_in_a_name(hidden):
    assert refusal(f"张{hidden}三") == "invisible_char"


@pytest.mark.parametrize(
    "name", ["张\ue000", "张?", "张？", "张□", "张*三", "⿰木木", "张san", "张3", "\U000f0001"]
)
def test_a_missing_character_is_marked_and_not_refused(name):
    assert PersonName.parse(name) == PersonName(name, uncertain=True)


def test_variation_selectors_are_kept_and_not_compared():
    name = PersonName.parse("葛\U000e0100城")
    assert name.value == "葛\U000e0100城"
    assert not name.uncertain
    assert name.key == PersonName.parse("葛城").key
    assert refusal("a\U000e0100") == "invisible_char"


def test_compatibility_characters_stay_and_compare_equal():
    assert PersonName.parse("\uf9d1").value == "\uf9d1"
    assert PersonName.parse("\uf9d1").key == PersonName.parse("六").key


def test_radicals_offer_the_character():
    name = PersonName.parse("\u2f62红")
    assert name.uncertain
    assert name.suggestion == "甘红"
    assert PersonName.parse("张红").suggestion == ""


@pytest.mark.parametrize("name", ["  张三 ", "\u3000张三\u00a0", "张三\n"])
def test_outer_blanks_go(name):
    assert PersonName.parse(name).value == "张三"


@pytest.mark.parametrize("name", ["张 三", "张\u3000三"])
def test_inner_blanks_are_pointed_out(name):
    assert refusal(name) == "name_blank"


@pytest.mark.parametrize("name", ["", "  ", "张" * 51])
def test_length(name):
    assert refusal(name) == "name_length"


def test_fifty_characters_fit():
    assert PersonName.parse("𬱖" * 50).value == "𬱖" * 50


def test_stacks_of_marks():
    assert refusal("a" + "\u0301" * 4) == "name_marks"
    assert PersonName.parse("a" + "\u0301" * 3).value


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_a_refusal(text):
    try:
        name = PersonName.parse(text)
    except Invalid:
        return
    assert 1 <= len(name.value) <= 50
    assert PersonName.parse(name.value) == name


def refusal(name):
    with pytest.raises(Invalid) as refused:
        PersonName.parse(name)
    return refused.value.code
