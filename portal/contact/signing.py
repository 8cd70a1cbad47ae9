"""What we and an SMS gateway say to each other is signed with the secret both know."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

STAMP, SIGNATURE = "X-Portal-Timestamp", "X-Portal-Signature"
_DRIFT = 300
"""Seconds a clock may be wrong."""


def signed_headers(key: str, body: bytes, now: datetime) -> dict[str, str]:
    """Hex HMAC-SHA256, under `key`, of the timestamp, a full stop and the body."""
    stamp = str(int(now.timestamp()))
    return {STAMP: stamp, SIGNATURE: _signature(key, stamp, body)}


def is_signed(key: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """Whether who knows `key` said this in the last five minutes. Never true without a key."""
    stamp, given = headers.get(STAMP, ""), headers.get(SIGNATURE, "")
    if not key or not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
        return False
    fresh = abs(int(stamp) - now.timestamp()) <= _DRIFT
    return fresh and hmac.compare_digest(_signature(key, stamp, body).encode(), given.encode())


def _signature(key: str, stamp: str, body: bytes) -> str:
    return hmac.new(key.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()
