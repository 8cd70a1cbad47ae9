"""The database: SQLite by default (one writer at a time), PostgreSQL by DATABASE_URL."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Engine,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    Uuid,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm import DeclarativeBase, Session

from portal.foundation.settings import WrongSettings

_SQLITE = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "secure_delete": 1,
}


_KEPT, _MORE = 16, 32
"""Connections: each of gunicorn's 16 threads may hold a reader's and a writer's, and one more for a
moment. With fewer, threads that hold one wait for each other."""


_PASSING_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM,
    }
)  # fmt: skip
_PASSING_POSTGRES = ("08", "53", "57P", "40", "55P03", "58")
"""Beginnings of SQLSTATE: connection, no room, shut down, deadlock, locked, the disk."""


class Away(Exception):
    """The database does not answer: this process cannot start now."""


def passes(fault: BaseException) -> bool:
    """Whether the database is locked, full, stopped or out of reach, which ends by itself or by
    somebody's hand; a fault in what we asked it does not."""
    if isinstance(fault, NoConnectionLeft):
        return True
    if not isinstance(fault, DBAPIError):
        return False
    code = getattr(fault.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _PASSING_SQLITE
    state = getattr(fault.orig, "sqlstate", "")
    if state is None:  # psycopg's own: no server said anything
        return isinstance(fault, OperationalError | InterfaceError)
    return state.startswith(_PASSING_POSTGRES) or fault.connection_invalidated


_PATIENCE = 5
"""Seconds for a server that says nothing at all; the kernel would wait for two minutes."""


class Moment(TypeDecorator[datetime]):
    """Aware UTC on both databases; a naive datetime is a programming fault."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table. Constraint names are fixed so that migrations can name them."""

    type_annotation_map = {
        datetime: Moment,
        UUID: Uuid(),
        bytes: LargeBinary,
        str: Text,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


Base.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
Code = String(64)


class Database:
    """Hands out sessions. Everything written in one `writing()` is committed together.

    `info` is put on every session: rooms find the vault there.
    """

    def __init__(self, url: str, *, info: dict[str, Any] | None = None) -> None:
        self.info: dict[str, Any] = info if info is not None else {}
        self.embedded = url.startswith("sqlite")
        self._writer = threading.RLock()
        self.engine = _sqlite(url) if self.embedded else _postgres(url)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose writes are thrown away."""
        with Session(self.engine, info=dict(self.info)) as session:
            yield session
            session.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session committed at the end, or rolled back when anything is raised.

        On SQLite the one writer's lock of this process is held throughout: keep it
        short, no file or network work inside.
        """
        session = self.open_writing()
        try:
            yield session
            session.commit()
        finally:
            self.close_writing(session)

    def open_writing(self) -> Session:
        """For callers that cannot use a with-block; pair with close_writing()."""
        if self.embedded:
            self._writer.acquire()
        try:
            engine = self.engine.execution_options(immediate=True)
            return Session(engine, info=dict(self.info))
        except BaseException:
            if self.embedded:
                self._writer.release()
            raise

    def close_writing(self, session: Session) -> None:
        """What is not committed is thrown away, also when the server is gone by now."""
        try:
            with suppress(SQLAlchemyError):
                session.close()
        finally:
            if self.embedded:
                self._writer.release()

    def check(self) -> None:
        """Refuse to serve on a database that may forget what it acknowledged.

        Raises WrongSettings, or Away when nobody answers.
        """
        try:
            with self.engine.connect() as connection:
                look = _sqlite_faults if self.embedded else _postgres_faults
                faults = look(connection)
        except DBAPIError as fault:
            if passes(fault):
                raise Away(
                    f"数据库连不上（{self.engine.url.host or '本机'}）。请启动数据库。"
                ) from fault
            raise
        if faults:
            raise WrongSettings("unsafe database settings: " + ", ".join(faults))


@event.listens_for(Session, "loaded_as_persistent")
@event.listens_for(Session, "pending_to_persistent")
def _hold(session: Session, row: object) -> None:
    """A row once read stays known to its short session: asking for it again costs nothing."""
    session.info.setdefault("held", []).append(row)


def _sqlite(url: str) -> Engine:
    given = {"timeout": 20, "check_same_thread": False}
    engine = create_engine(url, connect_args=given, pool_size=_KEPT, max_overflow=_MORE)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for name, value in _SQLITE.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgres(url: str) -> Engine:
    given = {"connect_timeout": _PATIENCE}
    return create_engine(
        url, connect_args=given, pool_size=_KEPT, max_overflow=_MORE, pool_recycle=1800
    )


def _sqlite_faults(connection: Any) -> list[str]:
    found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in _SQLITE}
    return [f"{name}={found[name]}" for name, wanted in _SQLITE.items() if found[name] != wanted]


def _postgres_faults(connection: Any) -> list[str]:
    wanted = {
        "fsync": {"on"},
        "full_page_writes": {"on"},
        "synchronous_commit": {"on", "remote_write", "remote_apply", "local"},
    }
    found = {name: connection.execute(text(f"SHOW {name}")).scalar() for name in wanted}
    return [f"{name}={found[name]}" for name, good in wanted.items() if found[name] not in good]
