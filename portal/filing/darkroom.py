"""Where pixels are opened: a child process with little memory, little time and no files.

`python -m portal.filing.darkroom` reads photos from stdin and writes copies to stdout, each
part after its length in four bytes. photo_process.py is its other end; nothing else imports
this module, and Pillow opens elsewhere only copies made here.
"""

import json
import resource
import struct
import sys
import time
import warnings
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image, ImageFilter, ImageMath, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

__all__ = ["main", "prepare"]

FORMATS = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
)
LONG_SIDE, THUMBNAIL_SIDE = 2000, 320
QUALITY, THUMBNAIL_QUALITY = 85, 75
MOST_PIXELS, LONGEST_SIDE = 64_000_000, 12_000
MEMORY = 900 * 1024 * 1024
CPU_SECONDS = 8
"""For one photo; a 12 MP one takes 0.1."""

SHARP, TILE, LOOKED_AT_SIDE = 450, 50, 1000
"""Below this Laplacian variance (95th percentile of the tiles) small print is hard to read."""
DARK, SMALL = 60, 900
"""Of 255, reached by the brightest twentieth: a dark card in daylight has 80. Pixels, long side."""

_ORIENTATION = 0x0112
_TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}
_HALVED = 2
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=_HALVED, offset=128)

Image.core.set_blocks_max(1)  # type: ignore[attr-defined]  # keep one freed block of 16 MB: a third less CPU a photo


def main() -> None:
    """Serve until stdin closes. A photo that breaks this process breaks nothing else."""
    _limit()
    while (photo := _read_part(sys.stdin.buffer)) is not None:
        _more_time()
        try:
            answer, parts = prepare(photo)
        except MemoryError:
            raise  # a fresh process may have enough
        except Exception as fault:  # any bytes at all may come in; the answer is a word
            answer, parts = {"fault": type(fault).__name__}, []
        for part in [json.dumps(answer).encode(), *parts]:
            _write_part(sys.stdout.buffer, part)
        sys.stdout.buffer.flush()


def prepare(photo: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """({width, height, advice}, [copy, thumbnail]): upright, JPEG, no metadata.

    Raises whatever Pillow raises for bytes that are no photo.
    """
    picture = picture_of(photo)
    thumbnail = picture.copy()
    thumbnail.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BICUBIC)
    width, height = picture.size
    answer = {"width": width, "height": height, "advice": advice(picture)}
    return answer, [encode(picture, QUALITY), encode(thumbnail, THUMBNAIL_QUALITY)]


def picture_of(photo: bytes) -> Image.Image:
    """Decoded at about the size needed, upright, RGB, at most LONG_SIDE.

    A JPEG is scaled while it is decoded: `draft` takes the smaller of two ratios, so it
    must be asked for the photo's own shape.
    """
    with Image.open(BytesIO(photo), formats=FORMATS) as image:
        width, height = image.size
        if width * height > MOST_PIXELS or max(image.size) > LONGEST_SIDE:
            raise ValueError("too many pixels")
        ratio = min(1, LONG_SIDE / max(width, height))
        image.draft("RGB", (int(width * ratio), int(height * ratio)))
        image.load()
        picture = image if image.mode in ("RGB", "L", "CMYK") else _plain(image, ratio)
        picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BICUBIC, reducing_gap=1.01)
        for turn in _TURNS.get(_orientation(image), ()):
            picture = picture.transpose(turn)
        picture = picture if picture.mode == "RGB" else picture.convert("RGB")
    picture.info.clear()
    return picture


def encode(picture: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def advice(picture: Image.Image) -> list[str]:
    """Which of blurry, dark, small a person should hear about this photo."""
    grey = picture.convert("L")
    grey.thumbnail((LOOKED_AT_SIDE, LOOKED_AT_SIDE), Image.Resampling.BICUBIC, reducing_gap=1.01)
    found = {
        "blurry": sharpness(grey) < SHARP,
        "dark": _percentile(grey, 95) < DARK,
        "small": max(picture.size) < SMALL,
    }
    return [code for code, holds in found.items() if holds]


def sharpness(grey: Image.Image) -> float:
    """The 95th percentile over the tiles of the variance of the Laplacian."""
    columns, rows = max(1, (grey.width - 2) // TILE), max(1, (grey.height - 2) // TILE)
    inside = (1, 1, 1 + columns * TILE, 1 + rows * TILE)  # the filter leaves the rim as it was
    edges = grey.filter(_LAPLACIAN).crop(inside).convert("F")
    squares = ImageMath.lambda_eval(lambda of: of["edges"] * of["edges"], edges=edges)
    means, powers = _values(edges.reduce(TILE)), _values(squares.reduce(TILE))
    variances = sorted(power - mean * mean for mean, power in zip(means, powers, strict=True))
    return variances[int(len(variances) * 0.95)] * _HALVED**2


def _values(image: Image.Image) -> tuple[float, ...]:
    return struct.unpack(f"={image.width * image.height}f", image.tobytes())


def _percentile(grey: Image.Image, percent: int) -> int:
    left = grey.width * grey.height * percent / 100
    for level, pixels in enumerate(grey.histogram()):
        left -= pixels
        if left <= 0:
            return level
    return 255


def _orientation(image: Image.Image) -> int:
    """Of a loaded image: asking a PNG loads it, and a fault of its pixels would be lost here."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # a broken EXIF block does not make the photo unreadable
        return 1


def _plain(image: Image.Image, ratio: float) -> Image.Image:
    """Palettes, bits, 16-bit grey and see-through parts made RGB or L, on white."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 257).convert("L")
    if image.mode == "1":
        return image.convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    if ratio < 0.5:
        clear = clear.reduce(int(1 / ratio))
    paper = Image.new("RGB", clear.size, "white")
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper


def _limit() -> None:
    """Less memory, no written files, no core that would hold somebody's photo."""
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def _more_time() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, hard))


def _read_part(stream: BinaryIO) -> bytes | None:
    head = stream.read(4)
    if len(head) < 4:
        return None
    return stream.read(struct.unpack(">I", head)[0])


def _write_part(stream: BinaryIO, part: bytes) -> None:
    stream.write(struct.pack(">I", len(part)) + part)


if __name__ == "__main__":
    main()
