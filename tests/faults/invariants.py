"""What must be true after any fault and a restart: `check`, called at the end of every fault test.

Nothing acknowledged lost; exactly one intake a submission; no status ever backwards; the audit
chains intact; blobs and rows the same, both ways.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import sweeping
from portal.assembly import Portal
from portal.casework import events
from portal.filing import documents, uploads
from portal.filing.tables import Application, Document, Submission
from portal.foundation import audit, vault
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.blobs import Folder
from portal.foundation.clock import utc_now
from portal.handover import bag, dossier, embedded, frozen, receipts
from portal.handover.tables import IntakeDossier, OutboxRow
from portal.policy.lifecycle import moves_of


@dataclass
class Acknowledged:
    """What somebody was told is safe."""

    receipts: list[dict[str, Any]] = field(default_factory=list)
    photos: list[tuple[str, str]] = field(default_factory=list)
    """(application id, SHA-256 of the photo as sent)."""
    parts: list[tuple[str, str, int]] = field(default_factory=list)
    """(application id, SHA-256 of the whole photo, bytes said to be safe)."""

    def hear(self, said: dict[str, Any]) -> None:
        """One line a child told."""
        self.receipts += said.get("receipts", [])
        self.photos += [(file, digest) for file, digest in said.get("photos", [])]
        self.parts += [(file, digest, size) for file, digest, size in said.get("parts", [])]


class Broken(AssertionError):
    """A promise is: no second try makes up for it (tests/conftest.py)."""


@contextmanager
def promised() -> Iterator[None]:
    try:
        yield
    except AssertionError as fault:
        raise Broken(str(fault)) from fault


@promised()
def check(portal: Portal, told: Acknowledged, *, opened: int | None = None) -> None:
    """When everybody has tried again and the worker has run. `opened`: so many dossiers and
    photos are opened and read, by default all."""
    still_there(portal, told)
    with portal.database.reading() as session:
        _all_or_nothing(session)
        _status_never_backwards(session)
        _one_file_each_in_the_queue(portal, session, opened)
        for document in session.scalars(select(Document).limit(opened)):
            _photo_is_prepared(portal, session, document)
    _nothing_left_over(portal)


@promised()
def still_there(portal: Portal, told: Acknowledged) -> None:
    """At any moment, and right after the restart when nobody has tried anything again."""
    with portal.database.reading() as session:
        if portal.database.embedded:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert audit.verify(session) == []
        assert sweeping.named_blobs(session) <= set(portal.blobs.names())
        _nothing_acknowledged_lost(portal, session, told)


def _nothing_acknowledged_lost(portal: Portal, session: Session, told: Acknowledged) -> None:
    for receipt in told.receipts:
        file = session.get_one(Application, UUID(receipt["application_id"]))
        assert frozen.receipt(session, file, receipt["version"]) == receipt
    for application_id, digest in told.photos:
        file = session.get_one(Application, UUID(application_id))
        kept = [d for d in documents.of(session, file) if d.sent_digest == digest]
        assert len(kept) == 1
        assert sha256(_as_sent(portal, session, kept[0])).hexdigest() == digest
    for application_id, digest, size in told.parts:
        file = session.get_one(Application, UUID(application_id))
        here = digest in {d.sent_digest for d in documents.of(session, file)}
        assert here or uploads.safe(session, file.id, digest) >= size


def _all_or_nothing(session: Session) -> None:
    """Submission, outbox row and audit line: the same keys, each once."""
    submitted = [f"{s.application_id}/{s.version}" for s in session.scalars(select(Submission))]
    queued = list(session.scalars(select(OutboxRow.key)))
    noted = [
        f"{line.subject}/{json.loads(line.detail)['version']}"
        for line in _lines(session, "application.submitted")
    ]
    assert sorted(submitted) == sorted(queued) == sorted(noted)
    versions = Counter(key.partition("/")[0] for key in submitted)
    for file in session.scalars(select(Application)):
        assert versions[str(file.id)] == file.submission_no
        assert (file.status == "draft") == (file.submission_no == 0)


def _status_never_backwards(session: Session) -> None:
    """Each history is a walk along the lifecycle's table, without gaps, each step in the record."""
    noted = Counter(json.loads(line.detail)["event"] for line in _lines(session, "record.event"))
    for file in session.scalars(select(Application)):
        steps = {(m.before, m.after) for m in moves_of(file.machine)}
        silent = {(m.before, m.after) for m in moves_of(file.machine) if not m.kinds}
        happened, status = events.of(session, file), "draft"
        assert [e.seq for e in happened] == list(range(1, file.event_seq + 1))
        assert all(noted.pop(str(e.id)) == 1 for e in happened)
        for event in happened:
            if event.after is not None:
                assert event.before == status or (status, event.before) in silent
                assert (event.before, event.after) in steps
                status = event.after
        assert file.status == status or (status, file.status) in silent
    assert not noted


def _one_file_each_in_the_queue(portal: Portal, session: Session, opened: int | None) -> None:
    actions = ("dossier.queued", "dossier.delivered", "dossier.taken")
    noted = Counter(
        (action, json.loads(line.detail)["key"])
        for action in actions
        for line in _lines(session, action)
    )
    found = {one.key: one for one in session.scalars(select(IntakeDossier))}
    rows = session.scalars(select(OutboxRow)).all()
    assert sorted(found) == sorted(row.key for row in rows), "one each, and none of nobody's"
    trusted = receipts.public_key(session, "intake")
    for row in rows:
        one = found[row.key]
        assert row.delivered_at is not None
        assert row.lease is None
        assert row.receipt == one.receipt
        assert receipts.verified(row.receipt, key=trusted)["sha256"] == one.digest
        counts = [noted[action, row.key] for action in actions]
        assert counts == [1, 1, int(one.taken_at is not None)]
    for row in rows[:opened]:
        _dossier_is_whole(portal, session, row, found[row.key])


def _dossier_is_whole(
    portal: Portal, session: Session, row: OutboxRow, found: IntakeDossier
) -> None:
    data = embedded.open_dossier(session, portal.blobs, found)
    assert sha256(data).hexdigest() == found.digest
    assert len(data) == found.size
    payload = bag.unpack(data)
    file = session.get_one(Application, row.application_id)
    assert json.loads(payload["receipt.json"]) == frozen.receipt(session, file, row.version)
    assert dossier.contents(data)["reference_no"] == file.reference_no


def _photo_is_prepared(portal: Portal, session: Session, document: Document) -> None:
    assert sha256(_as_sent(portal, session, document)).hexdigest() == document.sent_digest
    assert document.state == documents.PREPARED
    copy = documents.open_copy(session, portal.blobs, document)
    assert sha256(copy).hexdigest() == document.prepared_digest


def _as_sent(portal: Portal, session: Session, document: Document) -> bytes:
    file = session.get_one(Application, document.application_id)
    place = documents.sent_place(file.id)
    return vault.unseal(session, file.key_id, portal.blobs.read(document.sent_blob), place=place)


def _nothing_left_over(portal: Portal) -> None:
    """A day later no file lies there that no row names, and none is gone that a row names."""
    sweeping.sweep(portal, now=utc_now() + timedelta(hours=25))
    with portal.database.reading() as session:
        assert set(portal.blobs.names()) == sweeping.named_blobs(session)
    if isinstance(portal.blobs, Folder):
        assert list(portal.blobs.incoming.iterdir()) == []


def _lines(session: Session, action: str) -> Iterator[AuditEntry]:
    return iter(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))
