"""Processes started while a neighbour is away: they serve what they can, or end and are tried again."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from runpy import run_module

import pytest
from click.testing import CliRunner
from gunicorn.arbiter import Arbiter

from api import create_app
from portal import worker
from portal.assembly import Portal, opened
from portal.casework.clock import heartbeat
from portal.cli import main
from portal.foundation.settings import Settings, from_environment, to_environment
from portal.handover import broker, brokered, outbox
from portal.handover.broker import QueuesMissing
from portal.serving import free_port
from tests.conftest import NOW, Clock
from tests.faults import live
from tests.handover import files
from tests.rules.code import ROOT
from tests.servers import empty_broker

UNITS = ("jiuzhutong-api.service", "jiuzhutong-worker@.service")
GUNICORN = ("gunicorn", "-c", "deploy/gunicorn.conf.py", "-b")
WORKER = ("portal.cli", "worker")


@pytest.mark.parametrize("name", UNITS)
def test_systemd_never_gives_up(name: str) -> None:
    unit = (ROOT / "deploy" / "systemd" / name).read_text(encoding="utf-8").splitlines()
    assert "Restart=always" in unit
    assert "RestartSec=5" in unit
    assert "StartLimitIntervalSec=0" in unit


@pytest.fixture
def without_store(settings: Settings) -> Settings:
    return replace(
        settings, blob_url="s3://papers/x", s3_endpoint=f"http://127.0.0.1:{free_port()}",
        s3_key="k", s3_secret="s",
    )  # fmt: skip


def test_without_the_store_answers_are_saved_and_photos_wait(
    without_store: Settings, clock: Clock
) -> None:
    with opened(without_store) as portal:
        client = create_app(portal, clock=clock).test_client()
        (key,) = live.residents(portal, 1, now=NOW)
        signed = {"Authorization": f"Bearer {key}", "Idempotency-Key": "1"}
        begun = client.post("/api/applications", json={"program_id": "dibao"}, headers=signed)
        path = f"/api/applications/{begun.json['id']}"
        said = {"revision": 0, "answers": files.LEAST}
        assert client.put(f"{path}/answers", json=said, headers=signed).status_code == 200
        sent = {"item": "other", "photo": (BytesIO(files.jpeg()), "photo.jpg")}
        photo = client.post(f"{path}/documents", data=sent, headers=signed)
        assert (photo.status_code, photo.json["code"]) == (503, "storage")
        assert "照片还在您的手机上" in photo.json["message"]
        handed = client.post(f"{path}/submission", json=None, headers=signed)
        assert handed.status_code == 201


@pytest.fixture
def without_database(settings: Settings) -> dict[str, str]:
    url = f"postgresql://portal@127.0.0.1:{free_port()}/portal"
    away = replace(settings, database_url=from_environment({"DATABASE_URL": url}).database_url)
    return to_environment(away) | {"DATABASE_URL": url}


def test_without_the_database_they_end_with_a_line(
    without_database: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name, value in without_database.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        run_module("api.wsgi")
    assert ended.value.code == Arbiter.WORKER_BOOT_ERROR
    assert "数据库连不上（127.0.0.1）" in caplog.text
    ended_too = CliRunner().invoke(main, ["worker"])
    assert ended_too.exit_code == 1
    assert "数据库连不上（127.0.0.1）" in ended_too.output


@pytest.mark.full
@pytest.mark.parametrize("command", [(*GUNICORN, "127.0.0.1:0"), WORKER], ids=lambda c: c[0])
def test_so_do_their_processes(without_database: dict[str, str], command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], env=without_database, cwd=ROOT, text=True, timeout=60,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert done.returncode != 0
    assert "数据库连不上（127.0.0.1）" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.full
def test_a_worker_and_the_site_start_without_the_store(without_store: Settings) -> None:
    with live.serving(without_store):
        started = subprocess.Popen(
            [sys.executable, "-m", *WORKER], env=to_environment(without_store), cwd=ROOT
        )
        with pytest.raises(subprocess.TimeoutExpired):
            started.wait(timeout=5)
        started.terminate()
        assert started.wait(timeout=20) == 0


def test_a_broker_without_queues_stops_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(_url: str) -> None:
        raise QueuesMissing("PORTAL_QUEUE: run `portal provision-queue` first")

    monkeypatch.setattr(brokered, "check", missing)
    brokered.check_start(Settings(data=tmp_path, queue="amqp://nobody"))
    assert "provision-queue" in caplog.text


@pytest.mark.rabbitmq
def test_a_worker_on_an_empty_broker_does_everything_else(portal: Portal, broker_url: str) -> None:
    """Files wait in the outbox until somebody gives the broker its queues."""
    empty_broker(broker_url)
    through = replace(portal, settings=replace(portal.settings, queue=broker_url))
    worker.check_start(through.settings)
    files.submit(portal, files.draft(portal, files.LEAST))
    rounds = worker.Rounds()
    for second in range(2):
        worker.run_once(through, now=NOW + timedelta(seconds=second), rounds=rounds)
    with portal.database.reading() as session:
        assert outbox.undelivered(session) == 1
        assert heartbeat.last_beat(session) is not None
    assert set(rounds.failing()) <= {"handover", "intake", "office events"}
    broker.provision(broker_url)
    for second in range(40, 44):
        worker.run_once(through, now=NOW + timedelta(seconds=second), rounds=rounds)
    rounds.close()
    with portal.database.reading() as session:
        assert outbox.undelivered(session) == 0
