"""The programs as they are: every example, every citation, every promise about the form."""

import re
from datetime import date

import pytest

from portal.people.identity import IdNumber
from portal.policy import amounts, asking, checks, citing, guide, loader, regions, review
from portal.policy.catalogue import KINDS
from portal.policy.conditions import holds

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
    if program.has_form:
        assert (place.field, place.code) == (expect["place"], expect["township"])
    else:
        assert [g.name for g in program.go_to] == expect["go_to"]
    assert "社会救助法第" in place.why


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
    assert needed.pop("applicant_name", "") == ""
    assert needed.pop("phone", "found_by") == "found_by"
    assert needed.pop("reason", "reason_words") in ("reason_words", "what_happened")
    assert set(needed) == ({program.routing} if program.has_form else set())


def test_no_form_where_none_is_due():
    """社会救助法 第38、51条: the school and the hospital act; at all others one applies here."""
    without = {p.id: p.entry for p in PROGRAMS if not p.has_form}
    assert without == {"jiaoyu": "school", "jibing": "hospital"}
    assert all(p.go_to for p in PROGRAMS if not p.has_form)
    assert all(p.entry in checks.WITH_A_FORM for p in PROGRAMS if p.has_form)


def test_who_lives_on_dibao_need_not_apply_for_medical_aid():
    yiliao = CATALOGUE.find("yiliao")
    assert holds(yiliao.automatic.when, {"recognised": ["tekun"]})
    assert not holds(yiliao.automatic.when, {"recognised": ["dibian", "unsure"]})


def test_a_status_once_recognised_is_not_checked_again():
    """社会救助法 第42条."""
    for name in ("yiliao", "zhufang", "linshi"):
        found = CATALOGUE.find(name)
        assert not asking.consent_asked(found, {"track": "expense", "recognised": ["dibian"]})


def test_charity_sees_only_what_was_agreed_to():
    """个人信息保护法 第23条: a consent of its own; no identity number, no illness."""
    cishan = CATALOGUE.find("cishan")
    assert cishan.referral.consent == "charity_consent"
    assert cishan.referral.consent not in cishan.referral.fields
    kinds = {f.kind for f in cishan.form.fields}
    assert "id_number" not in kinds
    assert not any(f.indispensable for f in cishan.form.fields if f.kind == "consent")


def test_obligors_are_never_asked_for_by_number():
    """社会救助法 第41条: only when necessary, and with their consent."""
    fields = [f for f in CATALOGUE.find("tekun").form.fields if "obligor" in f.name]
    assert {f.kind for f in fields} == {"choice", "text"}


def test_a_program_says_everything_about_itself(program):
    assert program.who_may_apply
    assert program.procedure
    assert program.benefit
    assert program.remedies
    assert program.afterwards
    assert program.department
    assert program.review_by > program.version


def test_the_household_programs_say_who_and_what_counts():
    for name in ("dibao", "dibian", "gangxing"):
        assert CATALOGUE.find(name).household.counted
    for name in ("dibao", "tekun", "dibian", "gangxing"):
        assert CATALOGUE.find(name).income.counted


def test_linshi_has_its_three_tracks():
    tracks = CATALOGUE.find("linshi").tracks
    assert [t.title for t in tracks] == ["小额快救", "急难型", "支出型"]
    chosen = next(f for f in CATALOGUE.find("linshi").form.fields if f.name == "track")
    assert {t.key for t in tracks} < {o.value for o in chosen.options}
    assert all(t.who and t.procedure and t.benefit for t in tracks)
    assert not any(m.step in ("check", "public_notice") for m in tracks[0].procedure)


def test_every_source_is_complete(program):
    for words, source in review.sources(program):
        assert source.document, words
        assert source.confidence in citing.CONFIDENCE, words
        if source.document == "中华人民共和国社会救助法":
            assert re.fullmatch(r"(第\d+条、?)+", source.article), words


def test_no_paper_is_demanded(program):
    """社会救助法 第62条."""
    assert {d.need for d in program.documents} <= {"helpful", "shared"}
    shared = {d.item for d in program.documents if d.need == "shared"}
    assert "id_card" in shared or not program.has_form
    helpful = {d.item for d in program.documents} - shared
    assert not helpful & {"id_card", "hukou_book", "disability_cert", "assist_cert"}


def test_dibao_asks_the_seventeen_items():
    form = CATALOGUE.find("dibao").form
    inner = [f for people in form.fields for f in people.fields]
    assert {f.item_no for f in (*form.fields, *inner)} == set(range(1, 18))
    assert "没有公开" in CATALOGUE.find("dibao").form_note


def test_law_comes_first(program):
    assert program.sources[0].document == "中华人民共和国社会救助法"


def test_older_texts_are_marked(program):
    for _words, source in review.sources(program):
        if source.number.startswith(("民发〔20", "湘民发", "云民", "国务院令")):
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
    assert len([b for b in found if b.kind == "heading"]) >= 5
    assert all(text for b in found for text in b.texts)


@pytest.mark.parametrize(
    ("path", "on", "said"),
    [
        ("430000/430900/430923", date(2025, 6, 1), ["每月740元", "每月485元"]),
        ("430000/430900/430923", date(2026, 11, 22), ["2025年的标准是每月740元", "2026年的标准待确认"]),
        ("430000/430400/430481", date(2021, 12, 1), ["当地标准是每月600元", "当地标准是每月380元"]),
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
