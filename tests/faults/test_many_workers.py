"""Two worker processes and one PostgreSQL: everything is done, and nothing is done twice."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import func, select, text

from portal import worker
from portal.assembly import Portal
from portal.contact.tables import TextMessage
from portal.filing.tables import Document
from portal.foundation import audit, turns
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.settings import Settings, to_environment
from portal.handover import outbox
from portal.handover.tables import IntakeDossier, OutboxRow
from tests.handover import files

pytestmark = pytest.mark.postgres
on_postgres = pytest.mark.parametrize("store", ["postgres"], indirect=True)


@contextmanager
def workers(settings: Settings, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    environ = to_environment(settings) | {"DATABASE_URL": settings.database_url}
    command = [sys.executable, "-m", "portal.cli", "worker"]
    started = [subprocess.Popen(command, env=environ) for _ in range(number)]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()


def hand_in(portal: Portal, number: int, *, photos: int) -> None:
    photo = files.jpeg()
    for index in range(number):
        file_id = files.draft(portal, files.LEAST, phone=f"1390000{index:04d}")
        if index < photos:
            files.add_photo(portal, file_id, photo)
        files.submit(portal, file_id)


def wait_until_idle(portal: Portal, *, seconds: float) -> None:
    waiting = select(func.count()).select_from(Document).where(Document.state == "received")
    until = time.monotonic() + seconds
    while True:
        with portal.database.reading() as session:
            if not (outbox.undelivered(session) or session.scalar(waiting)):
                return
            left = (outbox.undelivered(session), session.scalar(waiting))
        assert time.monotonic() < until, left
        time.sleep(0.2)


def nothing_twice(portal: Portal, number: int) -> None:
    with portal.database.reading() as session:
        rows = session.scalars(select(OutboxRow)).all()
        assert [(r.tries, len(r.sent)) for r in rows] == [(0, 1)] * number, "sent once each"
        assert session.scalar(select(func.count()).select_from(IntakeDossier)) == number
        done = Counter(
            (action, subject)
            for action, subject in session.execute(select(AuditEntry.action, AuditEntry.subject))
            if action in ("dossier.delivered", "dossier.queued")
        )
        assert set(done.values()) == {1}
        assert len(done) == 2 * number
        tries = session.scalars(select(Document.prepare_tries)).all()
        assert set(tries) <= {1}
        sent = select(TextMessage.tries).where(TextMessage.sent_at.is_not(None))
        assert set(session.scalars(sent)) <= {1}
        assert audit.verify(session) == []


@on_postgres
@pytest.mark.parametrize("number", [20, pytest.param(200, marks=pytest.mark.full)])
def test_two_workers_share_and_never_repeat(
    settings: Settings, portal: Portal, number: int
) -> None:
    hand_in(portal, number, photos=12)
    with workers(settings, 2) as started:
        wait_until_idle(portal, seconds=240)
        assert all(process.poll() is None for process in started)
    nothing_twice(portal, number)


@on_postgres
def test_a_killed_workers_share_is_done_by_the_other(settings: Settings, portal: Portal) -> None:
    hand_in(portal, 10, photos=10)
    with workers(settings, 2) as started:
        time.sleep(2.5)
        started[0].kill()
        wait_until_idle(portal, seconds=120)
    with portal.database.reading() as session:
        keys = session.scalars(select(IntakeDossier.key)).all()
        assert len(keys) == len(set(keys)) == 10
        assert outbox.undelivered(session) == 0


@on_postgres
def test_a_turn_is_one_processs_until_it_ends(portal: Portal) -> None:
    with turns.turn(portal.database, "a") as first, turns.turn(portal.database, "a") as second:
        assert (first, second) == (True, False)
        with turns.turn(portal.database, "b") as other:
            assert other
    with turns.turn(portal.database, "a") as again:
        assert again


@on_postgres
def test_whoever_is_cut_off_loses_the_turn(portal: Portal) -> None:
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    with suppress(Exception), turns.turn(portal.database, "a") as first:
        assert first
        with portal.database.engine.connect() as connection:
            connection.execute(cut)
    with turns.turn(portal.database, "a") as again:
        assert again


@on_postgres
def test_a_step_somebody_else_is_at_is_left_out(portal: Portal) -> None:
    done: list[str] = []

    def step() -> int:
        done.append("once")
        return 1

    with turns.turn(portal.database, "worker:digests"):
        assert not worker._survive(portal, "digests", step)
    assert worker._survive(portal, "digests", step)
    assert done == ["once"]
