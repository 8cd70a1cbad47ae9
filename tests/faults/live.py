"""The API as it runs in an office, and people who come to it over HTTP and do not give up."""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api import tokens
from portal.assembly import Portal
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings, to_environment
from portal.people import consents, sign_in
from portal.serving import ROOT, free_port
from tests.faults.invariants import Acknowledged
from tests.handover import files
from tests.servers import wait_until

_PATIENCE = 30.0
_LOST = (OSError, http.client.HTTPException)


@contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """gunicorn with the product's configuration; the port it listens on."""
    port = free_port()
    config = ROOT / "deploy" / "gunicorn.conf.py"
    command = [sys.executable, "-m", "gunicorn", "-c", str(config), "-b", f"127.0.0.1:{port}"]
    environ = to_environment(settings) | {"DATABASE_URL": settings.database_url}
    process = subprocess.Popen(command, env=environ, cwd=ROOT)
    try:
        wait_until(lambda: _status(port, "/healthz") == 200, "the API")
        yield port
    finally:
        process.terminate()
        process.wait()


def _status(port: int, path: str) -> int:
    try:
        return _asked(port, "GET", path, b"", {}, patience=2)[0]
    except _LOST:
        return 0


def _asked(
    port: int, method: str, path: str, body: bytes, headers: dict[str, str], *, patience: float
) -> tuple[int, bytes, str | None]:
    """Status, body, when to come back."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=patience)) as connection:
        connection.request(method, path, body, headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read(), answer.headers["Retry-After"]


def residents(portal: Portal, number: int, *, now: datetime | None = None) -> list[str]:
    """Access tokens of people who have consented and have no file yet."""
    made, now = [], now or utc_now()
    for person in range(number):
        with portal.database.writing() as session:
            account = sign_in.open_account(session, f"139{person:08d}", now=now)
            consents.give(session, account, consents.NEEDED, now=now)
            made.append(tokens.issue(session, account, now=now))
    return made


@dataclass
class Crowd:
    """People handing in, each at a time of their own. A request that got no answer, or 503, is
    sent again with the same key."""

    port: int
    told: Acknowledged = field(default_factory=Acknowledged)
    answers: Counter[int] = field(default_factory=Counter)
    impolite: list[str] = field(default_factory=list)
    """503 without a time to come back at, or without a sentence."""
    failed: list[str] = field(default_factory=list)

    def come(self, keys: list[str], *, every: float) -> None:
        """One starts `every` so many seconds; returns when all are through."""
        people = [threading.Thread(target=self._come, args=(key,)) for key in keys]
        for person in people:
            person.start()
            time.sleep(every)
        for person in people:
            person.join(_PATIENCE + 10)
            assert not person.is_alive()
        assert not self.failed, self.failed[:3]

    def _come(self, key: str) -> None:
        try:
            self._hand_in(key)
        except (AssertionError, KeyError) as fault:
            self.failed.append(repr(fault))

    def _hand_in(self, key: str) -> None:
        """Four requests: begin, answer, look, submit."""
        made = self._ask(key, "POST", "/api/applications", {"program_id": "dibao"})
        path = f"/api/applications/{made['id']}"
        self._ask(key, "PUT", f"{path}/answers", {"revision": 0, "answers": files.LEAST})
        assert self._ask(key, "GET", f"{path}/answers")["answers"]["phone"] == files.LEAST["phone"]
        receipt = self._ask(key, "POST", f"{path}/submission", None)["receipt"]
        self.told.receipts.append(receipt)

    def _ask(self, key: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {key}", "Content-Type": "application/json",
            "Idempotency-Key": f"once-{path}",
        }  # fmt: skip
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                sent = json.dumps(body).encode()
                status, data, later = _asked(self.port, method, path, sent, headers, patience=25)
            except _LOST:
                self.answers[0] += 1
                time.sleep(0.1)
                continue
            self.answers[status] += 1
            if status == 503:
                if not (later and json.loads(data)["message"]):
                    self.impolite.append(path)
                time.sleep(0.2)
                continue
            if status == 409 and json.loads(data)["code"] == "conflict":
                return self._ask(key, "GET", path)
            assert status in (200, 201), (path, status, data)
            found: dict[str, Any] = json.loads(data)
            return found
        raise AssertionError(f"{path} was never answered")
