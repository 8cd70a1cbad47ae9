"""Sealing: each person and each application has its own data key, wrapped by the master key.

Destroying a data key is erasing what it sealed; restoring an older backup destroys it again
(erased.py). Sealed bytes are bound
to their place (table, column, row), so moved ciphertext does not open.
"""

import base64
import hmac
import os
import secrets
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.foundation.database import Base
from portal.foundation.settings import Settings, WrongSettings

_AES_256_GCM = b"\x01"
_NONCE = 12


class Unreadable(Exception):
    """Sealed bytes that do not open: erased, damaged, or moved from their place."""


class DataKey(Base):
    """数据密钥. `purpose` is person, application, or the name of one of the portal's own keys."""

    __tablename__ = "data_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    purpose: Mapped[str] = mapped_column(String(32), index=True)
    wrapped: Mapped[bytes | None]
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class Vault:
    """Holds the master key in memory and opens data keys with it."""

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise WrongSettings("the master key must be 32 bytes, base64")
        self._master = AESGCM(master)
        self._own: dict[str, bytes] = {}

    def wrap(self, key_id: UUID, key: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return _AES_256_GCM + nonce + self._master.encrypt(nonce, key, key_id.bytes)

    def unwrap(self, key_id: UUID, wrapped: bytes) -> bytes:
        try:
            return self._master.decrypt(
                wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :], key_id.bytes
            )
        except InvalidTag as fault:
            raise Unreadable("a data key does not open: wrong master key?") from fault

    def own(self, session: Session, purpose: str) -> bytes:
        """One of the portal's own keys, made by `make_own_keys` at `portal init`."""
        if purpose not in self._own:
            row = session.scalars(select(DataKey).where(DataKey.purpose == purpose)).one()
            assert row.wrapped is not None  # noqa: S101 - own keys are never destroyed
            self._own[purpose] = self.unwrap(row.id, row.wrapped)
        return self._own[purpose]


OWN_KEYS = ("index", "tokens", "receipt", "intake", "csrf")


def open_vault(settings: Settings) -> Vault:
    """The vault under the master key of the environment or of `master.key` in the data folder.

    Raises WrongSettings when there is none.
    """
    text = settings.master_key
    if not text:
        path = master_key_path(settings)
        if not path.exists():
            raise WrongSettings(
                f"no master key: set PORTAL_MASTER_KEY or run `portal init` ({path.name})"
            )
        text = path.read_text()
    return Vault(base64.b64decode(text))


def master_key_path(settings: Settings) -> Path:
    return settings.data / "master.key"


def make_master_key(settings: Settings) -> None:
    write_new_key(master_key_path(settings))


def write_new_key(path: Path) -> None:
    """A new key in a file of mode 0600, on disk. Never overwrites."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(32)))
        file.flush()
        os.fsync(file.fileno())


def make_own_keys(session: Session, *, now: datetime) -> None:
    """Create those of the portal's own keys that are missing."""
    have = set(session.scalars(select(DataKey.purpose).where(DataKey.purpose.in_(OWN_KEYS))))
    for purpose in OWN_KEYS:
        if purpose not in have:
            new_key(session, purpose, now=now)


def new_key(session: Session, purpose: str, *, now: datetime) -> UUID:
    """A fresh data key; its id goes into the row it protects."""
    key_id, key = uuid4(), secrets.token_bytes(32)
    wrapped = _vault(session).wrap(key_id, key)
    session.add(DataKey(id=key_id, purpose=purpose, wrapped=wrapped, created_at=now))
    session.flush()
    _opened(session)[key_id] = key
    return key_id


def destroy_key(session: Session, key_id: UUID, *, now: datetime) -> None:
    """Everything sealed with this key becomes unreadable for ever."""
    row = session.get_one(DataKey, key_id)
    row.wrapped, row.destroyed_at = None, now
    _opened(session).pop(key_id, None)


def seal(session: Session, key_id: UUID, plain: bytes, *, place: str) -> bytes:
    """Encrypt; `place` names table, column and row and must be given again to open."""
    nonce = secrets.token_bytes(_NONCE)
    cipher = AESGCM(_key(session, key_id))
    return _AES_256_GCM + nonce + cipher.encrypt(nonce, plain, place.encode())


def unseal(session: Session, key_id: UUID, sealed: bytes, *, place: str) -> bytes:
    """Decrypt. Raises Unreadable when the key is destroyed or the bytes are not from `place`."""
    if sealed[:1] != _AES_256_GCM:
        raise Unreadable("unknown sealing algorithm")
    cipher = AESGCM(_key(session, key_id))
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place.encode())
    except InvalidTag as fault:
        raise Unreadable("sealed bytes do not open here") from fault


def seal_text(session: Session, key_id: UUID, plain: str, *, place: str) -> bytes:
    return seal(session, key_id, plain.encode(), place=place)


def unseal_text(session: Session, key_id: UUID, sealed: bytes, *, place: str) -> str:
    return unseal(session, key_id, sealed, place=place).decode()


def blind_index(session: Session, kind: str, value: str) -> bytes:
    """A keyed digest to look a value up by equality without storing it (32 bytes)."""
    key = _vault(session).own(session, "index")
    return hmac.digest(key, f"{kind}\0{value}".encode(), sha256)


def own_key(session: Session, purpose: str) -> bytes:
    return _vault(session).own(session, purpose)


def signing_key(session: Session, purpose: str) -> Ed25519PrivateKey:
    """The Ed25519 key that signs `receipt` (ours) or `intake` (the embedded queue's)."""
    return Ed25519PrivateKey.from_private_bytes(own_key(session, purpose))


def _key(session: Session, key_id: UUID) -> bytes:
    opened = _opened(session)
    if key_id not in opened:
        row = session.get(DataKey, key_id)
        if row is None or row.wrapped is None:
            raise Unreadable("the data key was destroyed")
        opened[key_id] = _vault(session).unwrap(key_id, row.wrapped)
    return opened[key_id]


def _vault(session: Session) -> Vault:
    vault = session.info["vault"]
    assert isinstance(vault, Vault)  # noqa: S101
    return vault


def _opened(session: Session) -> dict[UUID, bytes]:
    opened: dict[UUID, bytes] = session.info.setdefault("opened_keys", {})
    return opened
