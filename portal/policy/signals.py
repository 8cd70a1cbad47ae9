"""Lists that may name households in need: what each is about, and from which figure on.

Thresholds are data by place and date, with their source; where nobody published one there is
none, and every line is worth a look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from portal.policy import citing
from portal.policy.catalogue import Source
from portal.policy.citing import Sources
from portal.policy.reading import Node, read_yaml

FILE = Path(__file__).parent / "signals.yaml"
REPORTED = "reported"
"""By anybody, no list."""


@dataclass(frozen=True)
class Signal:
    """One kind of list; `figure` says what its numbers count."""

    kind: str
    title: str
    figure: str
    source: Source


@dataclass(frozen=True)
class Threshold:
    """From `since` on a figure below `value` is no lead in `region`; None: no such figure."""

    kind: str
    region: str
    since: date
    value: int | None
    source: Source


@dataclass(frozen=True)
class Keeping:
    """Of one kind of lead: working days until somebody looked, days its words stay afterwards."""

    look_workdays: int
    keep_days: int
    source: Source


@dataclass(frozen=True)
class Signals:
    """`keeping` by kind of lead: the kinds of lists, and REPORTED by anybody."""

    kinds: Mapping[str, Signal]
    thresholds: tuple[Threshold, ...]
    keeping: Mapping[str, Keeping]

    def threshold(self, kind: str, region_path: str, on: date) -> Threshold | None:
        """The newest of the nearest place that says anything; None where no place does."""
        for code in reversed(region_path.split("/")):
            there = [
                t for t in self.thresholds
                if (t.kind, t.region) == (kind, code) and t.since <= on
            ]  # fmt: skip
            if there:
                return max(there, key=lambda t: t.since)
        return None


@cache
def load(file: Path = FILE) -> Signals:
    """Raises WrongProgram with the place in the file and the reason."""
    node = read_yaml(file).only(("sources", "signals", "thresholds", "keeping"))
    known = citing.sources(node)
    kinds = {}
    for line in node.each("signals"):
        line.only(("kind", "title", "figure", "source"))
        kind = line.text("kind")
        kinds[kind] = Signal(
            kind, line.text("title"), line.text("figure"), citing.source(line.at("source"), known)
        )
    found = []
    for line in node.each("thresholds"):
        line.only(("kind", "region", "from", "value", "source"))
        found.append(
            Threshold(
                line.word("kind", list(kinds)), line.text("region"), line.day("from"),
                line.whole("value"), citing.source(line.at("source"), known),
            )
        )  # fmt: skip
    return Signals(kinds, tuple(found), _keeping(node, known, [REPORTED, *kinds]))


def _keeping(node: Node, known: Sources, kinds: Sequence[str]) -> Mapping[str, Keeping]:
    """One line for every kind of lead."""
    found = {}
    for line in node.each("keeping"):
        line.only(("kind", "look_workdays", "keep_days", "source"))
        days, keep = line.whole("look_workdays"), line.whole("keep_days")
        if not days or not keep:
            raise line.wrong("must be whole numbers above zero", "keep_days")
        source = citing.source(line.at("source"), known)
        found[line.word("kind", kinds)] = Keeping(days, keep, source)
    if missing := set(kinds) - set(found):
        raise node.wrong(f"says nothing of {sorted(missing)}", "keeping")
    return found
