"""Citations: the documents a data file names once, and the places where its rules stand."""

from collections.abc import Mapping

from portal.policy.catalogue import Rule, Source
from portal.policy.reading import Node

CONFIDENCE = ("S", "V", "P", "M", "D")

Sources = Mapping[str, Source]


def sources(node: Node) -> Sources:
    """The documents of `node`.sources, by the key its rules use."""
    found = {}
    for key, entry in node.named("sources"):
        entry.only(("document", "confidence"), ("number", "date", "note"))
        found[key] = Source(
            document=entry.text("document"),
            number=entry.text("number", ""),
            date=entry.since("date") if entry.has("date") else "",
            confidence=entry.word("confidence", CONFIDENCE),
            note=entry.text("note", ""),
        )
    return found


def source(node: Node, known: Sources) -> Source:
    """One citation: {of: key, article, and what is different from the document's own entry}."""
    node.only(("of",), ("article", "confidence", "note"))
    document = known[node.word("of", list(known))]
    return Source(
        document=document.document,
        article=node.text("article", ""),
        number=document.number,
        date=document.date,
        confidence=node.word("confidence", CONFIDENCE, document.confidence),
        note="；".join(n for n in (node.text("note", ""), document.note) if n),
    )


def rules(node: Node, key: str, known: Sources) -> tuple[Rule, ...]:
    """The sourced sentences of the list `key`; none when it is absent."""
    return tuple(_rule(entry, known) for entry in node.each(key))


def _rule(node: Node, known: Sources) -> Rule:
    node.only(("text", "source"), ("region", "who"))
    return Rule(
        node.text("text"), source(node.at("source"), known), node.text("region", ""),
        tuple(node.texts("who")),
    )  # fmt: skip
