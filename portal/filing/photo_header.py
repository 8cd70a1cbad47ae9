"""What the first bytes of a photo say: type, size, whether it is whole.

Plain Python over the bytes that arrived, so the process that faces the network never
runs an image library; the pixels are opened only in the bounded process (darkroom.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

_MOST_PARTS = 20_000
_MOST_FILL = 64
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
)


class NotWhole(Exception):
    """The bytes begin like a photo and do not go on like one."""


@dataclass(frozen=True)
class Header:
    width: int
    height: int
    animated: bool = False


def media_type(data: bytes) -> str | None:
    """By the first bytes only; what the sender called it does not count."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def is_heic(data: bytes) -> bool:
    """HEIC and AVIF: what iPhones keep unless asked for the compatible format."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS


def read(data: bytes, kind: str) -> Header:
    """Size and nature of a photo of this media type. Raises NotWhole."""
    try:
        return _READERS[kind](data)
    except IndexError as fault:
        raise NotWhole("ends inside its header") from fault


def _jpeg(data: bytes) -> Header:
    """The frame header (ITU-T T.81 B.2.2); whole when an end marker follows the pixels."""
    found = None
    for marker, at in _jpeg_segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            found = found or Header(width=_big(data, at + 5, 2), height=_big(data, at + 3, 2))
        if marker == 0xDA:
            if found is None or data.find(b"\xff\xd9", at) < 0:
                raise NotWhole("no end of image")
            return found
    raise NotWhole("no pixels")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """(marker, where its length stands) up to the first scan."""
    at = 2
    for _ in range(_MOST_PARTS):
        if data[at] != 0xFF:
            raise NotWhole("no marker where one must be")
        fill = data[at : at + _MOST_FILL]
        at += len(fill) - len(fill.lstrip(b"\xff"))
        yield data[at], at + 1
        at += 1 + max(2, _big(data, at + 1, 2))
    raise NotWhole("too many parts")


def _png(data: bytes) -> Header:
    """Chunks from IHDR to IEND; an acTL chunk makes it an animation."""
    if data[12:16] != b"IHDR":
        raise NotWhole("no IHDR")
    animated, at, pixels = False, 8, False
    for _ in range(_MOST_PARTS):
        kind = data[at + 4 : at + 8]
        animated = animated or kind == b"acTL"
        pixels = pixels or kind == b"IDAT"
        at += 12 + _big(data, at, 4)
        if kind == b"IEND":
            if not pixels or at > len(data):
                raise NotWhole("no pixels")
            return Header(_big(data, 16, 4), _big(data, 20, 4), animated)
    raise NotWhole("too many parts")


def _webp(data: bytes) -> Header:
    """The first chunk of the container: VP8X, VP8L or VP8 (RFC 9649)."""
    if _little(data, 4, 4) + 8 > len(data) + 1:  # some writers leave out the last padding byte
        raise NotWhole("shorter than it says")
    kind = data[12:16]
    if kind == b"VP8X":
        return Header(
            1 + _little(data, 24, 3), 1 + _little(data, 27, 3), animated=bool(data[20] & 0x02)
        )
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = _little(data, 21, 4)
        return Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return Header(_little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF)
    raise NotWhole("no picture in the container")


_READERS = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}


def _big(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(_exactly(data, at, size), "big")


def _little(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(_exactly(data, at, size), "little")


def _exactly(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise IndexError(at)
    return data[at : at + size]
