"""Everyday words and the programs they mean: search_words.yaml, and the programs' own names."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.policy.catalogue import Catalogue, Program
from portal.policy.characters import initials, plain, syllables
from portal.policy.reading import Node, read_yaml
from portal.policy.sentences import near_places

WORDS = Path(__file__).parent / "search_words.yaml"
_NAME, _WHOLE, _PART, _NEAR = 60, 100, 70, 50
_LETTER, _RANK = 4, 12
_FEWEST_TO_FORGIVE, _MOST_TO_FORGIVE, _LONG_NAME = 2, 40, 4


@dataclass(frozen=True)
class Saying:
    """One way to say it, `said` as `characters.plain` leaves it."""

    said: str
    programs: tuple[str, ...]
    look_for: tuple[str, ...]
    is_name: bool = False


@dataclass(frozen=True)
class Meant:
    """A program that may be meant, how surely, and the words of the guide that speak of it."""

    program: str
    score: float
    look_for: tuple[str, ...]
    near: bool = False


class Sayings:
    """All sayings, made ready to be found in what people type."""

    def __init__(self, catalogue: Catalogue, file: Path = WORDS) -> None:
        names = (s for p in catalogue.programs.values() for s in _names(p))
        self._sayings = [*names, *_read(file, catalogue.programs)]
        self._sounds = sorted(
            (sound, n) for n, s in enumerate(self._sayings) for sound in _sounds(s)
        )

    def meant(self, words: str) -> list[Meant]:
        """By what stands in `words`, the longest only, by what they are part of, and by a long
        name with one wrong character."""
        inside = [s for s in self._sayings if s.said in words]
        longest = [s for s in inside if not any(s.said in o.said != s.said for o in inside)]
        found = [m for s in longest for m in _meant(s, _WHOLE + _LETTER * len(s.said))]
        for saying in self._sayings:
            if len(words) > 1 and words in saying.said != words:
                found += _meant(saying, _PART + _LETTER * len(words))
            elif saying.is_name and len(saying.said) >= _LONG_NAME and saying.said not in words:
                found += _nearly(saying, words[:_MOST_TO_FORGIVE])
        return found

    def nearly_meant(self, words: str) -> list[Meant]:
        """By what stands in the first of `words` but for one character."""
        few = words[:_MOST_TO_FORGIVE]
        return [m for s in self._sayings for m in _nearly(s, few)]

    def meant_by_sound(self, letters: str) -> list[Meant]:
        """By pinyin or its initials, whole or begun: dbh, db, dibao, linshi."""
        found: list[Meant] = []
        at = bisect_left(self._sounds, (letters, -1))
        for sound, number in self._sounds[at:]:
            if not sound.startswith(letters):
                break
            saying = self._sayings[number]
            found += _meant(saying, _WHOLE if sound == letters else _PART)
        return found


def _nearly(saying: Saying, words: str) -> Iterable[Meant]:
    if min(len(words), len(saying.said)) < _FEWEST_TO_FORGIVE:
        return
    if len(set(saying.said).difference(words)) > 1:
        return
    if any(True for _ in near_places(saying.said, words)) or _guessed(saying, words):
        yield from _meant(saying, _NEAR + _LETTER * len(saying.said), near=True)


def _guessed(saying: Saying, words: str) -> bool:
    """Two characters, one of them that of a name in its place: 特因 for 特困."""
    if not (saying.is_name and len(words) == len(saying.said) == _FEWEST_TO_FORGIVE):
        return False
    return any(a == b for a, b in zip(saying.said, words, strict=True))


def _meant(saying: Saying, score: int, *, near: bool = False) -> Iterable[Meant]:
    if score:
        bonus = _NAME if saying.is_name else 0
        for rank, program in enumerate(saying.programs):
            yield Meant(program, score + bonus - _RANK * rank, saying.look_for, near)


def _names(program: Program) -> Iterator[Saying]:
    for name in dict.fromkeys((program.short, program.title)):
        yield Saying(plain(name)[0], (program.id,), (name, program.short), is_name=True)


def _sounds(saying: Saying) -> set[str]:
    return (
        initials(saying.said) | syllables(saying.said) | set(saying.programs[:1] * saying.is_name)
    )


def _read(file: Path, known: Mapping[str, Program]) -> Iterator[Saying]:
    """Raises WrongProgram for a faulty file; programs that are not there are passed over."""
    for node in read_yaml(file).only(("words",)).each("words"):
        node.only(("say", "programs"), ("look_for",))
        programs = tuple(p for p in _texts(node, "programs") if p in known)
        look_for = tuple(_texts(node, "look_for"))
        for said in _texts(node, "say"):
            if programs:
                yield Saying(plain(said)[0], programs, look_for)


def _texts(node: Node, key: str) -> Iterator[str]:
    for one in node.each(key) if node.has(key) else ():
        if not isinstance(one.value, str) or not plain(one.value)[0]:
            raise one.wrong("must be text")
        yield one.value
