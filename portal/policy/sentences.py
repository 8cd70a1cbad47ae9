"""The sentences of all programs as one text, so that words are found in microseconds."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from portal.policy import deadlines, guide
from portal.policy.catalogue import Catalogue, Program, Rule, Source
from portal.policy.characters import near, plain, sound_alike

_SENTENCE = re.compile(r"[^。！？]+[。！？]*(?:（[^（）]*(?:（[^（）]*）[^（）]*)*）)?")
_ONLY_SOURCE = re.compile(r"（.*）\Z")
_MANY = 400
_REPUBLIC = "中华人民共和国"


@dataclass(frozen=True)
class Line:
    """`kind`: summary · guide · rule · document · deadline; `source` where the text names none."""

    program: str
    kind: str
    text: str
    source: str = ""


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` (not included) of the text of line number `line`."""

    line: int
    start: int
    end: int


def of(catalogue: Catalogue) -> list[Line]:
    """What people may look for, in reading order: the text of every program."""
    return [line for program in catalogue.programs.values() for line in _of(program)]


class Lines:
    """Lines made ready for looking. Words are looked for as `characters.plain` leaves them."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self._origins: list[list[int]] = []
        self._starts: list[int] = []
        self._pairs: dict[str, list[int]] = {}
        words = []
        at = 0
        for line in lines:
            word, origin = plain(line.text)
            words.append(word)
            self._origins.append(origin)
            self._starts.append(at)
            for start in range(len(word) - 1):
                if origin[start + 1] - origin[start] > 1:
                    continue
                self._pairs.setdefault(word[start : start + 2], []).append(at + start)
            at += len(word) + 1
        self._text = "\n".join(words)

    def find(self, word: str) -> list[Span]:
        """Where it stands, in reading order."""
        return [self._span(at, len(word)) for at in _all(self._text, word)]

    def find_near(self, word: str) -> list[Span]:
        """Where it stands but for one wrong, missing or superfluous character.

        Of two characters the wrong one must sound like the right one; one alone has no other.
        """
        if len(word) < 2:
            return []
        return [self._span(at, size) for at, size in sorted(set(near_places(word, self._text)))]

    def share(self, words: str) -> dict[int, tuple[float, list[Span]]]:
        """By line: how much of `words` it has, 0 to 1, counted in pairs, rare ones for more."""
        pairs = {words[n : n + 2] for n in range(len(words) - 1)}
        weights = {pair: log(1 + len(self.lines) / self._known(pair)) for pair in pairs}
        whole = sum(weights.values()) or 1.0
        found: dict[int, tuple[float, list[Span]]] = {}
        for pair in sorted(pairs & self._pairs.keys()):
            spans = [self._span(at, 2) for at in self._pairs[pair]]
            for number, span in {s.line: s for s in reversed(spans)}.items():
                before, marks = found.get(number, (0.0, []))
                found[number] = (before + weights[pair] / whole, [*marks, span])
        return found

    def _known(self, pair: str) -> int:
        return len(self._pairs.get(pair, ())) or 1

    def _span(self, at: int, size: int) -> Span:
        number = bisect_right(self._starts, at) - 1
        origin, first = self._origins[number], at - self._starts[number]
        return Span(number, origin[first], origin[first + size - 1] + 1)


def near_places(word: str, text: str) -> Iterator[tuple[int, int]]:
    """Position and length in `text` of what differs from `word` by one character.

    One wrong character leaves one half of the word untouched: only there is compared.
    """
    if len(word) == 2:
        yield from _alike(word, text)
        return
    half = len(word) // 2
    for part, before in ((word[:half], 0), (word[half:], half)):
        for at in _all(text, part)[:_MANY]:
            for size in (len(word), len(word) - 1, len(word) + 1):
                start = at if before == 0 else at + len(part) - size
                there = text[max(start, 0) : start + size]
                if len(there) == size and "\n" not in there and near(word, there):
                    yield start, size
                    break


def _alike(word: str, text: str) -> Iterator[tuple[int, int]]:
    for at in _all(text, word[0])[:_MANY]:
        if at + 1 < len(text) and sound_alike(text[at + 1], word[1]):
            yield at, 2
    for at in _all(text, word[1])[:_MANY]:
        if at > 0 and sound_alike(text[at - 1], word[0]):
            yield at - 1, 2


def _all(text: str, word: str) -> list[int]:
    found = []
    at = text.find(word) if word else -1
    while at >= 0:
        found.append(at)
        at = text.find(word, at + 1)
    return found


def _of(program: Program) -> Iterator[Line]:
    yield Line(program.id, "summary", program.summary)
    for block in guide.blocks(program.guide):
        if block.kind != "heading":
            for text in block.texts:
                yield from (Line(program.id, "guide", s) for s in _split(text))
    for rule in _rules(program):
        yield Line(program.id, "rule", rule.text, _cited(rule.source))
    for paper in program.documents:
        yield Line(program.id, "document", f"{paper.title}：{paper.hint}", _cited(paper.source))
    for limit in program.deadlines:
        words = f"{limit.title}：{deadlines.words(limit)}"
        yield Line(program.id, "deadline", words, _cited(limit.source))


def _rules(program: Program) -> Iterator[Rule]:
    """Whoever reads the guide need not see them; whoever looks for a word should find it."""
    household, income = program.household, program.income
    yield from (*program.who_may_apply, *household.counted, *household.not_counted)
    yield from (*household.single, *income.counted, *income.exempt, *income.deducted)
    for track in program.tracks:
        yield from (*track.who, *track.benefit)
    yield from (*program.benefit, *program.afterwards, *program.remedies)


def _cited(source: Source) -> str:
    return f"（{source.document.removeprefix(_REPUBLIC)}{source.article}）"


def _split(text: str) -> Iterator[str]:
    """Its sentences, each with the source behind it; a source alone is none."""
    for found in _SENTENCE.finditer(text):
        sentence = found.group().strip()
        if sentence and not _ONLY_SOURCE.match(sentence) and plain(sentence)[0]:
            yield sentence
