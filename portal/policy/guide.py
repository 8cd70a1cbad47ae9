"""A guide's few marks (## heading, - list, paragraphs) as blocks; the template escapes the texts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from portal.policy.catalogue import Program

ORDER = {
    name: number
    for number, name in enumerate(
        [
            "dibao",
            "tekun",
            "linshi",
            "dibian",
            "gangxing",
            "yiliao",
            "jiaoyu",
            "zhufang",
            "jiuye",
            "shouzai",
            "jibing",
            "liulang",
        ]
    )
} | {"cishan": 99}
_UNKNOWN = 50
_SOURCE = re.compile(
    r"(.*?)(（[^（）]*(?:法|办法|意见|通知|规程)[^（）]*(?:（[^（）]*）[^（）]*)*）)\Z"
)


@dataclass(frozen=True)
class Block:
    """`kind`: heading (texts[0]) · paragraph (one text a line) · list (one text an item)."""

    kind: str
    texts: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """The blocks of a guide in reading order. Any text is a valid guide."""
    return list(_joined(text))


def in_order(programs: Mapping[str, Program]) -> list[Program]:
    """As people read them: month by month help first, the rest after it, charity last."""
    return sorted(programs.values(), key=lambda p: ORDER.get(p.id, _UNKNOWN))


def parted(text: str) -> tuple[str, str]:
    """A sentence, and the source behind it in brackets, "" when it names none."""
    parts = _SOURCE.match(text)
    return (parts[1], parts[2]) if parts else (text, "")


def stale(program: Program, *, on: date) -> str:
    """What to say of a guide past its day of review; "" while it is fresh."""
    if program.review_by is None or on <= program.review_by:
        return ""
    day = program.review_by
    return f"这一页{day.year}年{day.month}月{day.day}日该复核，还没复核。办之前请打电话问清楚。"


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
