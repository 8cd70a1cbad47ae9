"""Characters as people type them: plain letters, simplified forms, and how they are read."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice, product
from pathlib import Path

_HERE = Path(__file__).parent
_WAYS = 24
"""A word of many readings is tried in at most so many ways."""


def plain(text: str) -> tuple[str, list[int]]:
    """Its letters and figures only, simplified and in lower case, and where each stood in `text`."""
    kept: list[str] = []
    origin: list[int] = []
    simplified = _simplified()
    for at, character in enumerate(text):
        for one in unicodedata.normalize("NFKC", character).lower():
            if one.isalnum():
                kept.append(simplified.get(one, one))
                origin.append(at)
    return "".join(kept), origin


def readings(character: str) -> frozenset[str]:
    """Its syllables without tones, 行 → {xing, hang, heng}; itself when it is no Chinese character."""
    return _readings().get(character, frozenset({character}))


def sound_alike(one: str, other: str) -> bool:
    return not readings(one).isdisjoint(readings(other))


def initials(word: str) -> set[str]:
    """低保 → {db}: one for every way to read it."""
    return {"".join(way) for way in _ways({r[0] for r in readings(c)} for c in word)}


def syllables(word: str) -> set[str]:
    """低保 → {dibao}."""
    return {"".join(way) for way in _ways(readings(c) for c in word)}


def near(one: str, other: str) -> bool:
    """Whether one wrong, missing or superfluous character makes the difference."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) <= 1
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    at = next((n for n, c in enumerate(shorter) if longer[n] != c), len(shorter))
    return longer[at + 1 :] == shorter[at:]


def _ways(choices: Iterator[set[str]] | Iterator[frozenset[str]]) -> Iterator[tuple[str, ...]]:
    return islice(product(*(sorted(one) for one in choices)), _WAYS)


@cache
def _simplified() -> dict[str, str]:
    pairs = " ".join(_lines("search_traditional.txt")).split()
    return {pair[0]: pair[1] for pair in pairs}


@cache
def _readings() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _lines("search_pinyin.txt"):
        syllable, known = line.split()
        for character in known:
            found.setdefault(character, set()).add(syllable)
    return {character: frozenset(said) for character, said in found.items()}


def _lines(name: str) -> list[str]:
    lines = (_HERE / name).read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]
