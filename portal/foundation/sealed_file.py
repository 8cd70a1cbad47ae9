"""A file sealed in chunks: AES-256-GCM, each chunk bound to its number, the header and the end.

Layout: one JSON line that says how the key is made, then chunks of 1 MiB and a tag each.
A chunk changed, moved, left out, or cut off at the end is noticed (the STREAM construction).
"""

import base64
import json
import secrets
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

CHUNK = 1024 * 1024
_TAG = 16
_FORMAT = "jiuzhutong-backup-1"
_SCRYPT = {"n": 2**16, "r": 8, "p": 1}
_LONGEST_HEADER = 4096


class Damaged(Exception):
    """It does not open: wrong key, or not the bytes that were written."""


class Writer:
    """Takes bytes, writes them sealed into `out`; `finish` marks the end."""

    def __init__(self, out: BinaryIO, *, passphrase: str | None, key: bytes | None) -> None:
        header = _header(passphrase)
        line = json.dumps(header, sort_keys=True).encode() + b"\n"
        out.write(line)
        self._out, self._line, self._number = out, line, 0
        self._cipher = AESGCM(_key(header, passphrase, key))
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def finish(self) -> None:
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last), plain, self._line))
        self._number += 1


class Reader:
    """Reads what Writer wrote. Raises Damaged at the first chunk that is not as it was."""

    def __init__(self, file: BinaryIO, *, passphrase: str | None, key: bytes | None) -> None:
        self._file, self._number, self._opened = file, 0, bytearray()
        self._line = file.readline(_LONGEST_HEADER)
        self._cipher = AESGCM(_key(_parsed(self._line), passphrase, key))
        self._next = file.read(CHUNK + _TAG)

    def read(self, size: int = -1) -> bytes:
        while self._next and (size < 0 or len(self._opened) < size):
            self._open_one()
        end = len(self._opened) if size < 0 else size
        given = bytes(self._opened[:end])
        del self._opened[:end]
        return given

    def _open_one(self) -> None:
        sealed, self._next = self._next, self._file.read(CHUNK + _TAG)
        nonce = _nonce(self._number, last=not self._next)
        try:
            self._opened += self._cipher.decrypt(nonce, sealed, self._line)
        except InvalidTag as fault:
            raise Damaged(f"chunk {self._number}") from fault
        self._number += 1


def needs_passphrase(file: BinaryIO) -> bool:
    """Whether it was sealed with one; else with a master key. Leaves the file at its start."""
    header = _parsed(file.readline(_LONGEST_HEADER))
    file.seek(0)
    return bool(header["key"] == "passphrase")


def _header(passphrase: str | None) -> dict[str, Any]:
    salt = base64.b64encode(secrets.token_bytes(32)).decode()
    header: dict[str, Any] = {"format": _FORMAT, "salt": salt}
    return header | ({"key": "master"} if passphrase is None else {"key": "passphrase", **_SCRYPT})


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        header = json.loads(line)
        good = header["format"] == _FORMAT and header["key"] in ("master", "passphrase")
    except (ValueError, KeyError, TypeError) as fault:
        raise Damaged("header") from fault
    if not good:
        raise Damaged("header")
    return dict(header)


def _key(header: dict[str, Any], passphrase: str | None, key: bytes | None) -> bytes:
    """32 bytes of this file's own, from the passphrase or the master key."""
    try:
        salt = base64.b64decode(header["salt"])
        if header["key"] == "passphrase":
            cost = {name: int(header[name]) for name in _SCRYPT}
            if passphrase is None or cost != _SCRYPT:
                raise Damaged("passphrase")
            return Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode())
    except (ValueError, KeyError, TypeError) as fault:
        raise Damaged("header") from fault
    if key is None:
        raise Damaged("master key")
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=_FORMAT.encode()).derive(key)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
