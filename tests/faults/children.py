"""What a child of the nursery does: one thing, as the API or the worker would, telling what it
acknowledged."""

import json
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from portal import worker
from portal.assembly import Portal, open_portal
from portal.casework import intake_events, standin_office
from portal.casework.exchange import dropping, letters
from portal.casework.exchange.letters import Letter
from portal.filing import documents, uploads
from portal.filing.tables import Application
from portal.foundation import idempotency
from portal.foundation.settings import Settings
from portal.handover import brokered, embedded, outbox, submission
from portal.handover.tables import IntakeDossier, OutboxRow
from portal.people.access import Role
from portal.policy import loader
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.handover import files

CATALOGUE = loader.load()
Tell = Callable[[dict[str, Any]], None]
Deed = Callable[[Portal, Tell, datetime], None]


def restart(settings: Settings) -> Portal:
    """open_portal, but for reading the program files again."""
    with patch.object(loader, "load", lambda: CATALOGUE):
        return open_portal(settings)


def line(said: dict[str, Any]) -> bytes:
    """How a child tells what it acknowledged."""
    return (json.dumps(said) + "\n").encode()


def the_file(portal: Portal) -> UUID:
    with portal.database.reading() as session:
        return session.scalars(select(Application.id).order_by(Application.created_at)).first()


def submit(portal: Portal, tell: Tell, now: datetime) -> None:
    """As the API does it: idempotency key and submission in one commit, then the answer."""
    file_id = the_file(portal)
    with portal.database.writing() as session:
        file = session.get_one(Application, file_id)
        actor, program = files.owner(file), portal.catalogue.find(file.program_id)
        scope = {"actor": str(actor), "route": "submission"}
        idempotency.claim(session, "key-1", **scope, request=b"", now=now)
        receipt = submission.submit(session, file, program, actor=actor, now=now)
        idempotency.answered(session, "key-1", **scope, status=201, answer=b"")
    tell({"receipts": [receipt]})


def boxes_of(portal: Portal) -> Path:
    return portal.settings.data / "exchange" / "county"


def let_an_office_in(portal: Portal, tell: Tell, now: datetime) -> None:
    """Enrolled, its boxes there, and one event of its lying in them."""
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    with portal.database.writing() as session:
        intake_events.enroll(
            session, "county", key.public_key().public_bytes_raw(), Role.BACK_OFFICE,
            files.COUNTY, now=now,
        )  # fmt: skip
    said = standin_office.event(the_file(portal), 1, "surveying", at=now)
    letter = Letter("event", "county", int(now.timestamp()), json.dumps(said).encode())
    (boxes_of(portal) / "in").mkdir(parents=True)
    (boxes_of(portal) / "in" / "1.event").write_bytes(letters.written(letter, key))


def exchange(portal: Portal, tell: Tell, now: datetime) -> None:
    dropping.run(portal, boxes_of(portal).parent, now=now)


def upload(portal: Portal, tell: Tell, now: datetime) -> None:
    file_id, photo = the_file(portal), files.jpeg()
    files.add_photo(portal, file_id, photo)
    tell({"photos": [[str(file_id), documents.check(photo, None).digest]]})


def upload_in_parts(portal: Portal, tell: Tell, now: datetime) -> None:
    """As the API does it, from where the portal says it has come; three parts, then the whole."""
    file_id, photo = the_file(portal), files.jpeg()
    digest, size = documents.check(photo, None).digest, len(photo)
    with portal.database.reading() as reading:
        start = uploads.safe(reading, file_id, digest)
    step = size // 3
    for begin in range(start, size - step, step):
        _send_part(portal, file_id, digest, photo, begin, begin + step, now=now)
        tell({"parts": [[str(file_id), digest, begin + step]]})
    upload(portal, tell, now)
    with portal.database.writing() as session:
        uploads.close(session, file_id, digest)


def _send_part(
    portal: Portal, file_id: UUID, digest: str, photo: bytes, start: int, end: int, *, now: datetime
) -> None:
    part = uploads.part(digest, str(len(photo)), str(start), photo[start:end])
    with portal.database.reading() as reading:
        file = reading.get_one(Application, file_id)
        blob = uploads.keep_part(reading, portal.blobs, file, part)
    with portal.database.writing() as session:
        uploads.note_part(session, session.get_one(Application, file_id), part, blob=blob, now=now)


def hand_in_until_the_end(portal: Portal, tell: Tell, now: datetime) -> None:
    """A photo in parts, then the submission; then the power goes."""
    upload_in_parts(portal, tell, now)
    submit(portal, tell, now)
    os.kill(os.getpid(), signal.SIGKILL)


def work(portal: Portal, tell: Tell, now: datetime) -> None:
    worker.run_once(portal, now=now)


def send(portal: Portal, tell: Tell, now: datetime) -> None:
    """To the broker, which confirms it; nobody reads there yet."""
    way = brokered.open_way(portal, portal.settings)
    brokered.hand_over(portal, way, now=now)
    with portal.database.reading() as session:
        assert session.scalars(select(OutboxRow.last_fault)).one() == "no receipt yet"
    way.broker.close()


def work_without_queue(portal: Portal, tell: Tell, now: datetime) -> None:
    def closed(_key: str, _data: bytes) -> str:
        raise ConnectionError

    outbox.drain(portal, closed, now=now)


def deny(portal: Portal, tell: Tell, now: datetime) -> None:
    """The county refuses; the next tier is still to be opened."""
    with portal.database.writing() as session:
        file = session.get_one(Application, the_file(portal))
        cases.put_into(session, file, Status.DENIED)


def collect(portal: Portal, tell: Tell, now: datetime) -> None:
    """The office: the next file, then its receipt."""
    with portal.database.writing() as session:
        found = embedded.next_dossier(session, actor=files.clerk(), now=now)
        assert found is not None
        key, digest = found.key, found.digest
    with portal.database.writing() as session:
        embedded.take(session, key, digest, actor=files.clerk(), now=now)


def recover_with_photo(portal: Portal, tell: Tell, now: datetime) -> None:
    upload(portal, tell, now)
    recover(portal, tell, now)


def recover_with_parts(portal: Portal, tell: Tell, now: datetime) -> None:
    upload_in_parts(portal, tell, now)
    recover(portal, tell, now)


def recover(portal: Portal, tell: Tell, now: datetime) -> None:
    """After the restart: people try again, the worker runs until there is nothing to do."""
    submit(portal, tell, now)
    quiet = partial(worker.run_once, portal)
    for step in range(40):
        quiet(now=now + timedelta(seconds=31 * step))
        with portal.database.reading() as session:
            if outbox.undelivered(session) == 0:
                break
    with portal.database.reading() as session:
        waiting = session.scalars(select(IntakeDossier.taken_at)).all() == [None]
    if waiting:
        collect(portal, tell, now + timedelta(hours=1))
