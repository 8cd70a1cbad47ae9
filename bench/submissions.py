"""Submissions with six 200 KB photos, acknowledged durable, on PostgreSQL: how many a second.

Beside them the baseline: the same requests and bodies to a server that stores and flushes
each photo and inserts one row a request. Best of 3, taken in turns. Needs a server:
`make bench` starts one; PORTAL_TEST_POSTGRES names another.
"""

import http.client
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from PIL import Image

from api import tokens
from bench import photos
from portal.assembly import Portal, open_portal
from portal.foundation.clock import utc_now
from portal.foundation.installation import install
from portal.foundation.settings import Settings, from_environment, to_environment
from portal.people import consents, sign_in
from portal.policy import regions
from portal.serving import ROOT, free_port

SERVER = os.environ.get("PORTAL_TEST_POSTGRES", "")  # noqa: TID251
ROUNDS, SUBMISSIONS, HANDS, AIM = 3, 24, 8, 0.4
PHOTOS, PHOTO_BYTES = 6, 200_000
ANSWERS = {
    "applicant_name": "王秀英",
    "phone": "13812345678",
    "household_place": {"code": "430923121", "address": "大桥村三组"},
    "reason": ["illness", "old_age"],
    "income_wage": 0,
}


@dataclass(frozen=True)
class Sent:
    """One request as it travels; `{id}` in the path is the application's."""

    method: str
    path: str
    body: bytes
    kind: str = "application/json"


def main() -> int:
    if not SERVER:
        photos.say("submissions  no PostgreSQL here: not measured")
        return 0
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        settings = _prepare(Path(folder))
        portal = open_portal(settings)
        ours, least = [], []
        with (
            _gunicorn("api.wsgi:app", settings) as site,
            _gunicorn("bench.least:app", settings) as bare,
        ):
            for number in range(ROUNDS):
                keys = _residents(portal, number)
                ours.append(_rate(site, keys))
                least.append(_rate(bare, keys))
        portal.database.engine.dispose()
    ratio = max(ours) / max(least)
    photos.say(f"submissions  with {PHOTOS} photos of 200 KB: {max(ours):.1f} a second")
    photos.say(f"submissions  baseline, {PHOTOS + 3} flushed requests: {max(least):.1f} a second")
    photos.say(f"submissions  ratio {ratio:.2f} (aim: at least {AIM})")
    return int(ratio < AIM)


def _prepare(folder: Path) -> Settings:
    name = f"bench_{uuid4().hex[:8]}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = SERVER.rsplit("/", 1)[0] + "/" + name
    settings = replace(from_environment({"DATABASE_URL": url}), data=folder)
    install(settings, now=utc_now())
    portal = open_portal(settings)
    with portal.database.writing() as session:
        regions.import_regions(session)
    portal.database.engine.dispose()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id uuid PRIMARY KEY, name text, size int)")
    return settings


@contextmanager
def _gunicorn(app: str, settings: Settings) -> Iterator[int]:
    """The port it listens on, under the product's own configuration."""
    port = free_port()
    config = ROOT / "deploy" / "gunicorn.conf.py"
    command = [sys.executable, "-m", "gunicorn", "-c", str(config), "-b", f"127.0.0.1:{port}", app]
    plain = settings.database_url.replace("+psycopg", "")
    least = {"BENCH_URL": plain, "BENCH_FOLDER": str(settings.data)}
    environ = to_environment(settings) | {"DATABASE_URL": plain} | least
    process = subprocess.Popen(command, env=environ, cwd=ROOT)  # noqa: S603
    try:
        while not _listens(port):
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except OSError:
        return False


def _residents(portal: Portal, number: int) -> list[str]:
    """Access tokens of people who have consented and have no file yet."""
    made = []
    for person in range(SUBMISSIONS):
        with portal.database.writing() as session:
            phone = f"139{number:04d}{person:04d}"
            account = sign_in.open_account(session, phone, now=utc_now())
            consents.give(session, account, consents.NEEDED, now=utc_now())
            made.append(tokens.issue(session, account, now=utc_now()))
    return made


def _rate(port: int, keys: list[str]) -> float:
    """Submissions a second with HANDS people at once."""
    waiting, requests = list(keys), _requests()
    begins = time.monotonic()
    hands = [threading.Thread(target=_work, args=(port, waiting, requests)) for _ in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return len(keys) / (time.monotonic() - begins)


def _work(port: int, waiting: list[str], requests: list[Sent]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    while waiting:
        try:
            key = waiting.pop()
        except IndexError:
            return
        _submit(connection, key, requests)


def _submit(connection: http.client.HTTPConnection, key: str, requests: list[Sent]) -> None:
    application = "-"
    for sent in requests:
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": sent.kind,
            "Idempotency-Key": f"bench-{sent.path}",
        }
        connection.request(sent.method, sent.path.format(id=application), sent.body, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{sent.path}: {answer.status} {body[:300]!r}")
        if sent.path == "/api/applications":
            application = json.loads(body).get("id", "-")


def _requests() -> list[Sent]:
    path = "/api/applications/{id}"
    encoded: Callable[[Any], bytes] = lambda value: json.dumps(value).encode()  # noqa: E731
    return [
        Sent("POST", "/api/applications", encoded({"program_id": "dibao"})),
        Sent("PUT", f"{path}/answers", encoded({"revision": 0, "answers": ANSWERS})),
        *(_photo(f"{path}/documents", number) for number in range(PHOTOS)),
        Sent("POST", f"{path}/submission", b"null"),
    ]


def _photo(path: str, number: int) -> Sent:
    data, border = _jpeg(number), "----portal-bench"
    fields = {"item": "other", "digest": sha256(data).hexdigest()}
    body = "".join(
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ).encode()
    head = 'Content-Disposition: form-data; name="photo"; filename="x.jpg"'
    body += f"--{border}\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode() + data
    body += f"\r\n--{border}--\r\n".encode()
    return Sent("POST", path, body, f"multipart/form-data; boundary={border}")


def _jpeg(number: int) -> bytes:
    """Noise of about PHOTO_BYTES; the same number gives the same photo."""
    side = 680
    noise = random.Random(number).randbytes(side * side)  # noqa: S311
    out = io.BytesIO()
    Image.frombytes("L", (side, side), noise).save(out, "JPEG", quality=50)
    return out.getvalue()
