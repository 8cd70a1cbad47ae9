"""Recordings of a given length, frame by frame as phones write them; nothing can be heard in them."""

import struct


def amr(seconds: float, mode: int = 7) -> bytes:
    sizes = (13, 14, 16, 18, 20, 21, 27, 32)
    frame = bytes([mode << 3 | 4]) + bytes(sizes[mode] - 1)
    return b"#!AMR\n" + frame * round(seconds * 50)


def amr_wide(seconds: float) -> bytes:
    return b"#!AMR-WB\n" + (bytes([2 << 3 | 4]) + bytes(32)) * round(seconds * 50)


def aac(seconds: float, rate: int = 16000) -> bytes:
    index = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000).index(rate)
    size = 100
    head = bytes([0xFF, 0xF1, 0x40 | index << 2, 0x40 | size >> 11, size >> 3 & 0xFF, (size & 7) << 5 | 0x1F, 0xFC])  # fmt: skip
    return (head + bytes(size - 7)) * round(seconds * rate / 1024)


def mp3(seconds: float, *, tagged: bool = False) -> bytes:
    """MPEG-1 layer III, 32 kbit/s at 32 kHz: 144 bytes for 36 ms."""
    frame = bytes([0xFF, 0xFB, 0x18, 0xC4]) + bytes(140)
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) if tagged else b""
    return tag + frame * round(seconds / 0.036)


def ogg(seconds: float, *, vorbis: bool = False) -> bytes:
    """The first and the last page."""
    if vorbis:
        head = b"\x01vorbis" + bytes(4) + b"\x01" + struct.pack("<I", 44100) + bytes(13)
        last = round(seconds * 44100)
    else:
        head = b"OpusHead\x01\x01" + struct.pack("<H", 312) + bytes(7)
        last = round(seconds * 48000) + 312
    return _page(0, head) + _page(last, bytes(200))


def _page(granule: int, body: bytes) -> bytes:
    return (
        b"OggS\x00\x00"
        + struct.pack("<q", granule)
        + bytes(12)
        + b"\x01"
        + bytes([len(body)])
        + body
    )


def m4a(seconds: float, *, wide: bool = False) -> bytes:
    ticks = round(seconds * 1000)
    times = (
        struct.pack(">QQIQ", 0, 0, 1000, ticks) if wide else struct.pack(">IIII", 0, 0, 1000, ticks)
    )
    mvhd = box(b"mvhd", bytes([1 if wide else 0, 0, 0, 0]) + times + bytes(80))
    return box(b"ftyp", b"M4A \x00\x00\x00\x00isom") + box(b"moov", mvhd) + box(b"mdat", bytes(500))


def m4a_in_parts(seconds: float, *, each: bool = False) -> bytes:
    """As a recorder writes it live: no length at the head, a fragment a second."""
    scale, length = 16000, 1024
    mvhd = box(b"mvhd", bytes(4) + struct.pack(">IIII", 0, 0, 1000, 0) + bytes(80))
    mdhd = box(b"mdhd", bytes(4) + struct.pack(">IIII", 0, 0, scale, 0) + bytes(4))
    trex = box(b"trex", bytes(4) + struct.pack(">IIIII", 1, 1, 0 if each else length, 0, 0))
    moov = box(b"moov", mvhd + box(b"trak", box(b"mdia", mdhd)) + box(b"mvex", trex))
    parts, at, samples = b"", 0, round(seconds * scale / length)
    while samples:
        some = min(15, samples)
        run = struct.pack(">II", 0x100 if each else 0, some) + struct.pack(">I", length) * (
            some if each else 0
        )
        traf = box(b"tfhd", struct.pack(">II", 0, 1)) + box(
            b"tfdt", bytes(4) + struct.pack(">I", at)
        )
        parts += box(b"moof", box(b"traf", traf + box(b"trun", run))) + box(b"mdat", bytes(100))
        at, samples = at + some * length, samples - some
    return box(b"ftyp", b"iso5\x00\x00\x00\x00") + moov + parts


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


def webm(seconds: float, *, said: bool = False) -> bytes:
    """As Chrome records: a segment without an end; `said` with the length at its head."""
    duration = element(0x4489, struct.pack(">d", seconds * 1000)) if said else b""
    info = element(0x1549A966, element(0x2AD7B1, (1_000_000).to_bytes(3, "big")) + duration)
    clusters = b""
    for start in range(0, max(1, round(seconds)), 5):
        blocks = b"".join(
            element(0xA3, b"\x81" + struct.pack(">h", 20 * n) + b"\x80" + bytes(40))
            for n in range(251) if start * 1000 + 20 * n <= seconds * 1000
        )  # fmt: skip
        clusters += element(0x1F43B675, element(0xE7, (start * 1000).to_bytes(4, "big")) + blocks)
    doctype = element(0x4282, b"webm")
    endless = (0x18538067).to_bytes(4, "big") + b"\x01" + b"\xff" * 7
    return element(0x1A45DFA3, doctype) + endless + info + clusters


def element(name: int, body: bytes) -> bytes:
    head = name.to_bytes((name.bit_length() + 7) // 8, "big")
    return head + (1 << 56 | len(body)).to_bytes(8, "big") + body
