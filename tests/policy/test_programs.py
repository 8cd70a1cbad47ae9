"""The programs as they are: every example, every citation, every promise about the form."""

from datetime import date

import pytest

from portal.people.identity import IdNumber
from portal.policy import amounts, asking, guide, loader, regions
from portal.policy.catalogue import KINDS

CATALOGUE = loader.load()
PROGRAMS = list(CATALOGUE.programs.values())
CASES = [(p, c) for p in PROGRAMS for c in p.cases]
BY_ID = [p.id for p in PROGRAMS]


@pytest.fixture(params=PROGRAMS, ids=BY_ID)
def program(request):
    return request.param


@pytest.mark.parametrize(("program", "case"), CASES, ids=[f"{p.id}-{c.name}" for p, c in CASES])
def test_example(program, case):
    expect, place = case.expect, asking.place(program, case.answers)
    assert [f.name for f in asking.missing(program.form, case.answers)] == expect["missing"]
    assert [d.item for d in asking.documents(program, case.answers)] == expect["documents"]
    assert (place.field, place.code) == (expect["place"], expect["township"])
    assert "社会救助法第37条" in place.why


@pytest.mark.parametrize(("program", "case"), CASES, ids=[f"{p.id}-{c.name}" for p, c in CASES])
def test_numbers_of_examples_are_synthetic(program, case):
    rows = [case.answers, *case.answers.get("members", [])]
    for number in (r.get("applicant_id_number") or r.get("id_number") for r in rows):
        assert number is None or IdNumber.parse(number).birth_date.year == 1900


def test_places_of_examples_exist(portal):
    with portal.database.reading() as session:
        for program, case in CASES:
            code = asking.place(program, case.answers).code
            assert not code or regions.find(session, code).level == "township"


def test_at_least_four_examples(program):
    assert len(program.cases) >= 4


def test_only_four_things_are_indispensable(program):
    """Name, place, one way to be found, what happened; nothing else may block."""
    needed = {f.name: f.unless for f in program.form.fields if f.indispensable}
    assert needed.pop("applicant_name") == ""
    assert needed.pop(program.routing) == ""
    assert needed.pop("phone") == "found_by"
    assert needed.pop("reason") in ("reason_words", "what_happened")
    assert not needed


def test_no_paper_is_demanded(program):
    """社会救助法 第62条."""
    assert {d.need for d in program.documents} <= {"helpful", "shared"}
    shared = {d.item for d in program.documents if d.need == "shared"}
    assert {"id_card", "disability_cert"} <= shared


def test_dibao_asks_the_seventeen_items():
    form = CATALOGUE.find("dibao").form
    inner = [f for people in form.fields for f in people.fields]
    assert {f.item_no for f in (*form.fields, *inner)} == set(range(1, 18))
    assert "没有公开" in CATALOGUE.find("dibao").form_note


def test_law_comes_first(program):
    assert program.sources[0].document == "中华人民共和国社会救助法"


def test_older_texts_are_marked(program):
    rules = [*program.deadlines, *program.documents]
    for source in [*program.sources, *(r.source for r in rules)]:
        if source.number.startswith("民发〔20"):
            assert "新法施行后是否继续有效，待核" in source.note


def test_small_emergencies_take_three_days():
    found = [d for d in CATALOGUE.find("linshi").deadlines if d.step == "small_track"]
    assert [(d.days, d.unit, d.region) for d in found] == [(3, "day", "")]


def test_an_emergency_asks_for_no_consent():
    linshi = CATALOGUE.find("linshi")
    assert not asking.consent_asked(linshi, {"track": "urgent"})
    assert asking.consent_asked(linshi, {"track": "expense"})
    assert not asking.consent_asked(linshi, {"track": "expense", "recognised": ["dibao"]})


def test_there_are_twelve_kinds():
    assert len(KINDS) == len(set(KINDS)) == 12


def test_digests_change_with_the_question():
    fields = [f for p in PROGRAMS for f in p.form.fields]
    asked = {(f.label, f.kind, f.options, tuple(i.digest for i in f.fields)) for f in fields}
    assert len({f.digest for f in fields}) == len(asked)


def test_guide_becomes_blocks(program):
    found = guide.blocks(program.guide)
    assert {b.kind for b in found} == {"heading", "paragraph", "list"}
    assert all(text for b in found for text in b.texts)


@pytest.mark.parametrize(
    ("path", "on", "said"),
    [
        ("430000/430900/430923", date(2025, 6, 1), ["每月740元", "每月485元"]),
        ("430000/430900/430923", date(2026, 11, 22), ["2025年的标准是每月740元", "2026年的标准待确认"]),
        ("430000/430400/430481", date(2022, 1, 1), ["当地标准是每月600元", "当地标准是每月380元"]),
        ("430000/430400/430481", date(2026, 11, 22), ["每月740元", "每月485元"]),
        ("530000/530100/530113", date(2026, 1, 1), ["当地标准是每月744元", "当地标准是每月560元"]),
        ("530000/532300/532325", date(2026, 11, 22), ["每月744元", "每年6720元", amounts.UNKNOWN]),
    ],
    ids=["湖南当年", "湖南过期", "耒阳当时", "耒阳低于全省", "东川", "姚安"],
)  # fmt: skip
def test_amounts_in_force(path, on, said):
    found = amounts.in_force(CATALOGUE, "dibao", path, on=on)
    text = "".join(amounts.words(a, on=on) for a in found)
    assert all(part in text for part in said)


def test_no_amount_without_a_place():
    assert amounts.in_force(CATALOGUE, "dibao", "", on=date(2026, 11, 22)) == ()


def test_averages_and_thresholds_are_not_shown():
    kinds = {a.kind for a in amounts.in_force(CATALOGUE, "linshi", "530000", on=date(2026, 11, 22))}
    assert kinds <= {"guide_min", "local"}
