"""An office at the other end, over HTTP and over two boxes: what it can do, said the same way."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from portal.casework import envelopes
from portal.casework.exchange import dropping, letters
from portal.casework.exchange.letters import Letter
from portal.handover import receipts
from tests.casework.test_intake_events import KEY, enroll
from tests.conftest import NOW

NAME = "county"


class OverHttp:
    """Signed requests."""

    def __init__(self, portal, client, _folder: Path):
        enroll(portal, NAME)
        self.client, self.now = client, NOW

    def fetch(self) -> tuple[str, bytes] | None:
        answer = self.client.get(
            "/intake/dossiers/next", headers=self._signed(b"GET /intake/dossiers/next")
        )
        return (answer.headers["Dossier-Key"], answer.data) if answer.status_code == 200 else None

    def confirm(self, key: str, digest: str) -> str:
        return self._post("/intake/receipts", json.dumps({"key": key, "sha256": digest}).encode())

    def tell(self, event: dict[str, Any], *, spoil: int | None = None) -> str:
        return self._post("/intake/events", json.dumps(event).encode(), spoil)

    def _post(self, path: str, body: bytes, spoil: int | None = None) -> str:
        headers = self._signed(body)
        answer = self.client.post(
            path, data=_spoilt(body, spoil), content_type="application/json", headers=headers
        )
        said = answer.json
        return str(said.get("code") or said.get("state") or "taken")

    def _signed(self, body: bytes) -> dict[str, str]:
        return {"X-Client": NAME, **envelopes.sign(KEY, body, nonce=uuid4().hex, now=self.now)}


class OverFiles:
    """Signed files, laid into the boxes and looked at by the worker's chore."""

    def __init__(self, portal, _client, folder: Path):
        enroll(portal, NAME)
        self.portal, self.folder, self.now = portal, folder, NOW
        (folder / NAME).mkdir()
        with portal.database.reading() as session:
            self.key = receipts.public_key(session, "intake")

    @property
    def out(self) -> Path:
        return self.folder / NAME / "out"

    @property
    def inward(self) -> Path:
        return self.folder / NAME / "in"

    def run(self, now: datetime | None = None) -> int:
        return dropping.run(self.portal, self.folder, now=now or self.now)

    def fetch(self) -> tuple[str, bytes] | None:
        self.run()
        for file in sorted(self.out.glob("*.dossier")):
            letter = letters.opened(file.read_bytes(), self.key)
            return letter.key, letter.body
        return None

    def confirm(self, key: str, digest: str) -> str:
        return self.send("receipt", json.dumps({"key": key, "sha256": digest}).encode())

    def tell(self, event: dict[str, Any], *, spoil: int | None = None) -> str:
        return self.send("event", json.dumps(event).encode(), spoil)

    def send(self, kind: str, body: bytes, spoil: int | None = None) -> str:
        name = f"{uuid4().hex}.{kind}"
        self.run()
        self.lay(name, _spoilt(self.written(kind, body), None if spoil is None else -spoil))
        self.run()
        said = self.answer(name)
        return str(said.get("code") or said["state"])

    def written(self, kind: str, body: bytes, *, name: str = NAME, at: datetime = NOW) -> bytes:
        return letters.written(Letter(kind, name, int(at.timestamp()), body), KEY)

    def lay(self, name: str, data: bytes) -> None:
        self.inward.mkdir(parents=True, exist_ok=True)
        (self.inward / name).write_bytes(data)

    def answer(self, name: str) -> dict[str, Any]:
        letter = letters.opened((self.out / f"{name}.answer").read_bytes(), self.key)
        said: dict[str, Any] = json.loads(letter.body)
        assert said["file"] == name
        return said


LINKS = {"签名的HTTP": OverHttp, "文件交换": OverFiles}
"""Another way of exchange is held to the same contract by one more line here."""


def _spoilt(data: bytes, at: int | None) -> bytes:
    """One bit other than it was signed."""
    if at is None:
        return data
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
