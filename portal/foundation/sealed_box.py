"""What a phone seals to the portal's key, so that the phone itself cannot open it again.

An envelope is the key's name (4 bytes), the phone's point (65), a nonce (12) and what AES-256-GCM
made of the content; its key comes from P-256 ECDH by HKDF-SHA256 with the phone's point as salt.
The key pair lies among the portal's own keys, under the master key. A newer one may be made at any
time: what was sealed to an older one still opens.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Session

from portal.foundation import vault

PURPOSE = "sealing"
INFO = b"portal seal 1"
NAME, POINT, NONCE, TAG = 4, 65, 12, 16
OVERHEAD = NAME + POINT + NONCE + TAG
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class _Key:
    private: ec.EllipticCurvePrivateKey = field(repr=False)
    name: bytes
    point: bytes


class NotForUs(Exception):
    """No envelope, sealed to a key we do not have, or altered on the way."""


def public_key(session: Session) -> bytes:
    """The newest key's name and point, 69 bytes; empty in an installation without one."""
    for key in _keys(session):
        return key.name + key.point
    return b""


def opened(session: Session, envelope: bytes) -> bytes:
    """What was sealed. Raises NotForUs."""
    if len(envelope) < OVERHEAD:
        raise NotForUs("too short for an envelope")
    name, point = envelope[:NAME], envelope[NAME : NAME + POINT]
    rest = envelope[NAME + POINT :]
    for key in _keys(session, name):
        try:
            other = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
            box = AESGCM(_derived(key.private.exchange(ec.ECDH(), other), point))
            return box.decrypt(rest[:NONCE], rest[NONCE:], None)
        except (ValueError, InvalidTag) as fault:
            raise NotForUs("the envelope was altered") from fault
    raise NotForUs("sealed to a key we do not have")


def renew(session: Session, *, now: datetime) -> None:
    """From the next start on phones are given a new key."""
    vault.new_key(session, PURPOSE, now=now)


def _keys(session: Session, name: bytes = b"") -> Iterator[_Key]:
    """Those of this name, or the newest."""
    for seed in vault.own_keys(session, PURPOSE, every=bool(name)):
        key = _key(seed)
        if key.name.startswith(name):
            yield key


@lru_cache(maxsize=16)
def _key(seed: bytes) -> _Key:
    private = ec.derive_private_key(int.from_bytes(seed) % (_ORDER - 1) + 1, _CURVE)
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _Key(private, sha256(point).digest()[:NAME], point)


def _derived(shared: bytes, point: bytes) -> bytes:
    return HKDF(SHA256(), 32, point, INFO).derive(shared)
