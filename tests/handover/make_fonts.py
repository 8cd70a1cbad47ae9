"""How portal/foundation/fonts/ was made: `python tests/handover/make_fonts.py`, from Debian's fonts-noto-cjk.

The Simplified Chinese face of the collection, every character it maps, without layout
tables (no vertical text, no alternates); the bold one only for GB 2312, for headings.
"""

from pathlib import Path
from textwrap import wrap

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto")
TARGET = Path(__file__).parents[2] / "portal" / "foundation" / "fonts"
_SIMPLIFIED = 2
_DROPPED = ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS", "GDEF", "DSIG"]


def make(source: str, target: str, wanted: set[int] | None) -> set[int]:
    """One face out of the collection; returns the characters it now has."""
    font: TTFont = TTCollection(SOURCE / source, lazy=True).fonts[_SIMPLIFIED]
    characters = set(font.getBestCmap())
    if wanted is not None:
        characters &= wanted
    options = subset.Options()
    options.layout_features, options.hinting = [], False
    options.notdef_outline = True
    options.drop_tables += _DROPPED
    options.name_IDs = options.name_languages = ["*"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(characters))
    subsetter.subset(font)
    font.recalcTimestamp = False
    font.save(TARGET / target)
    return characters


def ranges(characters: set[int]) -> str:
    """`20-7E A0 …`: hexadecimal, both ends included."""
    found: list[list[int]] = []
    for point in sorted(characters):
        if found and found[-1][1] == point - 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    words = (f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in found)
    return "\n".join(wrap(" ".join(words), 100)) + "\n"


def gb2312() -> set[int]:
    codes = (bytes([a, b]) for a in range(0xA1, 0xF8) for b in range(0xA1, 0xFF))
    text = "".join(code.decode("gb2312", "ignore") for code in codes)
    return {ord(c) for c in text} | set(range(0x20, 0x7F))


if __name__ == "__main__":
    regular = make("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", None)
    make("NotoSansCJK-Bold.ttc", "NotoSansCJKsc-Bold-gb2312.otf", gb2312())
    (TARGET / "coverage.txt").write_text(ranges(regular))
