"""A recording as it is sent: known by its first bytes and its size, never listened to by us."""

from dataclasses import dataclass

from portal.foundation.errors import Invalid, TooLarge

MOST_BYTES = 2 * 1024 * 1024
_LEAST_BYTES = 64
_BEGINS: tuple[tuple[bytes, str], ...] = (
    (b"OggS", "ogg"),
    (b"#!AMR", "amr"),
    (b"fLaC", "flac"),
    (b"\x1aE\xdf\xa3", "webm"),
    (b"ID3", "mp3"),
)
_BOXES = {
    b"M4A ",
    b"mp42",
    b"isom",
    b"iso2",
    b"mp41",
    b"3gp4",
    b"3gp5",
    b"3gp6",
    b"3gpp",
    b"M4B ",
    b"dash",
}


@dataclass(frozen=True)
class Heard:
    """A recording. `kind` is its container: ogg · amr · flac · webm · mp3 · aac · wav · m4a."""

    kind: str
    data: bytes

    @property
    def media_type(self) -> str:
        return {"mp3": "audio/mpeg", "m4a": "audio/mp4"}.get(self.kind, f"audio/{self.kind}")


def check(data: bytes) -> Heard:
    """The recording, if it is one. Raises TooLarge past 2 MB, Invalid (not_audio)."""
    if len(data) > MOST_BYTES:
        raise TooLarge("录音太长了。请说短一点，再录。")
    kind = _kind(data) if len(data) >= _LEAST_BYTES else ""
    if not kind:
        message = "这不是录音。请用手机录音再传。"
        raise Invalid(message, code="not_audio", fields={"audio": [message]})
    return Heard(kind, data)


def _kind(data: bytes) -> str:
    for begins, kind in _BEGINS:
        if data.startswith(begins):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] == b"ftyp" and data[8:12] in _BOXES:
        return "m4a"
    if data[0] == 0xFF and data[1] & 0xF6 == 0xF0:
        return "aac"
    if data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 0x06 and data[2] & 0xF0 != 0xF0:
        return "mp3"
    return ""
