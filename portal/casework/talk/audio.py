"""What a voice message is: known by its first bytes, its length read from its own frames.

Nothing is decoded and nothing is listened to by a machine.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

from portal.casework.talk import containers
from portal.foundation.errors import Invalid, TooLarge, WrongType

MOST_BYTES = 2 * 1024 * 1024
MOST_SECONDS = 60
_MOST_FRAMES = 10_000
"""More than a minute of any kind has."""
_SLACK = 2.0
"""A phone stops a little after the minute."""
TYPES = {
    "amr": "audio/amr", "m4a": "audio/mp4", "aac": "audio/aac", "mp3": "audio/mpeg",
    "webm": "audio/webm", "ogg": "audio/ogg",
}  # fmt: skip

_AMR = {
    b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6),
    b"#!AMR-WB\n": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6),
}
"""Bytes of a frame of 20 ms by its mode."""
_AAC_RATES = (
    96000,
    88200,
    64000,
    48000,
    44100,
    32000,
    24000,
    22050,
    16000,
    12000,
    11025,
    8000,
    7350,
)
_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MP3_KBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


@dataclass(frozen=True)
class Voice:
    """`kind` as in TYPES; `seconds` None when the recording does not say."""

    data: bytes
    kind: str
    seconds: int | None


def check(data: bytes) -> Voice:
    """Raises Invalid when empty or longer than a minute, TooLarge past 2 MB, WrongType."""
    if not data:
        raise Invalid("没有录到声音。请再录一次。", fields={"voice": ["没有录到声音。"]})
    if len(data) > MOST_BYTES:
        raise TooLarge("录音太大了。请录短一点。", code="voice_too_large")
    kind = kind_of(data)
    if kind is None:
        raise WrongType("这种录音打不开。请换一种方法录。", code="voice_type")
    seconds = length(data, kind)
    if seconds is not None and seconds > MOST_SECONDS + _SLACK:
        text = "最多说一分钟。请分几次说。"
        raise Invalid(text, code="voice_too_long", fields={"voice": [text]})
    return Voice(data, kind, None if seconds is None else max(1, ceil(min(seconds, MOST_SECONDS))))


def kind_of(data: bytes) -> str | None:
    """By its first bytes; what it is called counts for nothing."""
    if data.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "amr"
    if data[4:8] == b"ftyp":
        return "m4a"
    if data.startswith(b"OggS"):
        return "ogg"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm" if b"webm" in data[:64] else None
    if data.startswith(b"ID3"):
        return "mp3"
    if len(data) > 3 and data[0] == 0xFF and data[1] & 0xF6 == 0xF0:
        return "aac"
    if len(data) > 3 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2:
        return "mp3"
    return None


def length(data: bytes, kind: str) -> float | None:
    """Seconds as its frames say; None when they do not, or are broken."""
    try:
        found = _LENGTHS[kind](data)
    except (IndexError, struct.error, ValueError, ZeroDivisionError):
        return None
    return found if found is not None and found > 0 else None


def _amr(data: bytes) -> float:
    head = next(h for h in (b"#!AMR-WB\n", b"#!AMR\n") if data.startswith(h))
    sizes, at, frames = _AMR[head], len(head), 0
    while at < len(data) and frames < _MOST_FRAMES:
        mode = data[at] >> 3 & 15
        at += sizes[mode] if mode < len(sizes) else 1
        frames += 1
    return frames * 0.02


def _aac(data: bytes) -> float:
    at, frames, rate = 0, 0, 44100
    while at + 7 <= len(data) and data[at] == 0xFF and frames < _MOST_FRAMES:
        rate = _AAC_RATES[data[at + 2] >> 2 & 15]
        size = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        at += max(size, 7)
        frames += 1
    return frames * 1024 / rate


def _mp3(data: bytes) -> float:
    at, seconds = _after_id3(data), 0.0
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] & 0xE0 == 0xE0:
        version, new = data[at + 1] >> 3 & 3, data[at + 1] >> 3 & 3 == 3
        rate = _MP3_RATES[version][data[at + 2] >> 2 & 3] if version in _MP3_RATES else 0
        kbits = _MP3_KBITS[new][data[at + 2] >> 4 & 15]
        samples = 1152 if new else 576
        at += max(4, samples // 8 * kbits * 1000 // rate + (data[at + 2] >> 1 & 1))
        seconds += samples / rate
    return seconds


def _after_id3(data: bytes) -> int:
    if not data.startswith(b"ID3"):
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _ogg(data: bytes) -> float | None:
    """The sample the last page ends with, over the rate the first one names."""
    last = data.rfind(b"OggS")
    (granule,) = struct.unpack_from("<q", data, last + 6)
    if (head := data.find(b"OpusHead", 0, 200)) >= 0:
        (skip,) = struct.unpack_from("<H", data, head + 10)
        return float((granule - skip) / 48000)
    if (head := data.find(b"\x01vorbis", 0, 200)) >= 0:
        (rate,) = struct.unpack_from("<I", data, head + 12)
        return float(granule / rate)
    return None


_LENGTHS: Mapping[str, Callable[[bytes], float | None]] = {
    "amr": _amr, "aac": _aac, "mp3": _mp3, "ogg": _ogg,
    "m4a": containers.mp4_seconds, "webm": containers.webm_seconds,
}  # fmt: skip
