"""The numbers of all destroyed keys, kept beside the backups and written anew with each.

A backup made before somebody was erased still holds the key. Restored with this list beside it,
the key is destroyed again before anything is put in place.
"""

import os
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from portal.foundation.database import Database
from portal.foundation.settings import Settings
from portal.foundation.vault import DataKey

NAME = "erased-keys"


def write(settings: Settings, folder: Path) -> None:
    """The list as of now, in place in one step and on disk."""
    database = Database(settings.url)
    try:
        with database.reading() as session:
            rows = select(DataKey.id).where(DataKey.destroyed_at.is_not(None)).order_by(DataKey.id)
            numbers = list(session.scalars(rows))
    finally:
        database.engine.dispose()
    part = folder / f"{NAME}.part"
    with part.open("w") as out:
        out.write("".join(f"{number}\n" for number in numbers))
        out.flush()
        os.fsync(out.fileno())
    part.rename(folder / NAME)


def destroy_again(database: Database, folder: Path) -> int:
    """In a database older than the list; how many keys. Without a list nothing is done."""
    if not (folder / NAME).exists():
        return 0
    done = 0
    with database.writing() as session:
        for number in (folder / NAME).read_text().split():
            row = session.get(DataKey, UUID(number))
            if row is not None and row.wrapped is not None:
                row.wrapped, row.destroyed_at = None, row.created_at
                done += 1
    return done
