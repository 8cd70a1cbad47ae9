"""How long an MP4 or WebM recording is, also one that a phone wrote while it was recording.

Such a file says no length at its head; the last block or fragment does.
"""

import struct
from collections.abc import Iterator
from itertools import islice

_Box = tuple[tuple[bytes, ...], int, int]
_HOLDS = frozenset({b"moov", b"moof", b"traf", b"trak", b"mdia", b"mvex"})

_SEGMENT, _INFO, _CLUSTER, _GROUP = 0x18538067, 0x1549A966, 0x1F43B675, 0xA0
_SCALE, _DURATION, _CLUSTER_TIME = 0x2AD7B1, 0x4489, 0xE7
_BLOCKS = (0xA3, 0xA1)
_MOST = 20_000
"""A minute has some three thousand blocks; nobody makes us read on for ever."""


def mp4_seconds(data: bytes) -> float | None:
    """From mvhd, else from the last fragment; None when neither says. Raises struct.error."""
    boxes = list(islice(_boxes(data, 0, len(data), ()), _MOST))
    for path, start, _end in boxes:
        if path[-1] == b"mvhd":
            scale, ticks = _scaled(data, start)
            if ticks and ticks != 0xFFFFFFFF:
                return ticks / scale
    return _fragments(data, boxes)


def webm_seconds(data: bytes) -> float | None:
    """From the head, else from the last block. Raises IndexError, struct.error."""
    scale, duration, cluster, last = 1_000_000, 0.0, 0, 0
    for name, start, end in islice(_elements(data, 0, len(data)), _MOST):
        if name == _SCALE:
            scale = int.from_bytes(data[start:end], "big")
        elif name == _DURATION:
            (duration,) = struct.unpack(">f" if end - start == 4 else ">d", data[start:end])
        elif name == _CLUSTER_TIME:
            cluster = int.from_bytes(data[start:end], "big")
        elif name in _BLOCKS:
            (offset,) = struct.unpack_from(">h", data, start + _width(data[start]))
            last = max(last, cluster + offset)
    return (duration or last) * scale / 1e9


def _scaled(data: bytes, start: int) -> tuple[int, int]:
    """(ticks a second, ticks) of an mvhd or mdhd box."""
    wide = data[start] == 1
    found = struct.unpack_from(">IQ" if wide else ">II", data, start + (20 if wide else 12))
    return found[0], found[1]


def _fragments(data: bytes, boxes: list[_Box]) -> float | None:
    scale, usual, spare, first, ticks = 0, 0, 0, 0, 0
    for path, start, end in boxes:
        if path[-1] == b"mdhd":
            scale = _scaled(data, start)[0]
        elif path[-1] == b"trex":
            (usual,) = struct.unpack_from(">I", data, start + 12)
        elif path[-1] == b"tfhd":
            spare = _usual_in(data, start) or usual
        elif path[-1] == b"tfdt":
            (first,) = struct.unpack_from(">Q" if data[start] == 1 else ">I", data, start + 4)
        elif path[-1] == b"trun":
            first += _run(data, start, end, spare)
            ticks = max(ticks, first)
    return ticks / scale if scale and ticks else None


def _usual_in(data: bytes, start: int) -> int:
    """The length of a sample where a fragment says it once for all."""
    (flags,) = struct.unpack_from(">I", data, start)
    if not flags & 0x8:
        return 0
    at = start + 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
    return int(struct.unpack_from(">I", data, at)[0])


def _run(data: bytes, start: int, end: int, usual: int) -> int:
    """Ticks of one run of samples."""
    flags, samples = struct.unpack_from(">II", data, start)
    if not flags & 0x100:
        return int(samples) * usual
    at = start + 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    step = 4 * bin(flags & 0xF00).count("1")
    there = min(samples, (end - at) // step)
    return sum(int(struct.unpack_from(">I", data, at + step * n)[0]) for n in range(there))


def _boxes(data: bytes, at: int, end: int, inside: tuple[bytes, ...]) -> Iterator[_Box]:
    """Every box: its names from the outside in, where its contents start and end."""
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        stop = min(end, at + size) if size else end
        yield (*inside, name), at + head, stop
        if name in _HOLDS and len(inside) < len(_HOLDS):
            yield from _boxes(data, at + head, stop, (*inside, name))
        at = max(stop, at + head)


def _elements(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Every element: its name, where its contents start and end; masters give way to theirs."""
    while at < end:
        wide = _width(data[at])
        name = int.from_bytes(data[at : at + wide], "big")
        at += wide
        wide = _width(data[at])
        size = int.from_bytes(data[at : at + wide], "big") & ((1 << 7 * wide) - 1)
        at += wide
        if name in (_SEGMENT, _INFO, _CLUSTER, _GROUP):
            continue
        stop = min(end, at + size)
        yield name, at, stop
        at = stop


def _width(first: int) -> int:
    """Bytes of a number whose first byte this is."""
    if not first:
        raise IndexError("no such number")
    return 9 - first.bit_length()
