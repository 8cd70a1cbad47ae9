"""Whose turn it is: what only one of several workers may be doing at a moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from portal.foundation.database import Database

_TAKE = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_GIVE = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")


@contextmanager
def turn(database: Database, name: str) -> Iterator[bool]:
    """Whether `name` is ours alone until the block ends; False: another process is at it.

    The lock lives with its connection: whoever is killed or cut off loses it at once, no lease
    to wait for. On SQLite there is one worker, and it is always its turn.
    """
    if database.embedded:
        yield True
        return
    with database.engine.connect() as connection:
        ours = bool(connection.execute(_TAKE, {"name": name}).scalar())
        connection.commit()
        try:
            yield ours
        finally:
            if ours:
                connection.execute(_GIVE, {"name": name})
                connection.commit()
