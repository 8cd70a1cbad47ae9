"""A new master key while everything runs: each data key is wrapped anew, what they seal stays.

First the new key is put before the old one, where every process finds it: from then on the new
one wraps and both open. Then the data keys are wrapped anew, some hundred at a time. Only when
none is left under the old one is it taken away.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.foundation import audit, master_key, vault
from portal.foundation.crash import crash_point
from portal.foundation.database import Database
from portal.foundation.master_key import KeyFile
from portal.foundation.settings import Settings, WrongSettings
from portal.foundation.vault import DataKey, Unreadable, Vault

_BATCH = 200
_FIRST = UUID(int=0)


def rotate(settings: Settings, *, now: datetime) -> int:
    """Change the master key; how many data keys were wrapped anew.

    Killed anywhere, the same call again goes on. With PORTAL_MASTER_KEY its first key is the
    new one (RUNBOOK.md). Raises WrongSettings when there is no second one yet, Unreadable when
    a data key opens with neither: that one is left as it is, and the old master key too.
    """
    if settings.master_key:
        if len(master_key.masters_of(settings)) < 2:
            raise WrongSettings("PORTAL_MASTER_KEY: the new key, a space, the old key")
        return _wrap_all(settings, now=now)
    file = KeyFile(master_key.path_of(settings))
    with file.alone():
        masters = file.read()
        if len(masters) < 2:
            masters = (master_key.new_key(), *masters)
            file.replace(masters)
        crash_point("M1")
        count = _wrap_all(settings, now=now)
        crash_point("M3")
        file.replace(masters[:1])
    return count


def _wrap_all(settings: Settings, *, now: datetime) -> int:
    opened = vault.open_vault(settings)
    database = Database(settings.url, info={"vault": opened})
    try:
        with database.writing() as session:
            vault.wait_for_makers(session)
        count = 0
        while wrapped := _one_pass(database, opened):
            count += wrapped
        if count:
            with database.writing() as session:
                detail = {"keys": str(count)}
                audit.record(session, "rotate.master_key", actor="portal", detail=detail, now=now)
    finally:
        database.engine.dispose()
    return count


def _one_pass(database: Database, opened: Vault) -> int:
    """How many were not under the newest key. Others read and write in between."""
    count, left = 0, 0
    last: UUID | None = _FIRST
    while last is not None:
        with database.writing() as session:
            rows = _next(session, last)
            last = rows[-1].id if rows else None
            for row in rows:
                assert row.wrapped is not None  # noqa: S101 - asked for
                if not opened.is_newest(row.id, row.wrapped):
                    try:
                        row.wrapped = opened.wrap(row.id, opened.unwrap(row.id, row.wrapped))
                        count += 1
                    except Unreadable:
                        left += 1
        crash_point("M2")
    if left:
        raise Unreadable(f"{left} data keys open with no master key")
    return count


def _next(session: Session, last: UUID) -> list[DataKey]:
    """Locked: a key destroyed meanwhile stays destroyed."""
    rows = select(DataKey).where(DataKey.id > last, DataKey.wrapped.is_not(None))
    return list(session.scalars(rows.order_by(DataKey.id).limit(_BATCH).with_for_update()))
