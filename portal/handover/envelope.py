"""What a broker carries: a dossier sealed for its one reader, so that the broker holds no word of it.

X25519 with a fresh key each time, HKDF-SHA256, AES-256-GCM; the file's key is authenticated.
"""

import secrets
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from portal.foundation import vault

_VERSION = b"\x01"
_PUBLIC, _NONCE = 32, 12


class WrongEnvelope(Exception):
    """Not for this reader, not for this file, or damaged."""


def seal_for(reader: bytes, data: bytes, *, key: str) -> bytes:
    """`data` for whoever has the private half of `reader` (32 raw bytes), under the file's key."""
    once = X25519PrivateKey.generate()
    public = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(reader))
    nonce = secrets.token_bytes(_NONCE)
    sealed = _cipher(shared, public, reader).encrypt(nonce, data, key.encode())
    return _VERSION + public + nonce + sealed


def open_with(private: X25519PrivateKey, sealed: bytes, *, key: str) -> bytes:
    """Raises WrongEnvelope."""
    public, rest = sealed[1 : 1 + _PUBLIC], sealed[1 + _PUBLIC :]
    try:
        if sealed[:1] != _VERSION:
            raise WrongEnvelope("unknown version")
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
        cipher = _cipher(shared, public, private.public_key().public_bytes_raw())
        return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], key.encode())
    except (InvalidTag, ValueError) as fault:
        raise WrongEnvelope("does not open") from fault


def own_reader(session: Session) -> X25519PrivateKey:
    """The embedded queue's reading key, derived from the key it signs receipts with."""
    return _reader(vault.own_key(session, "intake"))


def open_own(session: Session, sealed: bytes, *, key: str) -> bytes:
    """Also what was on its way when there was another key. Raises WrongEnvelope."""
    for every in (False, True):
        for own in vault.own_keys(session, "intake", every=every):
            with suppress(WrongEnvelope):
                return open_with(_reader(own), sealed, key=key)
    raise WrongEnvelope("does not open")


def _reader(own: bytes) -> X25519PrivateKey:
    made = HKDF(SHA256(), 32, salt=None, info=b"portal queue reader").derive(own)
    return X25519PrivateKey.from_private_bytes(made)


def _cipher(shared: bytes, once: bytes, reader: bytes) -> AESGCM:
    info = b"portal dossier" + once + reader
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(shared))
