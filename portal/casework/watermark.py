"""Whose copy it is, written across it: what leaves the desk names office, person and minute.

Pillow opens here only copies the darkroom made; never bytes as people sent them.
"""

from datetime import datetime
from functools import lru_cache
from io import BytesIO
from math import hypot

from PIL import Image, ImageDraw, ImageFont

from portal.foundation.clock import spoken
from portal.foundation.typesetting import FONTS, printable

QUALITY = 85
_FONT = FONTS / "NotoSansCJKsc-Regular.otf"
_ANGLE = 24
_STRENGTH = 50
_DARK, _LIGHT = (30, 30, 30), (240, 240, 240)
"""Thin, and twice, dark and beside it light: read on white paper and on a black table, and the
print below stays legible."""
_SHARE = 34
"""The long side of a photo holds so many characters in a line."""


def words(office: str, person: str, *, now: datetime) -> str:
    """安化县东坪镇 李主任 2026年7月3日 09:05."""
    return printable(f"{office} {person} {spoken(now)}")


def on_photo(jpeg: bytes, text: str) -> bytes:
    """The JPEG again with `text` written across it, all over."""
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as opened:
        picture = opened.convert("RGB")
    mask = _mask(text, *picture.size)
    aside = max(1, max(picture.size) // 900)
    picture.paste(_LIGHT, (aside, aside), mask)
    picture.paste(_DARK, (0, 0), mask)
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=False)
    return out.getvalue()


@lru_cache(maxsize=6)
def _mask(text: str, width: int, height: int) -> Image.Image:
    """How strong the ink is at each pixel: slanted lines of the text, one below the other."""
    size = max(14, max(width, height) // _SHARE)
    font = ImageFont.truetype(str(_FONT), size)
    side = int(hypot(width, height)) + 2 * size
    lines = Image.new("L", (side, side))
    pen, step = ImageDraw.Draw(lines), int(font.getlength(text)) + 3 * size
    for row, y in enumerate(range(0, side, 7 * size)):
        for x in range(-(row % 2) * step // 2, side, step):
            pen.text((x, y), text, fill=_STRENGTH, font=font)
    turned = lines.rotate(_ANGLE, Image.Resampling.BILINEAR)
    left, top = (side - width) // 2, (side - height) // 2
    return turned.crop((left, top, left + width, top + height))
