"""A guide's few marks (## heading, - list, paragraphs) as blocks; the template escapes the texts."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """`kind`: heading (texts[0]) · paragraph (one text a line) · list (one text an item)."""

    kind: str
    texts: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """The blocks of a guide in reading order. Any text is a valid guide."""
    return list(_joined(text))


def _joined(text: str) -> Iterator[Block]:
    kind, texts = "", list[str]()
    for line in [*text.splitlines(), ""]:
        this, words = _read(line.strip())
        if texts and (this != kind or this == "heading"):
            yield Block(kind, tuple(texts))
            texts = []
        if words:
            texts.append(words)
        kind = this


def _read(line: str) -> tuple[str, str]:
    if line.startswith("#"):
        return "heading", line.lstrip("#").strip()
    if line.startswith("- "):
        return "list", line[2:].strip()
    return ("paragraph" if line else ""), line
