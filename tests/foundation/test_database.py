"""The database: one truth per commit, and no start on settings that forget."""

import runpy
import sqlite3
import threading
from contextlib import ExitStack, closing
from datetime import datetime

import pytest
from sqlalchemy import event, text

from portal.assembly import open_portal
from portal.foundation import database as module
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.database import Database
from portal.foundation.settings import WrongSettings
from portal.policy.tables import Region
from tests.rules.code import ROOT


def add(session, code):
    session.add(Region(code=code, name="x", level="province", parent_code=None))


def names(portal, code):
    with portal.database.reading() as session:
        return session.get(Region, code) is not None


def test_writing_commits_together(portal):
    with portal.database.writing() as session:
        add(session, "990000")
        add(session, "980000")
    assert names(portal, "990000")
    assert names(portal, "980000")


def test_a_fault_throws_everything_away(portal):
    def half() -> None:
        with portal.database.writing() as session:
            add(session, "990000")
            session.flush()
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        half()
    assert not names(portal, "990000")


def test_reading_never_writes(portal):
    with portal.database.reading() as session:
        add(session, "990000")
        session.flush()
    assert not names(portal, "990000")


def test_a_naive_time_is_a_programming_fault(portal, now):
    from portal.foundation import audit

    with pytest.raises(Exception, match="naive"), portal.database.writing() as session:
        audit.record(session, "verb.noun", actor="portal", now=datetime(2026, 1, 1))  # noqa: DTZ001


def test_times_come_back_aware_and_equal(portal, now):
    from portal.foundation import audit

    with portal.database.writing() as session:
        audit.record(session, "verb.noun", actor="portal", now=now)
    with portal.database.reading() as session:
        entry = session.query(AuditEntry).order_by(AuditEntry.seq.desc()).first()
        assert entry.at == now
        assert entry.at.tzinfo is not None


def test_writers_of_one_process_wait_for_each_other(portal):
    def write(number: int) -> None:
        for step in range(5):
            with portal.database.writing() as session:
                add(session, f"9{number}{step}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with portal.database.reading() as session:
        assert session.query(Region).filter(Region.name == "x").count() == 30


@pytest.mark.parametrize(
    ("name", "value"),
    [("synchronous", 1), ("synchronous", 0), ("foreign_keys", 0), ("secure_delete", 0)],
)
def test_weaker_sqlite_settings_are_refused(tmp_path, monkeypatch, name, value):
    opened = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")

    @event.listens_for(opened.engine, "connect")
    def _weaken(connection, _record):
        connection.execute(f"PRAGMA {name}={value}")

    with pytest.raises(WrongSettings, match=f"{name}={value}"):
        opened.check()
    opened.engine.dispose()


def test_a_journal_that_is_no_wal_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(module._SQLITE, "journal_mode", "delete")
    opened = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with opened.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    monkeypatch.setitem(module._SQLITE, "journal_mode", "wal")
    with pytest.raises(WrongSettings, match="journal_mode=delete"):
        opened.check()
    opened.engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_a_postgres_that_may_forget_is_refused(settings):
    opened = Database(settings.url)

    @event.listens_for(opened.engine, "connect")
    def _weaken(connection, _record):
        connection.execute("SET synchronous_commit=off")
        connection.commit()

    with pytest.raises(WrongSettings, match="synchronous_commit=off"):
        opened.check()
    opened.engine.dispose()


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_what_was_deleted_is_gone_from_the_file(settings):
    opened = open_portal(settings)
    canary = "430923190001010010-canary"
    with opened.database.writing() as session:
        session.add(Region(code="99", name=canary, level="province", parent_code=None))
    with opened.database.writing() as session:
        session.delete(session.get_one(Region, "99"))
    opened.database.engine.dispose()
    with closing(sqlite3.connect(settings.data / "portal.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files = [p.read_bytes() for p in settings.data.iterdir() if p.is_file()]
    assert not any(canary.encode() in data for data in files)


def test_every_thread_of_the_api_may_hold_a_reader_and_a_writer(portal):
    """Fewer connections, and threads that have one wait half a minute for each other."""
    threads = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))["threads"]
    with ExitStack() as held:
        for _ in range(2 * threads):
            held.enter_context(portal.database.engine.connect())
