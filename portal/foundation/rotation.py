"""A new master key: every data key is wrapped anew, what they seal stays as it is."""

import base64
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.foundation import audit, vault
from portal.foundation.database import Database
from portal.foundation.settings import Settings
from portal.foundation.vault import DataKey, Unreadable, Vault

_BATCH = 1000


def rotate(settings: Settings, new_key: Path, *, now: datetime) -> int:
    """Wrap every data key under the key in `new_key`, made now unless it is there already;
    how many. Nothing else may be running: it would go on with the old key.

    One transaction. Killed anywhere, the same call again finishes it. Without
    PORTAL_MASTER_KEY the new key then takes the place of `master.key`. Raises Unreadable,
    with nothing changed, when a data key opens with neither.
    """
    old = vault.open_vault(settings)
    if not new_key.exists():
        vault.write_new_key(new_key)
    new = Vault(base64.b64decode(new_key.read_text()))
    database = Database(settings.url, info={"vault": old})
    try:
        with database.writing() as session:
            count = _wrap_all(session, old, new)
            if count:
                detail = {"keys": str(count)}
                audit.record(session, "rotate.master_key", actor="portal", detail=detail, now=now)
    finally:
        database.engine.dispose()
    if not settings.master_key:
        _put_in_place(new_key, vault.master_key_path(settings))
    return count


def _wrap_all(session: Session, old: Vault, new: Vault) -> int:
    rows = select(DataKey.id, DataKey.wrapped).where(DataKey.wrapped.is_not(None))
    found = [(key_id, wrapped) for key_id, wrapped in session.execute(rows) if wrapped]
    changed = list(_wrapped_anew(found, old, new))
    for start in range(0, len(changed), _BATCH):
        session.execute(update(DataKey), changed[start : start + _BATCH])
    return len(changed)


def _wrapped_anew(
    found: list[tuple[UUID, bytes]], old: Vault, new: Vault
) -> Iterator[dict[str, object]]:
    for key_id, wrapped in found:
        try:
            yield {"id": key_id, "wrapped": new.wrap(key_id, old.unwrap(key_id, wrapped))}
        except Unreadable:
            new.unwrap(key_id, wrapped)  # done before a crash; else it raises


def _put_in_place(new_key: Path, target: Path) -> None:
    new_key.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
