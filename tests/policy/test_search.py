"""Everyday words find the right program, and the sentence that says so."""

import itertools
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.policy import characters, everyday, loader, search
from portal.policy.reading import WrongProgram, read_yaml
from portal.policy.search import Index, Place

CATALOGUE = loader.load()
PLACES = [
    Place("430000", "湖南省", "province", "湖南省"),
    Place("430900", "益阳市", "prefecture", "湖南省益阳市"),
    Place("430923", "安化县", "county", "湖南省益阳市安化县"),
    Place("430923121", "东坪镇", "township", "湖南省益阳市安化县东坪镇"),
    Place("530622117", "东坪镇", "township", "云南省昭通市巧家县东坪镇"),
    Place("433100", "湘西土家族苗族自治州", "prefecture", "湖南省湘西土家族苗族自治州"),
]
INDEX = Index(CATALOGUE, PLACES)
KNOWN = {
    "dibao", "tekun", "linshi", "dibian", "gangxing", "yiliao", "jiaoyu", "zhufang", "jiuye",
    "shouzai", "jibing", "liulang", "cishan",
}  # fmt: skip


def ids(typed: str) -> list[str]:
    return [found.program.id for found in INDEX.search(typed).programs]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("没钱看病", "yiliao"), ("看不起病", "yiliao"), ("房子塌了", "shouzai"), ("房子漏雨", "zhufang"),
        ("孩子上学", "jiaoyu"), ("老人没人管", "tekun"), ("五保户", "tekun"), ("没饭吃", "linshi"),
        ("出车祸了", "linshi"), ("没工作", "jiuye"), ("发大水", "shouzai"), ("要饭的", "liulang"),
        ("没钱抢救", "jibing"), ("低保没通过", "dibian"), ("开销太大", "gangxing"), ("捐款", "cishan"),
        ("低保", "dibao"), ("最低生活保障", "dibao"), ("临时救助", "linshi"), ("特困", "tekun"),
        ("我妈妈得了癌症没钱治怎么办", "yiliao"), ("家里没收入", "dibao"),
    ],
)  # fmt: skip
def test_everyday_words(typed, first):
    assert ids(typed)[0] == first
    assert not INDEX.search(typed).near


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("dbh", "dibao"), ("DB", "dibao"), ("db", "dibao"), ("dibao", "dibao"), ("DiBao", "dibao"),
        ("lsjz", "linshi"), ("linshi", "linshi"), ("tk", "tekun"), ("mqkb", "yiliao"),
        ("ＤＢ", "dibao"), ("hzsx", "jiaoyu"),
    ],
)  # fmt: skip
def test_pinyin_and_its_initials(typed, first):
    assert ids(typed)[0] == first


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("臨時救助", "临时救助"),
        ("沒錢看病", "没钱看病"),
        ("低保戶", "低保户"),
        ("複議", "复议"),
        ("學費", "学费"),
    ],
)
def test_traditional_is_as_good(traditional, simplified):
    assert INDEX.search(traditional) == INDEX.search(simplified)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("抵保", "dibao"), ("低宝", "dibao"), ("特因", "tekun"), ("临时就助", "linshi"),
        ("最低升活保障", "dibao"), ("孩子上血", "jiaoyu"), ("房子踏了", "shouzai"), ("没线看病", "yiliao"),
        ("老人没人官", "tekun"), ("五保护", "tekun"),
    ],
)  # fmt: skip
def test_one_wrong_character_is_forgiven(typed, first):
    assert ids(typed)[0] == first


def test_what_only_comes_near_says_so():
    assert INDEX.search("抵保").near
    assert not INDEX.search("低保").near


def test_the_sentence_found_is_marked():
    for typed in ("没钱看病", "公示", "复议", "第29条", "抵保", "dbh"):
        for found in INDEX.search(typed).programs:
            for sentence in found.sentences:
                spans = list(itertools.chain.from_iterable(sentence.marks))
                assert spans == sorted(set(spans)), "marks overlap or are empty"
                assert all(0 <= at <= len(sentence.text) for at in spans)
    best = INDEX.search("公示").programs[0].sentences[0]
    assert best.text[slice(*best.marks[0])] == "公示"
    assert INDEX.search("失火").programs[0].sentences[0].text.startswith("失火、车祸")


