"""A grandmother can read it: short sentences, common characters, official terms explained."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from portal.policy import amounts, asking, loader, review
from portal.policy.catalogue import Field, Program

LONGEST = 20
HERE = Path(__file__).parent
TERMS = (HERE / "terms.txt").read_text("utf-8").split()
ALLOWED = set((HERE / "allowed_characters.txt").read_text("utf-8"))
CATALOGUE = loader.load()
PROGRAMS = list(CATALOGUE.programs.values())
BY_ID = [p.id for p in PROGRAMS]


def common_characters() -> set[str]:
    """The 3755 characters of GB 2312 level 1: those of everyday print."""
    rows = [bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)]
    return {pair.decode("gb2312") for pair in rows if pair <= b"\xd7\xf9"}


COMMON = common_characters()


def han(text: str) -> list[str]:
    return [c for c in text if "\u4e00" <= c <= "\u9fff"]


def sentences(text: str) -> list[str]:
    return [s for s in re.split(r"[。！？；\n]", text) if s]


def of_field(field: Field) -> Iterator[str]:
    yield from (field.label, field.hint, *(o.label for o in field.options))
    for inner in field.fields:
        yield from of_field(inner)


def of_form(program: Program) -> Iterator[str]:
    for step in program.form.steps:
        yield from (step.title, step.lead)
        for field in step.fields:
            yield from of_field(field)
    for paper in program.documents:
        yield from (paper.title, paper.hint)


def of_rules(program: Program) -> Iterator[str]:
    yield from (rule.text for rule in review.rules(program))
    yield from (text for track in program.tracks for text in (track.title, track.short))
    moves = (*program.procedure, *(m for t in program.tracks for m in t.procedure))
    yield from (move.title for move in moves)
    yield from (text for one in program.go_to for text in (one.name, one.say))
    yield from (other.why for other in program.elsewhere)
    yield from (deadline.title for deadline in program.deadlines)


def said(program: Program) -> Iterator[str]:
    """Everything of a program that people read."""
    yield from (program.title, program.short, program.summary, program.department)
    yield from (program.routing_why, program.form_note, program.guide)
    yield program.referral.to if program.referral else ""
    yield program.automatic.text if program.automatic else ""
    yield from of_form(program)
    yield from of_rules(program)


def of_amounts() -> Iterator[str]:
    """Every standard as it is said, in force and in history."""
    for on in (date(2022, 1, 1), date(2025, 7, 1), date(2026, 11, 22)):
        for amount in CATALOGUE.amounts:
            yield from (amount.item, amounts.words(amount, on=on))
            past = amounts.history(CATALOGUE, amount.program, amount.region, on=on)
            yield from (words for _amount, words in past)


@pytest.fixture(params=PROGRAMS, ids=BY_ID)
def program(request):
    return request.param


def test_amounts_are_said_shortly_and_in_common_characters():
    said = set(of_amounts())
    assert not [s for text in said for s in sentences(text) if len(han(s)) > LONGEST]
    assert not {c for text in said for c in han(text)} - COMMON - ALLOWED


def test_there_are_3755_common_characters():
    assert len(COMMON) == 3755


def test_sentences_are_short(program):
    long = [s for text in said(program) for s in sentences(text) if len(han(s)) > LONGEST]
    assert not long, f"more than {LONGEST} characters: {long}"


def test_characters_are_common(program):
    rare = {c for text in said(program) for c in han(text)} - COMMON - ALLOWED
    assert not rare, f"put a plainer word, or the character into allowed_characters.txt: {rare}"


def test_official_terms_are_explained_where_they_are_used(program):
    for term in TERMS:
        used = re.search(rf"{term}(?!边缘)", program.guide)
        explained = re.search(rf"{term}(，?就是|（|：)", program.guide)
        assert not used or explained, f"the guide uses {term} and never says what it is"


def test_claims_of_the_guide_cite_their_article(program):
    """At least one citation under every heading that states rules."""
    parts = program.guide.split("## ")[1:]
    assert all(re.search(r"（[^）]*(法|办法|意见)[^）]*）", part) for part in parts)


def test_every_missing_thing_can_be_named_in_words(program):
    assert all(f.label for f in asking.missing(program.form, {}))
