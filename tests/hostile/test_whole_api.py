"""The whole API at once, as everybody: unique words through every field are found nowhere again,
and generated requests meet no fault of ours and no status the manual does not know.

The fast run sends a word through every operation and every eighth form, and a seeded slice of
generated requests; the full one every form, and at least 4,000 requests. What goes through a
broker is the same sealed envelope (tests/handover/test_both_queues.py).
"""

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from api import create_app
from portal import worker
from portal.assembly import open_portal
from portal.foundation import backup, pg_tools
from portal.foundation.logs import JsonLines
from portal.foundation.settings import Settings
from tests.api.test_matrix import Trial
from tests.conftest import NOW, SERVER, Clock, on_postgres, on_server
from tests.hostile.canaries import Flock
from tests.hostile.fuzz import Fuzz


@pytest.fixture(scope="module")
def trial(template, tmp_path_factory) -> Iterator[Trial]:
    """The world of the access matrix, made once."""
    folder = tmp_path_factory.mktemp("world") / "data"
    shutil.copytree(template, folder)
    yield from _opened(Settings(data=folder))


def _opened(settings: Settings) -> Iterator[Trial]:
    portal = open_portal(settings)
    yield Trial(create_app(portal, clock=Clock()), portal)
    portal.database.engine.dispose()


@pytest.fixture
def logged(tmp_path):
    """What production would have logged, from INFO on."""
    file = tmp_path / "log"
    handler = logging.FileHandler(file)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield file
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


def sweep(trial: Trial, logged: Path, monkeypatch, *, pages: int) -> None:
    temporary = logged.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    flock = Flock(trial)
    flock.fly(pages=pages)
    worker.run_once(trial.portal, now=NOW)
    words, settings = flock.words, trial.portal.settings
    assert len({words.where[w] for w in words.accepted}) > 350, "too few words were taken in"
    metrics = trial.app.test_client().get("/metrics").data
    kept = {"logs": logged.read_bytes(), "metrics": metrics, **places(settings, temporary)}
    assert {name: found for name, raw in kept.items() if (found := words.found_in(raw))} == {}
    with trial.portal.database.writing() as session:
        session.execute(text("CREATE TABLE leak (word TEXT)"))
        session.execute(text("INSERT INTO leak VALUES (:w)"), {"w": min(words.accepted)})
    found = [name for name, raw in places(settings, temporary).items() if words.found_in(raw)]
    assert found, "the control: a column in the clear was not found"
    with trial.portal.database.writing() as session:
        session.execute(text("DROP TABLE leak"))


def places(settings: Settings, temporary: Path) -> dict[str, bytes]:
    """Everything that is on a disk, by name."""
    found = {p.name: p.read_bytes() for p in settings.data.rglob("*") if p.is_file()}
    found |= {f"temporary/{p.name}": p.read_bytes() for p in temporary.rglob("*") if p.is_file()}
    copy = temporary.parent / f"backup-{len(list(temporary.parent.glob('backup-*')))}"
    backup.make(settings, copy, passphrase="红薯", now=NOW)
    found["backup"] = copy.read_bytes()
    if not settings.database_url:
        again = copy.with_suffix(".opened")
        backup.restore(settings, copy, again, passphrase="红薯")
        found |= {f"backup/{p.name}": p.read_bytes() for p in again.rglob("*") if p.is_file()}
    else:
        dump, plain = copy.with_suffix(".dump"), copy.with_suffix(".sql")
        pg_tools.dump(settings, dump)
        subprocess.run(["pg_restore", f"--file={plain}", dump], check=True)
        found["pg_dump"] = plain.read_bytes()
    return found


def test_no_word_of_anybody_is_found_again(trial, logged, monkeypatch):
    sweep(trial, logged, monkeypatch, pages=8)


@pytest.mark.full
def test_no_word_through_any_form_is_found_again(trial, logged, monkeypatch):
    sweep(trial, logged, monkeypatch, pages=1)


@pytest.mark.full
@pytest.mark.postgres
def test_no_word_is_found_in_postgres_either(
    postgres_template, tmp_path, template, logged, monkeypatch
):
    folder, name = tmp_path / "data", f"canaries_{os.getpid()}"
    folder.mkdir()
    shutil.copy(template / "master.key", folder)
    on_server(f"CREATE DATABASE {name} TEMPLATE {postgres_template} STRATEGY FILE_COPY")
    assert SERVER
    for world in _opened(replace(on_postgres(Settings(data=folder), name))):
        sweep(world, logged, monkeypatch, pages=4)
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


def ask(trial: Trial, *, each: int, every: int = 1) -> Fuzz:
    fuzz = Fuzz(trial)
    for place, operation in enumerate(fuzz.operations()):
        if place % every == 0:
            fuzz.operation(operation, number=each, first=20261122 + place)
    assert not fuzz.faults, "\n".join(fuzz.faults.values())
    return fuzz


def test_a_slice_of_generated_requests(trial):
    fuzz = ask(trial, each=2, every=5)
    assert fuzz.statuses.total() > 80


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_four_thousand_generated_requests(trial):
    fuzz = ask(trial, each=16)
    assert fuzz.statuses.total() >= 4000
    assert set(fuzz.statuses) >= {200, 201, 204, 401, 403, 404, 409, 422}
