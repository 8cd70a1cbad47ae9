"""Search over guides, rules and places: everyday words, pinyin, traditional forms, small mistakes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.policy import regions, sentences
from portal.policy.catalogue import Catalogue, Program
from portal.policy.characters import plain
from portal.policy.everyday import Meant, Sayings
from portal.policy.sentences import Lines, Span
from portal.policy.tables import Region

LONGEST = 100
"""So many characters are looked at; a story told at length is cut, never refused."""
NOTHING = "没有找到。换几个字试试，或打电话问。"
EMPTY = "请写几个字，比如：没钱看病。"
_PROGRAMS, _SENTENCES, _PLACES = 8, 2, 5
_LITERAL, _LITERAL_NEAR, _SHARE, _BEHIND = 80.0, 40.0, 60.0, 30.0
_APART, _GUIDE = 5.0, ("summary", "guide")
_LEAST_SHARE, _LEAST_OF_BEST = 0.3, 0.5
_LONGEST_NEAR = 40
_LONGEST_NAME = 12
_SUFFIX = re.compile(
    r"(?:(?:(?:土家|苗|侗|瑶|彝|哈尼|壮|傣|景颇|白|藏|傈僳|回|拉祜|佤|布朗|纳西|普米|怒|独龙|维吾尔|蒙古)族)+"
    r"(?:自治州|自治县|乡)|街道|[省市州县区镇乡])\Z"
)
_WIDE = ("province", "prefecture", "county")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a program; `marks`: [start, end) of what was found, in characters.
    `kind`: summary · guide · rule · document · deadline; `source` where the text names none."""

    text: str
    kind: str
    marks: tuple[tuple[int, int], ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Found:
    program: Program
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    level: str
    full_name: str


@dataclass(frozen=True)
class Answer:
    """`near`: nothing was found as it was typed, this is what comes near. `message`: what to say
    to the person, "" when something was found."""

    programs: tuple[Found, ...] = ()
    places: tuple[Place, ...] = ()
    near: bool = False
    message: str = ""


@dataclass(frozen=True)
class _Hit:
    program: str
    score: float
    spans: tuple[Span, ...]
    near: bool = False


class Index:
    """Made once from the catalogue (and the places); then every search is some microseconds."""

    def __init__(self, catalogue: Catalogue, places: Iterable[Place] = ()) -> None:
        self._programs = catalogue.programs
        self._lines = Lines(sentences.of(catalogue))
        self._sayings = Sayings(catalogue)
        self._places = _Places(places)

    def search(self, typed: str) -> Answer:
        """Programs, likeliest first, each with the sentence found; places named in it. Never raises."""
        words = plain(typed[:LONGEST])[0]
        if not words:
            return Answer(message=EMPTY)
        places, rest = self._places.split(words)
        hits = self._hits(rest)
        programs = self._ranked(hits)
        message = "" if programs or places else NOTHING
        return Answer(programs, places, bool(hits) and all(h.near for h in hits), message)

    def _hits(self, words: str) -> list[_Hit]:
        """As it was typed; what differs in one character only where there is nothing else."""
        hits = [*self._spoken_of(self._meant(words)), *self._literal(words)]
        if all(hit.near for hit in hits):
            hits += self._nearly(words)
        return [*hits, *self._shared(words)]

    def _meant(self, words: str) -> list[Meant]:
        if not words.isascii():
            return self._sayings.meant(words)
        return self._sayings.meant_by_sound(words) if len(words) > 1 else []

    def _nearly(self, words: str) -> list[_Hit]:
        said = self._spoken_of(self._sayings.nearly_meant(words))
        spans = self._lines.find_near(words) if len(words) <= _LONGEST_NEAR else []
        return [*said, *(self._hit(span, _LITERAL_NEAR, near=True) for span in spans)]

    def _literal(self, words: str) -> list[_Hit]:
        return [self._hit(span, _LITERAL) for span in self._lines.find(words)]

    def _hit(self, span: Span, score: float, *, near: bool = False) -> _Hit:
        """Words of the sentence itself count for more than those of the source behind it."""
        line = self._lines.lines[span.line]
        behind = 0 <= line.text.find("（") < span.start
        less = _BEHIND * behind + _APART * (line.kind not in _GUIDE)
        return _Hit(line.program, score - less, (span,), near)

    def _spoken_of(self, meant: Iterable[Meant]) -> list[_Hit]:
        """The likeliest reading of each program, with the first sentence that speaks of it."""
        best: dict[str, Meant] = {}
        for one in meant:
            if one.program not in best or best[one.program].score < one.score:
                best[one.program] = one
        return [_Hit(m.program, m.score, self._first(m), m.near) for m in best.values()]

    def _first(self, meant: Meant) -> tuple[Span, ...]:
        for word in meant.look_for:
            for span in self._lines.find(plain(word)[0]):
                if self._lines.lines[span.line].program == meant.program:
                    return (span,)
        return ()

    def _shared(self, words: str) -> list[_Hit]:
        shares = self._lines.share(words)
        return [
            _Hit(self._lines.lines[number].program, _SHARE * share, tuple(spans))
            for number, (share, spans) in shares.items()
            if share >= _LEAST_SHARE
        ]

    def _ranked(self, hits: Sequence[_Hit]) -> tuple[Found, ...]:
        scores: dict[str, float] = {}
        for hit in hits:
            scores[hit.program] = max(hit.score, scores.get(hit.program, 0.0))
        least = _LEAST_OF_BEST * max(scores.values(), default=0.0)
        order = sorted((p for p in scores if scores[p] >= least), key=lambda p: -scores[p])
        return tuple(self._found(p, hits) for p in order[:_PROGRAMS])

    def _found(self, program: str, hits: Sequence[_Hit]) -> Found:
        """Its best lines; the summary where no sentence was found."""
        mine = sorted((h for h in hits if h.program == program), key=lambda h: -h.score)
        lines: dict[int, list[Span]] = {}
        for span in (s for h in mine for s in h.spans):
            lines.setdefault(span.line, []).append(span)
        told = {self._lines.lines[n].text: n for n in reversed(lines)}
        first = [n for n in lines if n in told.values()][:_SENTENCES]
        shown = [self._sentence(n, lines[n]) for n in first]
        whole = self._programs[program]
        return Found(whole, tuple(shown) or (Sentence(whole.summary, "summary"),))

    def _sentence(self, number: int, spans: Iterable[Span]) -> Sentence:
        line = self._lines.lines[number]
        marks: list[tuple[int, int]] = []
        for start, end in sorted((s.start, s.end) for s in spans):
            if marks and start <= marks[-1][1]:
                marks[-1] = (marks[-1][0], max(end, marks[-1][1]))
            else:
                marks.append((start, end))
        return Sentence(line.text, line.kind, tuple(marks), line.source)


class _Places:
    """Names of divisions inside what was typed: 安化低保 → 安化县 and 低保."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_name: dict[str, list[Place]] = {}
        self._by_stem: dict[str, list[Place]] = {}
        for place in places:
            name = plain(place.name)[0]
            self._by_name.setdefault(name, []).append(place)
            if (stem := _stem(name)) != name:
                wide = place.level in _WIDE
                (self._by_name if wide else self._by_stem).setdefault(stem, []).append(place)

    def split(self, words: str) -> tuple[tuple[Place, ...], str]:
        """The places named, and the words without them (all of them when nothing is left)."""
        if words in self._by_stem and words not in self._by_name:
            return tuple(self._by_stem[words][:_PLACES]), words
        rest, chosen = words, list[Place]()
        while name := self._name_in(rest, chosen):
            chosen = self._inside(name, chosen)
            rest = rest.replace(name, "", 1)
        return tuple(chosen[:_PLACES]), rest or words

    def _name_in(self, words: str, chosen: Sequence[Place]) -> str:
        sizes = range(min(_LONGEST_NAME, len(words)), 1, -1)
        windows = (words[at : at + size] for size in sizes for at in range(len(words) - size + 1))
        return next((w for w in windows if self._inside(w, chosen)), "")

    def _inside(self, name: str, chosen: Sequence[Place]) -> list[Place]:
        found = self._by_name.get(name, [])
        if not chosen:
            return found
        found = [*found, *self._by_stem.get(name, [])]
        return [p for p in found if any(_is_inside(p, c) for c in chosen)]


def places(session: Session) -> list[Place]:
    """Provinces to townships, for an index. Villages are found by choosing."""
    rows = session.scalars(
        select(Region).where(Region.administrative, Region.level != "village").order_by(Region.code)
    ).all()
    return [Place(f.code, f.name, f.level, f.full_name) for f in regions.named(session, rows)]


def _is_inside(place: Place, above: Place) -> bool:
    return place != above and place.full_name.startswith(above.full_name)


def _stem(name: str) -> str:
    """安化县 → 安化, 湘西土家族苗族自治州 → 湘西; a name of two characters keeps them."""
    stem = _SUFFIX.sub("", name)
    return stem if len(stem) > 1 else name
