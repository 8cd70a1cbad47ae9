"""Sealing as a phone does it (static/assets/seal.js), in Python."""

import base64
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def sealed(key: bytes, plain: bytes) -> bytes:
    """`key`: its name (4 bytes) and point (65), as the portal gives it."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key[4:])
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), theirs)
    box = AESGCM(HKDF(SHA256(), 32, point, b"portal seal 1").derive(shared))
    nonce = secrets.token_bytes(12)
    return key[:4] + point + nonce + box.encrypt(nonce, plain, None)


def topic(key: str, who: str, **said: Any) -> bytes:
    """A JSON body; `key` as GET /api/phone names it."""
    return sealed(base64.b64decode(key), json.dumps({"who": who, **said}).encode())


def photo(key: str, who: str, item: str, data: bytes) -> bytes:
    head = json.dumps({"who": who, "item": item}).encode()
    return sealed(base64.b64decode(key), head + b"\n" + data)
