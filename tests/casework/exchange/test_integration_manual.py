"""deploy/INTEGRATION.md: its client works as it stands, and its words are those of the code."""

import base64
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.serving import make_server

from api import create_app
from portal.casework import intake_events
from portal.casework.exchange import dropping, letters
from portal.handover import broker, dossier, receipts
from portal.people.access import Role
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.handover import files

MANUAL = (Path(__file__).parents[3] / "deploy" / "INTEGRATION.md").read_text(encoding="utf-8")
CLIENT, OVER_HTTP = re.findall(r"```python\n(.*?)```", MANUAL, re.S)


@pytest.fixture
def office(portal, tmp_path):
    """(folder of its boxes, how its client is called)."""
    key = Ed25519PrivateKey.generate()
    (tmp_path / "key").write_bytes(key.private_bytes_raw())
    (tmp_path / "client.py").write_text(CLIENT, encoding="utf-8")
    (tmp_path / "archive").mkdir()
    folder = tmp_path / "exchange" / "anhua"
    folder.mkdir(parents=True)
    with portal.database.writing() as session:
        public = key.public_key().public_bytes_raw()
        intake_events.enroll(
            session, "anhua", public, Role.BACK_OFFICE, files.COUNTY, now=datetime.now(UTC)
        )
        own = base64.b64encode(receipts.public_key(session, "intake")).decode()
    said = [str(tmp_path / "client.py"), "anhua", str(folder), str(tmp_path / "key"), own]

    def call(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *said, str(tmp_path / "archive"), *more],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return folder, call


def run(portal, folder):
    dropping.run(portal, folder.parent, now=datetime.now(UTC))


def test_the_client_of_the_manual_fetches_confirms_and_tells(portal, office, tmp_path):
    folder, call = office
    file_id = cases.handed_in(portal)
    run(portal, folder)
    said = call(str(file_id), "1", "accepted", "{}")
    assert said.returncode == 0, said.stderr
    (kept,) = (tmp_path / "archive").iterdir()
    assert dossier.contents(kept.read_bytes())["application_id"] == str(file_id)
    run(portal, folder)
    assert not list((folder / "in").glob("*.*"))
    assert not list((folder / "out").glob("*.dossier"))
    assert len(list((folder / "out").glob("*.answer"))) == 2
    with portal.database.reading() as session:
        assert cases.file_of(session, file_id).status == Status.ACCEPTED


def test_the_client_of_the_manual_refuses_what_was_altered(portal, office, tmp_path):
    folder, call = office
    cases.handed_in(portal)
    run(portal, folder)
    (file,) = (folder / "out").glob("*.dossier")
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    said = call()
    assert said.returncode != 0
    assert "InvalidSignature" in said.stderr
    assert not list((tmp_path / "archive").iterdir())


def test_the_same_client_over_http(portal, office, tmp_path):
    """Against a real server: fetched, confirmed, one event told; a wrong key gets nothing."""
    file_id = cases.handed_in(portal)
    (tmp_path / "over_http.py").write_text(OVER_HTTP, encoding="utf-8")
    server = make_server("127.0.0.1", 0, create_app(portal), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    portal_at = f"http://127.0.0.1:{server.server_port}"
    said = [str(tmp_path / "over_http.py"), portal_at, "anhua", str(tmp_path / "key"), str(tmp_path / "archive")]  # fmt: skip

    def call(*more):
        return subprocess.run(
            [sys.executable, *said, *more], capture_output=True, text=True, check=False
        )

    try:
        done = call(str(file_id), "1", "accepted", "{}")
        assert done.returncode == 0, done.stderr
        (tmp_path / "key").write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
        assert "HTTP Error 401" in call().stderr
    finally:
        server.shutdown()
        thread.join(timeout=20)
        server.server_close()
    (kept,) = (tmp_path / "archive").iterdir()
    assert dossier.contents(kept.read_bytes())["application_id"] == str(file_id)
    with portal.database.reading() as session:
        assert cases.file_of(session, file_id).status == Status.ACCEPTED


def test_the_client_is_as_short_as_it_says():
    for client in (CLIENT, OVER_HTTP):
        assert len([line for line in client.splitlines() if line.strip()]) <= 40


def test_the_manual_names_the_files_and_the_kinds():
    for word in (dropping.DOSSIER, dropping.ANSWER, dropping.EVENT, dropping.RECEIPT):
        assert word in MANUAL
    for kind in letters.KINDS:
        assert kind in MANUAL
    for word in (broker.DOSSIERS, broker.RECEIPTS, "PORTAL_QUEUE_READER", "PORTAL_QUEUE_SIGNER"):
        assert word in MANUAL
    assert f"{dropping.OLDEST.days} days" in MANUAL
