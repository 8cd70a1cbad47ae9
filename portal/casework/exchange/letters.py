"""One file of the exchange: a line that says what it is, signed, and then the bytes.

    {"at":1795309200,"from":"anhua","kind":"event","sha256":"…","signature":"…","size":412}⏎
    …412 bytes…

The first line is JSON with sorted keys and no blanks. `signature`: base64 of the Ed25519
signature over the same line without it, a line feed, and the bytes. What ends too early is cut
and may still be arriving; everything else that does not fit is refused.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LONGEST_LINE = 1024
KINDS = ("dossier", "answer", "event", "receipt")
_NAMES = frozenset({"at", "from", "key", "kind", "sha256", "signature", "size"})
_NEEDED = _NAMES - {"key"}


class Cut(Exception):
    """The file ends before it should: still arriving, or cut."""


class Damaged(Exception):
    """The file is whole and not what its sender signed."""


@dataclass(frozen=True)
class Letter:
    """What was signed: who says it, when (Unix seconds), of what kind; `key` names a dossier."""

    kind: str
    sender: str
    at: int
    body: bytes
    key: str = ""


def written(letter: Letter, key: Ed25519PrivateKey) -> bytes:
    """The file; written twice it is the same to the last byte."""
    about = _about(letter)
    signature = base64.b64encode(key.sign(_signed(about, letter.body))).decode()
    return _line(about | {"signature": signature}) + b"\n" + letter.body


def opened(data: bytes, key: bytes) -> Letter:
    """Raises Cut, or Damaged for a single bit that the holder of `key` (32 bytes) did not sign."""
    head, body = _head(data)
    if len(body) < head["size"]:
        raise Cut
    signature = head.pop("signature")
    if len(body) > head["size"] or sha256(body).hexdigest() != head["sha256"]:
        raise Damaged("other bytes than the first line says")
    try:
        raw = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(raw, _signed(head, body))
    except (InvalidSignature, ValueError, binascii.Error) as fault:
        raise Damaged("the signature does not fit") from fault
    if base64.b64encode(raw).decode() != signature:
        raise Damaged("another spelling of the signature")
    return Letter(head["kind"], head["from"], head["at"], body, head.get("key", ""))


def sender(data: bytes) -> str:
    """Who says to have written it; nothing of it is checked yet. Raises Cut, Damaged."""
    head, _body = _head(data)
    return str(head["from"])


def _head(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The first line, its values of the right types, written the one way there is."""
    line, feed, body = data.partition(b"\n")
    if len(line) > LONGEST_LINE:
        raise Damaged("no first line")
    if not feed:
        raise Cut
    try:
        head = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError) as fault:
        raise Damaged("the first line is no JSON") from fault
    if not isinstance(head, dict) or not _NEEDED <= head.keys() <= _NAMES or _line(head) != line:
        raise Damaged("the first line is not written as agreed")
    numbers = [type(head[name]) is int and head[name] >= 0 for name in ("at", "size")]
    texts = [isinstance(head[name], str) for name in head if name not in ("at", "size")]
    if not all(numbers + texts) or head["kind"] not in KINDS:
        raise Damaged("the first line is not written as agreed")
    return head, body


def _about(letter: Letter) -> dict[str, Any]:
    about = {
        "at": letter.at, "from": letter.sender, "kind": letter.kind, "size": len(letter.body),
        "sha256": sha256(letter.body).hexdigest(),
    }  # fmt: skip
    return about | ({"key": letter.key} if letter.key else {})


def _signed(about: dict[str, Any], body: bytes) -> bytes:
    return _line(about) + b"\n" + body


def _line(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
