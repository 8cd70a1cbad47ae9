"""The worker: does what is due, survives what fails, ends when asked."""

import logging
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal import sweeping, worker
from portal.assembly import Portal
from portal.casework.clock import heartbeat
from portal.contact import sending
from portal.filing import documents, preparing
from portal.filing.tables import Document
from portal.foundation import posts
from portal.foundation.audit_tables import AuditSeal
from portal.foundation.blobs import SLICES
from portal.foundation.clock import utc_now
from portal.foundation.settings import WrongSettings
from portal.handover import outbox
from tests.conftest import NOW
from tests.handover import files


def test_one_round_brings_a_file_with_photos_into_the_queue(portal: Portal) -> None:
    file_id = files.draft(portal, files.LEAST)
    files.add_photo(portal, file_id, files.jpeg())
    files.submit(portal, file_id)
    assert worker.run_once(portal, now=NOW)
    with portal.database.reading() as session:
        assert session.scalars(select(Document.state)).all() == [documents.PREPARED]
        assert outbox.undelivered(session) == 0
    assert not worker.run_once(portal, now=NOW)


def test_a_failing_step_holds_up_no_other_and_tells_no_names(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_more: object) -> int:
        raise ValueError("刘桂香 13800000009")

    monkeypatch.setattr(preparing, "prepare_due", fail)
    monkeypatch.setattr(sending, "send_due", fail)
    files.submit(portal, files.draft(portal, files.LEAST))
    with caplog.at_level(logging.INFO):
        worker.run_once(portal, now=NOW)
    with portal.database.reading() as session:
        assert outbox.undelivered(session) == 0
    assert "step photos failed: ValueError at test_worker.py" in caplog.text
    assert "step texts failed" in caplog.text
    assert "刘桂香" not in caplog.text


def seals(portal: Portal) -> int:
    with portal.database.reading() as session:
        return session.scalar(select(func.count()).select_from(AuditSeal)) or 0


def test_heads_are_sealed_each_minute(portal: Portal) -> None:
    rounds = worker.Rounds()
    files.draft(portal, files.LEAST)
    worker.run_once(portal, now=NOW, rounds=rounds)
    before = seals(portal)
    files.draft(portal, files.LEAST, phone="13900000001")
    worker.run_once(portal, now=NOW + timedelta(seconds=59), rounds=rounds)
    assert seals(portal) == before
    worker.run_once(portal, now=NOW + timedelta(seconds=60), rounds=rounds)
    assert seals(portal) == before + 1


def test_only_old_files_that_nothing_names_are_swept(portal: Portal) -> None:
    file_id = files.draft(portal, files.LEAST)
    files.add_photo(portal, file_id, files.jpeg())
    files.submit(portal, file_id)
    worker.run_once(portal, now=NOW)
    kept = set(portal.blobs.names())
    orphan = portal.blobs.put(b"orphan")
    half = portal.blobs.incoming / "half"
    half.write_bytes(b"half")
    sweeping.sweep(portal, now=utc_now() + timedelta(minutes=59))
    assert half.exists()
    sweeping.sweep(portal, now=utc_now() + timedelta(hours=23))
    assert not half.exists()
    assert set(portal.blobs.names()) == kept | {orphan}
    sweeping.sweep(portal, now=utc_now() + timedelta(hours=25))
    assert set(portal.blobs.names()) == kept
    assert len(kept) == 4, "as sent, prepared, thumbnail, dossier"


def test_slice_after_slice_in_a_day_and_on_where_a_killed_one_was(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that dies of a slice does not begin with it again."""
    begun: list[str] = []

    def dies(prefix: str, _named: object, *, now: datetime) -> int:
        begun.append(prefix)
        raise MemoryError

    monkeypatch.setattr(portal.blobs, "sweep", dies)
    monkeypatch.setattr(sweeping, "SLICES", SLICES[::16])
    for minute in range(20):
        with suppress(MemoryError):
            sweeping.sweep_on(portal, now=NOW + timedelta(minutes=5 * minute))
        assert sweeping.sweep_on(portal, now=NOW + timedelta(minutes=5 * minute + 4)) == 0
    assert begun == [*SLICES[::16], *SLICES[:64:16]]
    with suppress(MemoryError):
        sweeping.sweep_on(portal, now=NOW - timedelta(days=3))
    assert begun[-1] == SLICES[64], "a clock set back holds nothing up"


def test_it_runs_until_told_to_stop(portal: Portal) -> None:
    stop = threading.Event()

    def clock() -> datetime:
        return NOW

    running = threading.Thread(target=worker.run, args=(portal, stop), kwargs={"clock": clock})
    running.start()
    files.submit(portal, files.draft(portal, files.LEAST))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with portal.database.reading() as session:
            if outbox.undelivered(session) == 0:
                break
        time.sleep(0.05)
    stop.set()
    running.join(timeout=10)
    assert not running.is_alive()
    with portal.database.reading() as session:
        assert outbox.undelivered(session) == 0


RUN = """
import sys, threading
from pathlib import Path
from portal import worker
from portal.assembly import open_portal
from portal.foundation.settings import Settings
stop = threading.Event()
worker.stop_on_signals(stop)
print("up", flush=True)
worker.run(open_portal(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2])), stop)
sys.exit(7)
"""


def test_sigterm_ends_it_cleanly(portal: Portal) -> None:
    settings = portal.settings
    command = [sys.executable, "-c", RUN, str(settings.data), settings.database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout
        assert child.stdout.readline() == b"up\n"
        time.sleep(0.5)
        child.terminate()
        assert child.wait(timeout=30) == 7


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_second_one_on_sqlite_ends_with_a_line(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_PATIENCE", 0.2)
    with (
        posts.held(portal.settings.data, several=False, patience=0),
        pytest.raises(WrongSettings, match="已经有一个后台"),
    ):
        worker.run(portal, threading.Event())
    stop = threading.Event()
    stop.set()
    worker.run(portal, stop)


def test_each_worker_keeps_its_post_and_its_name(tmp_path: Path) -> None:
    """Also the next one, after the first was killed: who does not come back is missed."""
    with (
        posts.held(tmp_path, several=True, patience=0) as first,
        posts.held(tmp_path, several=True, patience=0) as second,
    ):
        assert first != second
    with posts.held(tmp_path, several=True, patience=0) as again:
        assert again == first


def test_each_worker_beats_for_itself(portal: Portal) -> None:
    with portal.database.reading() as session:
        assert heartbeat.last_beat(session) is None
    for name in ("one", "two"):
        worker.run_once(portal, now=NOW, rounds=worker.Rounds(name))
    with portal.database.reading() as session:
        assert {beat.worker for beat in heartbeat.beats(session)} == {"one", "two"}


def test_what_fails_is_told_as_far_as_there_is_room(portal: Portal) -> None:
    names = ["photos", "next tier", "visit photos", "office events", "texts"]
    heartbeat.beat(portal.database, "one", names, now=NOW)
    with portal.database.reading() as session:
        told = heartbeat.failing(session, now=NOW)
        assert told
        assert set(told) < set(names)
        assert heartbeat.failing(session, now=NOW + timedelta(minutes=6)) == []
