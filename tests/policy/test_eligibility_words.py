"""What the self-check says is plain: short sentences of everyday characters."""

from collections.abc import Iterator

from portal.policy.eligibility import questions, rules
from portal.policy.eligibility.engine import HAVE_IT, LABELS, TO_CHECK
from tests.policy.test_readability import ALLOWED, COMMON, LONGEST, han, sentences


def said() -> Iterator[str]:
    for question in questions.load().all.values():
        yield from (question.label, question.hint, question.short)
        yield from (option.label for option in question.options)
    for contradiction in questions.load().contradictions:
        yield contradiction.says
    for found in rules.load().values():
        for entry in found.entries:
            for track in entry.tracks:
                yield track.title
                yield from (test.title for test in track.tests)
    yield from (*LABELS.values(), HAVE_IT, TO_CHECK)


def test_句子不超过二十个字() -> None:
    assert not [s for text in said() for s in sentences(text) if len(han(s)) > LONGEST]


def test_都是常用字() -> None:
    assert not {c for text in said() for c in han(text)} - COMMON - ALLOWED


def test_结果里没有肯定的话() -> None:
    """Nobody is told that they fit, or that they do not: the office decides."""
    assert set(LABELS.values()) == {"可能符合", "看起来不符合", "还说不准", "已有更强的救助"}
    assert "可能" in TO_CHECK
