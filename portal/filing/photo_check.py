"""What a photo must be before it is taken in; nothing here decodes a pixel."""

from dataclasses import dataclass, field
from hashlib import sha256

from portal.filing import photo_header
from portal.foundation.errors import Invalid, Refusal, TooLarge, WrongType

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 64_000_000
LONGEST_SIDE = 12_000
SHORTEST_SIDE = 300
_WRONG_TYPE = "只收照片。请用手机拍照，或从相册选。"
_HEIC = "这种照片打不开。请在相机设置里选“兼容性最佳”。再拍一张就行。"


@dataclass(frozen=True)
class Received:
    """A photo that passed `check`: exactly the bytes that arrived and what they say they are.

    `envelope`: the digest of what the phone had sealed it in, if it did.
    """

    data: bytes = field(repr=False)
    digest: str
    media_type: str
    envelope: str | None = None


def check(data: bytes, digest: str | None) -> Received:
    """Look at the bytes without decoding a pixel. `digest` is the sender's SHA-256 in hex, if any.

    Raises TooLarge, WrongType, or Invalid with code digest_mismatch, image_unreadable,
    image_too_large, too_small or animated.
    """
    if len(data) > MOST_BYTES:
        raise refusal(TooLarge, "too_large", "照片太大了。请用手机相机重新拍一张。")
    found = check_digest(data, digest)
    if len(data) < 12:
        raise _unreadable()
    kind = photo_header.media_type(data)
    if kind is None:
        said = _HEIC if photo_header.is_heic(data) else _WRONG_TYPE
        raise refusal(WrongType, "type_not_allowed", said)
    _check_size(data, kind)
    return Received(data, found, kind)


def check_digest(data: bytes, digest: str | None) -> str:
    """The SHA-256 of `data`, hex. Raises Invalid (digest_mismatch) when another was said."""
    found = sha256(data).hexdigest()
    if digest and digest.strip().lower() != found:
        raise refusal(Invalid, "digest_mismatch", "照片在路上坏了，请再传一次。")
    return found


def _check_size(data: bytes, kind: str) -> None:
    try:
        header = photo_header.read(data, kind)
    except photo_header.NotWhole as fault:
        raise _unreadable() from fault
    sides = (header.width, header.height)
    if min(sides) < 1:
        raise _unreadable()
    if max(sides) > LONGEST_SIDE or header.width * header.height > MOST_PIXELS:
        raise refusal(Invalid, "image_too_large", "照片尺寸太大。请用手机相机重新拍。")
    if header.animated:
        raise refusal(Invalid, "animated", "这是动图。请拍一张普通照片。")
    if min(sides) < SHORTEST_SIDE:
        raise refusal(Invalid, "too_small", "照片太小，看不清字。请重新拍一张。")


def refusal(kind: type[Refusal], code: str, message: str) -> Refusal:
    return kind(message, code=code, fields={"photo": [message]})


def _unreadable() -> Refusal:
    return refusal(Invalid, "image_unreadable", "照片打不开。请重新拍一张。")
