"""Papers: a typst template and what stands on it become a PDF, the same bytes for the same words."""

import json
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).parent / "fonts"
_LONG = re.compile(r"[!-~]{18}(?=[!-~])")


def render(template: Path, paper: Mapping[str, Any]) -> bytes:
    """PDF/A-2b (PDF 1.7). The template reads `paper` as JSON from `sys.inputs.data`; what is
    under a key `svg` is a drawing of ours, everything else is made printable."""
    data = json.dumps(_printable(paper), ensure_ascii=False)
    pdf: bytes = typst.compile(
        template,
        root=template.parent,
        font_paths=_fonts(),
        sys_inputs={"data": data},
        pdf_standards=["a-2b"],
        timestamp=0,
    )
    return pdf


def picture(template: Path, paper: Mapping[str, Any]) -> bytes:
    """The same as one PNG, two pixels a point: for a page that is as high as it needs to be."""
    png: bytes = typst.compile(
        template,
        root=template.parent,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(_printable(paper), ensure_ascii=False)},
        format="png",
        ppi=144.0,
    )
    return png


@cache
def _fonts() -> typst.Fonts:
    """Found once a process: a fifth of a paper's cost."""
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])


def printable(words: str) -> str:
    """The same words in characters the fonts have.

    A character they lack stands as its code point, 张〔U+2EBF0〕见证件照片: nobody is
    refused for a rare name. Long runs without blanks may be broken at a line's end.
    """
    return "\n".join(_printable_line(line) for line in words.split("\n"))


def covered(character: str) -> bool:
    """Whether the regular font has it."""
    starts, ends = _coverage()
    at = bisect_right(starts, ord(character)) - 1
    return at >= 0 and ord(character) <= ends[at]


def in_bold(words: str) -> bool:
    """Whether the bold font, which has GB 2312 only, has all of it."""
    try:
        words.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _printable_line(line: str) -> str:
    text = "".join(_shown(c) for c in line)
    if "〔U+" in text and "〔U+" not in line:
        text += "见证件照片"
    return _LONG.sub(lambda run: run.group() + "\u200b", text)


def _shown(character: str) -> str:
    if covered(character):
        return character
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Zs"):
        return " "
    return f"〔U+{ord(character):04X}〕"


@cache
def _coverage() -> tuple[list[int], list[int]]:
    words = (FONTS / "coverage.txt").read_text().split()
    pairs = [(word.split("-")[0], word.split("-")[-1]) for word in words]
    return [int(a, 16) for a, _ in pairs], [int(b, 16) for _, b in pairs]


def _printable(value: Any) -> Any:
    """Every string made printable, but for drawings, which are made by us."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {k: v if k == "svg" else _printable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return value
