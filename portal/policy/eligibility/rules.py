"""Reads programs/<id>/eligibility.yaml once, and refuses a wrong file. See `TESTS` for the words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from portal.policy.eligibility import questions
from portal.policy.eligibility.parameters import source, sources
from portal.policy.eligibility.questions import Questions
from portal.policy.reading import Node, read_yaml

FOLDER = Path(__file__).parent.parent / "programs"
ORDER = (
    "tekun", "dibao", "dibian", "gangxing", "linshi", "yiliao", "jiaoyu", "zhufang", "jiuye",
    "shouzai", "jibing", "liulang", "cishan",
)  # fmt: skip
"""The stronger first: a test may look at the programs before its own. Others follow by name."""
LINES = ("dibao", "disposable")
TESTS = ("fact", "income", "share", "fits", "office", "all", "any", "open")
"""fact + is [values] · fact + from/under number · income household/own + below line (times: dibian)
· share rigid + over rigid_share · fits [programs] · office fact or "" (no figure published: the
office checks) · all, any [tests] · open test (the list is open: "no" is "cannot tell")."""


@dataclass(frozen=True)
class Test:
    key: str
    title: str
    since: date
    source: Mapping[str, str]
    test: Mapping[str, Any]


@dataclass(frozen=True)
class Track:
    """One way into a program: all tests together. Only in divisions whose code begins `region`."""

    key: str
    title: str
    region: str
    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Covering:
    """A stronger program; `track`: only through it; `alone`: only for a household of one."""

    program: str
    track: str = ""
    alone: bool = False


@dataclass(frozen=True)
class Entry:
    """The rules of a program from one day to another."""

    since: date
    until: date | None
    tracks: tuple[Track, ...]
    covered_by: tuple[Covering, ...]
    amount: str
    """difference: 差额 (or what the place does) of the first track · "": none is computed."""


@dataclass(frozen=True)
class Rules:
    program: str
    entries: tuple[Entry, ...]

    def on(self, day: date) -> Entry | None:
        for entry in self.entries:
            if entry.since <= day and (entry.until is None or day <= entry.until):
                return entry
        return None


@cache
def load(folder: Path | None = None) -> Mapping[str, Rules]:
    """The rules of every program that has some, the stronger first. Raises WrongProgram."""
    files = {f.parent.name: f for f in sorted((folder or FOLDER).glob("*/eligibility.yaml"))}
    order = [p for p in ORDER if p in files] + [p for p in files if p not in ORDER]
    asked = questions.load()
    return {p: _rules(read_yaml(files[p]), p, order, asked) for p in order}


def leaves(test: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The tests inside a test that are made of no other."""
    if "open" in test:
        yield from leaves(test["open"])
        return
    inner = test.get("all") or test.get("any")
    if inner is None:
        yield test
    for part in inner or ():
        yield from leaves(part)


def _rules(node: Node, program: str, order: list[str], asked: Questions) -> Rules:
    node.only(("program", "sources", "rules"))
    if node.text("program") != program:
        raise node.wrong(f"must be the name of the folder, {program}", "program")
    reader = _Reader(sources(node), asked, order, order.index(program))
    entries = tuple(reader.entry(e) for e in node.each("rules"))
    if not entries:
        raise node.wrong("a program needs rules", "rules")
    for earlier, later in zip(entries, entries[1:], strict=False):
        if earlier.until is None or earlier.until >= later.since:
            raise node.wrong("entries follow each other without overlap", "rules")
    return Rules(program, entries)


@dataclass(frozen=True)
class _Reader:
    cited: Mapping[str, Mapping[str, str]]
    asked: Questions
    order: list[str]
    place: int

    def entry(self, node: Node) -> Entry:
        node.only(("from", "tracks"), ("until", "covered_by", "amount"))
        tracks = tuple(self.track(t) for t in node.each("tracks"))
        if not tracks or len({t.key for t in tracks}) < len(tracks):
            raise node.wrong("tracks are there, each once", "tracks")
        return Entry(
            since=node.day("from"),
            until=node.day("until") if node.has("until") else None,
            tracks=tracks,
            covered_by=tuple(self.covering(c) for c in node.each("covered_by")),
            amount=node.word("amount", ("difference", "standard", ""), ""),
        )

    def covering(self, node: Node) -> Covering:
        node.only(("program",), ("track", "alone"))
        return Covering(
            node.word("program", self.order[: self.place]),
            node.text("track", ""),
            node.flag("alone", default=False),
        )

    def track(self, node: Node) -> Track:
        node.only(("key", "title", "tests"), ("region",))
        tests = tuple(self.test(t) for t in node.each("tests"))
        if not tests or len({t.key for t in tests}) < len(tests):
            raise node.wrong("tests are there, each once", "tests")
        return Track(node.text("key"), node.text("title"), node.text("region", ""), tests)

    def test(self, node: Node) -> Test:
        node.only(("key", "title", "from", "source", "test"))
        cited = source(node, self.cited)
        if not cited["article"] and not cited["note"]:
            raise node.wrong("names no article", "source")
        self.check(node.at("test"))
        return Test(
            node.text("key"), node.text("title"), node.day("from"), cited, node.value["test"]
        )

    def check(self, node: Node) -> None:
        """The shape of a test and every name in it. Raises WrongProgram."""
        kinds = [kind for kind in TESTS if kind in node.mapping()]
        if len(kinds) != 1:
            raise node.wrong(f"a test has one of {', '.join(TESTS)}")
        kind = kinds[0]
        if kind in ("all", "any"):
            node.only((kind,))
            parts = list(node.each(kind))
            for part in parts:
                self.check(part)
        elif kind == "open":
            self.check(node.only((kind,)).at(kind))
        else:
            _CHECKS[kind](self, node)

    def fact(self, node: Node) -> None:
        node.only(("fact",), ("is", "from", "under"))
        question = self.asked.all.get(node.text("fact"))
        if question is None:
            raise node.wrong("is no question", "fact")
        if not node.has("is"):
            if question.kind not in ("count", "money") or len(node.mapping()) != 2:
                raise node.wrong("compare a count or money: from or under", "fact")
            if node.whole("from") is None and node.whole("under") is None:
                raise node.wrong("compare with a whole number")
            return
        allowed = {o.value for o in question.options}
        for one in node.each("is"):
            if one.value not in allowed:
                raise one.wrong(f"{one.value!r} is no option of {question.name}")

    def income(self, node: Node) -> None:
        node.only(("income", "below"), ("times",))
        node.word("income", ("household", "own"))
        node.word("below", LINES)
        node.word("times", ("dibian", ""), "")

    def share(self, node: Node) -> None:
        node.only(("share", "over"))
        node.word("share", ("rigid",))
        node.word("over", ("rigid_share",))

    def fits(self, node: Node) -> None:
        node.only(("fits",))
        for one in node.each("fits"):
            if one.value not in self.order[: self.place]:
                raise one.wrong("is no stronger program with rules")

    def office(self, node: Node) -> None:
        node.only(("office",))
        if node.text("office", "") and node.text("office") not in self.asked.all:
            raise node.wrong("is no question", "office")


_CHECKS = {
    "fact": _Reader.fact,
    "income": _Reader.income,
    "share": _Reader.share,
    "fits": _Reader.fits,
    "office": _Reader.office,
}