def test_rules_and_deadlines_are_found_with_their_source():
    kinds = {s.kind for f in INDEX.search("公示").programs for s in f.sentences}
    assert "guide" in kinds
    kept = [line for line in INDEX._lines.lines if line.kind in ("rule", "deadline", "document")]
    assert kept
    assert all(
        line.source.startswith("（") and "中华人民共和国" not in line.source for line in kept
    )


@pytest.mark.parametrize(
    ("typed", "places", "first"),
    [
        ("安化", ["430923"], None),
        ("东坪", ["430923121", "530622117"], None),
        ("安化东坪", ["430923121"], None),
        ("安化低保标准", ["430923"], "dibao"),
        ("湘西 没钱看病", ["433100"], "yiliao"),
        ("湖南省益阳市安化县东坪镇房子塌了", ["430923121"], "shouzai"),
    ],
)
def test_places(typed, places, first):
    found = INDEX.search(typed)
    assert [p.code for p in found.places] == places
    assert not found.message
    if first:
        assert found.programs[0].program.id == first


@pytest.mark.parametrize(
    "typed", ["", "   ", "%", "_", "*", "？", "💰🏠", "\x00", "'; --", "<b>", "。，"]
)
def test_nothing_to_look_for(typed):
    found = INDEX.search(typed)
    assert not found.places
    assert found.message.endswith("。") or found.programs


@pytest.mark.parametrize("typed", ["x" * 1000, "没" * 1000, "9" * 1000, "龘龘龘", "㊙️"])
def test_long_or_strange_is_answered_and_quickly(typed):
    started = time.process_time()
    found = INDEX.search(typed)
    assert time.process_time() - started < 0.05
    assert found.programs or found.message == search.NOTHING


def test_a_long_story_is_cut_not_refused():
    assert ids("没钱看病，" + "唉" * 5000)[0] == "yiliao"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all(typed):
    found = INDEX.search(typed)
    assert bool(found.message) == (not found.programs and not found.places)


def test_a_search_takes_five_milliseconds_at_most():
    queries = ["没钱看病", "抵保", "dbh", "我在安化县，家里遭了洪水，房子塌了", "复议"]
    for typed in queries:
        INDEX.search(typed)
    started = time.process_time()
    for typed in queries * 4:
        INDEX.search(typed)
    assert (time.process_time() - started) / (4 * len(queries)) < 0.005


def test_a_fourteenth_program_is_found_by_its_folder_alone():
    new = replace(
        CATALOGUE.find("linshi"),
        id="wucan",
        title="老年午餐补助",
        short="午餐补助",
        guide="午餐便宜三元。",
    )
    index = Index(replace(CATALOGUE, programs={**CATALOGUE.programs, "wucan": new}))
    for typed in ("午餐补助", "wcbz", "午餐便宜", "午歺补助"):
        assert index.search(typed).programs[0].program.id == "wucan"


def test_the_words_are_many_and_name_known_programs():
    entries = list(read_yaml(everyday.WORDS).each("words"))
    assert len(entries) >= 80
    said = [word for entry in entries for word in entry.value["say"]]
    assert sorted(w for w in said if said.count(w) > 1) == []
    assert {p for entry in entries for p in entry.value["programs"]} <= KNOWN
    assert CATALOGUE.programs.keys() >= KNOWN


def test_every_program_is_meant_by_some_words():
    entries = list(read_yaml(everyday.WORDS).each("words"))
    assert {p for entry in entries for p in entry.value["programs"][:1]} == KNOWN


def test_wrong_words_are_refused(tmp_path):
    file = tmp_path / "words.yaml"
    file.write_text("words:\n  - {say: [1], programs: [dibao]}\n", "utf-8")
    with pytest.raises(WrongProgram):
        everyday.Sayings(CATALOGUE, file)


def test_characters():
    assert characters.plain("臨時，救助 Ａ！") == ("临时救助a", [0, 1, 3, 4, 6])
    assert characters.initials("低保") == {"db"}
    assert "dibao" in characters.syllables("低保")
    assert characters.readings("行") >= {"xing", "hang"}
    assert characters.sound_alike("抵", "低")
    assert not characters.sound_alike("高", "低")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("低保", "低保", True), ("低保", "高保", True), ("低保", "低", True), ("低保户", "低户", True),
     ("低保", "高报", False), ("低", "低保户", False), ("", "低", True)],
)  # fmt: skip
def test_near(one, other, expected):
    assert characters.near(one, other) is expected
    assert characters.near(other, one) is expected
