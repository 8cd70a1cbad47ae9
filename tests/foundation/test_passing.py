"""Which faults of the database pass, and which are ours."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError, ProgrammingError

from portal.assembly import open_portal
from portal.foundation import database
from portal.foundation.settings import Settings, from_environment
from portal.serving import free_port


def fault(path: Path, *statements: str) -> DBAPIError:
    """What SQLAlchemy raises for the last of them."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})
    with engine.connect() as connection:
        for statement in statements[:-1]:
            connection.execute(text(statement))
        with pytest.raises(DBAPIError) as raised:
            connection.execute(text(statements[-1]))
    engine.dispose()
    return raised.value


def test_what_we_asked_wrongly_does_not_pass(tmp_path: Path) -> None:
    for statement in ("SELECT nothing_there", "SELECT * FROM nowhere", "SELEKT 1"):
        found = fault(tmp_path / "db", statement)
        assert isinstance(found, OperationalError)
        assert not database.passes(found)


def test_a_locked_one_a_full_one_and_one_that_does_not_open_do(tmp_path: Path) -> None:
    path = tmp_path / "db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        assert database.passes(fault(path, "INSERT INTO t VALUES (1)"))
    small = ("PRAGMA max_page_count = 4", "INSERT INTO t VALUES (zeroblob(100000))")
    assert database.passes(fault(path, *small))
    engine = create_engine(f"sqlite:///{tmp_path}/no/such/folder/db")
    with pytest.raises(OperationalError) as raised:
        engine.connect()
    assert database.passes(raised.value)


class Said(Exception):
    """As psycopg's: what the server called it, or nothing."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("words of people")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("kind", "sqlstate", "passes"),
    [
        (OperationalError, None, True), (OperationalError, "57P01", True),
        (OperationalError, "53100", True), (OperationalError, "40P01", True),
        (OperationalError, "55P03", True), (OperationalError, "58030", True),
        (ProgrammingError, "42703", False), (InternalError, "XX000", False),
        (OperationalError, "57014", False), (ProgrammingError, None, False),
    ],
)  # fmt: skip
def test_what_postgres_calls_it(kind: type[DBAPIError], sqlstate: str | None, passes: bool) -> None:
    assert database.passes(kind("SELECT", {}, Said(sqlstate))) is passes
    assert not database.passes(Said(sqlstate))


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_database_that_is_away_is_said_in_a_line(settings: Settings) -> None:
    url = f"postgresql://portal@127.0.0.1:{free_port()}/portal"
    away = replace(settings, database_url=from_environment({"DATABASE_URL": url}).database_url)
    with pytest.raises(database.Away, match="数据库连不上（127.0.0.1）"):
        open_portal(away)
