"""An office at the other end: over HTTP, over two boxes, through RabbitMQ; said the same way."""

import base64
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select

from portal.casework import envelopes
from portal.casework.exchange import dropping, letters, listening
from portal.casework.exchange.letters import Letter
from portal.handover import broker, brokered, envelope, receipts
from portal.handover.tables import OutboxRow
from tests.casework import cases
from tests.casework.test_intake_events import KEY, enroll
from tests.conftest import NOW
from tests.handover import files

NAME = "county"


class OverHttp:
    """Signed requests."""

    def __init__(self, portal, client, _folder: Path, _broker: str = ""):
        enroll(portal, NAME)
        self.portal, self.client, self.now = portal, client, NOW

    def hand_in(self, **more: str) -> UUID:
        return cases.handed_in(self.portal, **more)

    def says(self, code: str) -> str:
        """What this way answers where the contract has `code`."""
        return code

    def close(self) -> None:
        """Nothing stays open."""

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


class OverFiles(OverHttp):
    """Signed files, laid into the boxes and looked at by the worker's chore."""

    def __init__(self, portal, client, folder: Path, _broker: str = ""):
        super().__init__(portal, client, folder)
        self.folder = folder
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


class OverRabbit(OverHttp):
    """Everything through the broker: dossiers sealed for the office, events signed by it."""

    def __init__(self, portal, client, folder: Path, url: str):
        super().__init__(portal, client, folder)
        self.own = X25519PrivateKey.generate()
        keys = {"queue_reader": self.own.public_key(), "queue_signer": KEY.public_key()}
        said = {name: _text(key.public_bytes_raw()) for name, key in keys.items()}
        self.way = brokered.open_way(portal, replace(portal.settings, queue=url, **said))
        self.office, self.taken = broker.Broker(url), None

    def hand_in(self, **more: str) -> UUID:
        file_id = files.draft(self.portal, files.LEAST, **more)
        files.submit(self.portal, file_id)
        return file_id

    def says(self, code: str) -> str:
        """A broker answers nothing: a receipt that does not fit closes nothing."""
        return "set_aside"

    def fetch(self) -> tuple[str, bytes] | None:
        """Held until its receipt: the broker gives it to nobody else meanwhile."""
        self._work()
        self.taken = self.taken or self.office.take(broker.DOSSIERS)
        if self.taken is None:
            return None
        key = self.taken.key
        return key, envelope.open_with(self.own, self.taken.body, key=key)

    def confirm(self, key: str, digest: str) -> str:
        said = {
            "key": key,
            "sha256": digest,
            "public_key": _text(KEY.public_key().public_bytes_raw()),
        }
        signature = _text(KEY.sign(receipts.canonical(said)))
        receipt = receipts.canonical({**said, "signature": signature})
        self.office.publish(broker.RECEIPTS, key, receipt)
        self._work()
        if not self._closed(key):
            return "set_aside"
        if self.taken is not None and self.taken.key == key:
            self.office.done(self.taken)
            self.taken = None
        return "taken"

    def tell(self, event: dict[str, Any], *, spoil: int | None = None) -> str:
        body = json.dumps(event).encode()
        data = letters.written(Letter("event", NAME, int(self.now.timestamp()), body), KEY)
        number = uuid4().hex
        self.office.publish(broker.EVENTS, number, _spoilt(data, None if spoil is None else -spoil))
        assert listening.take_in(self.portal, self.way, now=self.now) == 1
        answer = self.office.take(broker.ANSWERS)
        assert answer is not None
        assert answer.key == number
        self.office.done(answer)
        with self.portal.database.reading() as session:
            key = receipts.public_key(session, "intake")
        said = json.loads(letters.opened(answer.body, key).body)
        return str(said.get("code") or said["state"])

    def close(self) -> None:
        self.office.close()
        self.way.broker.close()

    def _work(self) -> None:
        brokered.hand_over(self.portal, self.way, now=self.now)

    def _closed(self, key: str) -> bool:
        rows = select(OutboxRow.delivered_at).where(OutboxRow.key == key)
        with self.portal.database.reading() as session:
            return session.scalar(rows) is not None


LINKS = {"签名的HTTP": OverHttp, "文件交换": OverFiles, "RabbitMQ": OverRabbit}
"""Another way of exchange is held to the same contract by one more line here."""


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _spoilt(data: bytes, at: int | None) -> bytes:
    """One bit other than it was signed."""
    if at is None:
        return data
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
