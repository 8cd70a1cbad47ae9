"""What a check platform is asked about: the data items our sources name. An open list."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.policy import citing
from portal.policy.catalogue import Source
from portal.policy.reading import read_yaml

FILE = Path(__file__).with_name("items.yaml")


@dataclass(frozen=True)
class Item:
    """`counts`: the total of the household its amounts go into, or empty."""

    code: str
    title: str
    counts: str = ""


@dataclass(frozen=True)
class Items:
    source: Source
    article: Source
    totals: Mapping[str, str]
    all: Mapping[str, Item]

    def title(self, code: str, otherwise: str = "") -> str:
        """Its name; an item we do not know keeps the platform's own."""
        known = self.all.get(code)
        return known.title if known else otherwise or code


@cache
def load(file: Path = FILE) -> Items:
    """Raises WrongProgram for a faulty file."""
    node = read_yaml(file).only(("sources", "source", "article", "totals", "items"))
    known = citing.sources(node)
    totals = node.at("totals")
    titles = {key: totals.text(key) for key in totals.mapping()}
    found: dict[str, Item] = {}
    for entry in node.each("items"):
        entry.only(("code", "title"), ("counts",))
        counts = entry.word("counts", list(titles)) if entry.has("counts") else ""
        item = Item(entry.text("code"), entry.text("title"), counts)
        if item.code in found:
            raise entry.wrong("stands twice", "code")
        found[item.code] = item
    return Items(
        source=citing.source(node.at("source"), known),
        article=citing.source(node.at("article"), known),
        totals=titles,
        all=found,
    )
