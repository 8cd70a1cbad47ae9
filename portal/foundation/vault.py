"""Sealing: each person and each application has its own data key, wrapped by the master key.

Destroying a data key is erasing what it sealed; restoring an older backup destroys it again
(erased.py). Sealed bytes are bound
to their place (table, column, row), so moved ciphertext does not open.
"""

import hmac
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.foundation import master_key
from portal.foundation.database import Base
from portal.foundation.master_key import KeyFile, Masters
from portal.foundation.settings import Settings, WrongSettings

_AES_256_GCM = b"\x01"
_NONCE = 12
_BELIEVED = 60.0
_MAKING = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('master key', 0))")
_CHANGING = text("SELECT pg_advisory_xact_lock(hashtextextended('master key', 0))")


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
    """Holds the master keys in memory: the first wraps data keys, each of them opens.

    There is a second one only while they are changed (rotation.py). `changed` says what they
    are now, or None when nothing has changed: asked before a key is wrapped, and when one does
    not open.
    """

    def __init__(
        self, *masters: bytes, changed: Callable[[], Masters | None] | None = None
    ) -> None:
        self._changed = changed or (lambda: None)
        self._own: dict[str, tuple[float, list[OwnKey]]] = {}
        self._take(masters)

    def wrap(self, key_id: UUID, key: bytes) -> bytes:
        self._look_again()
        nonce = secrets.token_bytes(_NONCE)
        return _AES_256_GCM + nonce + self._masters[0].encrypt(nonce, key, key_id.bytes)

    def unwrap(self, key_id: UUID, wrapped: bytes) -> bytes:
        """Raises Unreadable."""
        found = self._open_with(self._masters, key_id, wrapped)
        if found is None and self._look_again():
            found = self._open_with(self._masters, key_id, wrapped)
        if found is None:
            raise Unreadable("a data key does not open: wrong master key?")
        return found

    def is_newest(self, key_id: UUID, wrapped: bytes) -> bool:
        """Whether the master key that wraps now has wrapped it."""
        return self._open_with(self._masters[:1], key_id, wrapped) is not None

    def _take(self, masters: Masters) -> None:
        if not masters or any(len(master) != 32 for master in masters):
            raise WrongSettings("the master key must be 32 bytes, base64")
        self._masters = tuple(AESGCM(master) for master in masters)

    def _look_again(self) -> bool:
        masters = self._changed()
        if masters is not None:
            self._take(masters)
        return masters is not None

    @staticmethod
    def _open_with(masters: tuple[AESGCM, ...], key_id: UUID, wrapped: bytes) -> bytes | None:
        nonce, sealed = wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :]
        for master in masters:
            with suppress(InvalidTag):
                return master.decrypt(nonce, sealed, key_id.bytes)
        return None

    def own(self, session: Session, purpose: str) -> list["OwnKey"]:
        """As `own_keys` says; what was read is believed for a minute."""
        read, found = self._own.get(purpose, (0.0, []))
        if found and time.monotonic() - read < _BELIEVED:
            return found
        return self.own_now(session, purpose)

    def forget(self, purpose: str) -> None:
        self._own.pop(purpose, None)

    def own_now(self, session: Session, purpose: str) -> list["OwnKey"]:
        rows = select(DataKey).where(DataKey.purpose == purpose, DataKey.wrapped.is_not(None))
        newest = session.scalars(rows.order_by(DataKey.created_at.desc(), DataKey.id)).all()
        found = [
            OwnKey(row.id, self.unwrap(row.id, row.wrapped), row.created_at)
            for row in newest
            if row.wrapped is not None
        ]
        if found:
            self._own[purpose] = (time.monotonic(), found)
        return found


@dataclass(frozen=True)
class OwnKey:
    """One of the portal's own keys; it is in use from `since`."""

    id: UUID
    key: bytes = field(repr=False)
    since: datetime


OWN_KEYS = ("index", "tokens", "receipt", "intake", "csrf", "sealing")


def open_vault(settings: Settings) -> Vault:
    """The vault under the master keys of the environment or of `master.key` in the data folder.

    Raises WrongSettings when there is none.
    """
    masters = master_key.masters_of(settings)
    if settings.master_key:
        return Vault(*masters)
    return Vault(*masters, changed=KeyFile(master_key.path_of(settings)).changed)


def make_own_keys(session: Session, *, now: datetime) -> None:
    """Create those of the portal's own keys that are missing."""
    have = set(session.scalars(select(DataKey.purpose).where(DataKey.purpose.in_(OWN_KEYS))))
    for purpose in OWN_KEYS:
        if purpose not in have:
            new_key(session, purpose, now=now)


def renew(session: Session, purpose: str, *, at_once: bool = False, now: datetime) -> None:
    """A newer own key. The one before goes on being believed as long as its users say, or with
    `at_once` no longer; it stays for what only has to come out the same (`first_key`)."""
    if at_once:
        rows = update(DataKey).where(DataKey.purpose == purpose)
        session.execute(rows.values(purpose=f"was-{purpose}"))
    new_key(session, purpose, now=now)
    _vault(session).forget(purpose)


def new_key(session: Session, purpose: str, *, now: datetime, key_id: UUID | None = None) -> UUID:
    """A fresh data key; its id goes into the row it protects."""
    _hold_master(session)
    key_id, key = key_id or uuid4(), secrets.token_bytes(32)
    wrapped = _vault(session).wrap(key_id, key)
    session.add(DataKey(id=key_id, purpose=purpose, wrapped=wrapped, created_at=now))
    session.flush()
    _opened(session)[key_id] = key
    return key_id


def wait_for_makers(session: Session) -> None:
    """Returns when every data key wrapped under what the master key was before is written down;
    whoever makes one later looks at the master key after this."""
    if session.connection().dialect.name == "postgresql":
        session.execute(_CHANGING)


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
    key = own_key(session, "index")
    return hmac.digest(key, f"{kind}\0{value}".encode(), sha256)


def own_key(session: Session, purpose: str) -> bytes:
    """The newest of this purpose. A newer one is known in every process within a minute."""
    return _vault(session).own(session, purpose)[0].key


def own_keys(
    session: Session, purpose: str, *, every: bool, since: datetime | None = None
) -> list[bytes]:
    """Own keys of which there may be several, the newest first. Without `every` those known are
    enough. Those no longer the newest at `since` are left out."""
    box = _vault(session)
    found = box.own_now(session, purpose) if every else box.own(session, purpose)
    if since is None:
        return [one.key for one in found]
    ended = [None, *(one.since for one in found)]
    return [one.key for one, end in zip(found, ended, strict=False) if end is None or end >= since]


def first_key(session: Session, purpose: str) -> bytes:
    """The oldest of this purpose, also one that is no longer believed: it never changes."""
    rows = (_vault(session).own(session, name) for name in (f"was-{purpose}", purpose))
    return next(found[-1].key for found in rows if found)


def own_ones(session: Session, purpose: str) -> list[OwnKey]:
    """As they stand now, with their ids."""
    return _vault(session).own_now(session, purpose)


def signing_key(session: Session, purpose: str) -> Ed25519PrivateKey:
    """The Ed25519 key that signs `receipt` (ours) or `intake` (the embedded queue's)."""
    return Ed25519PrivateKey.from_private_bytes(own_key(session, purpose))


def _hold_master(session: Session) -> None:
    """From here to its commit `wait_for_makers` waits for this transaction: on SQLite it is the
    one that writes."""
    if session.connection().dialect.name == "postgresql":
        session.execute(_MAKING)


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
