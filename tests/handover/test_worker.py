"""The worker: does what is due, survives what fails, ends when asked."""

import logging
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal import worker
from portal.assembly import Portal
from portal.contact import sending
from portal.filing import documents, preparing
from portal.filing.tables import Document
from portal.foundation.audit import AuditSeal
from portal.foundation.clock import utc_now
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
    worker.sweep(portal, now=utc_now() + timedelta(minutes=59))
    assert half.exists()
    worker.sweep(portal, now=utc_now() + timedelta(hours=23))
    assert not half.exists()
    assert set(portal.blobs.names()) == kept | {orphan}
    worker.sweep(portal, now=utc_now() + timedelta(hours=25))
    assert set(portal.blobs.names()) == kept
    assert len(kept) == 4, "as sent, prepared, thumbnail, dossier"


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
