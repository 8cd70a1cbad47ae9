"""What must be true after any crash and a restart. One function, used by every fault test."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import worker
from portal.assembly import Portal
from portal.filing import documents, uploads
from portal.filing.tables import Application, Document, Submission
from portal.foundation import audit, vault
from portal.foundation.audit import AuditEntry
from portal.foundation.clock import utc_now
from portal.handover import bag, dossier, embedded, frozen, receipts
from portal.handover.tables import IntakeDossier, OutboxRow


@dataclass
class Acknowledged:
    """What somebody was told is safe."""

    receipts: list[dict[str, Any]] = field(default_factory=list)
    photos: list[tuple[str, str]] = field(default_factory=list)
    """(application id, SHA-256 of the photo as sent)."""
    parts: list[tuple[str, str, int]] = field(default_factory=list)
    """(application id, SHA-256 of the whole photo, bytes said to be safe)."""


def check(portal: Portal, told: Acknowledged) -> None:
    """Nothing acknowledged lost; one file in the queue a submission; all or nothing; no change
    without its audit line; every digest equal; every row closed; nothing left lying about."""
    with portal.database.reading() as session:
        if portal.database.embedded:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert audit.verify(session) == []
        _nothing_acknowledged_lost(portal, session, told)
        _all_or_nothing(session)
        for row in session.scalars(select(OutboxRow)):
            _one_file_in_the_queue(portal, session, row)
        for document in session.scalars(select(Document)):
            _photo_is_whole(portal, session, document)
    _nothing_left_over(portal)


def _nothing_acknowledged_lost(portal: Portal, session: Session, told: Acknowledged) -> None:
    for receipt in told.receipts:
        file = session.get_one(Application, UUID(receipt["application_id"]))
        assert frozen.receipt(session, file, receipt["version"]) == receipt
    for application_id, digest in told.photos:
        file = session.get_one(Application, UUID(application_id))
        assert [d.sent_digest for d in documents.of(session, file)].count(digest) == 1
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
        for line in session.scalars(_lines("application.submitted"))
    ]
    assert sorted(submitted) == sorted(queued) == sorted(noted)
    for file in session.scalars(select(Application)):
        versions = [k for k in submitted if k.startswith(str(file.id))]
        assert len(versions) == file.submission_no
        assert (file.status == "draft") == (not versions)


def _one_file_in_the_queue(portal: Portal, session: Session, row: OutboxRow) -> None:
    (found,) = session.scalars(select(IntakeDossier).where(IntakeDossier.key == row.key)).all()
    assert row.delivered_at is not None
    assert row.lease is None
    assert row.receipt == found.receipt
    trusted = receipts.public_key(session, "intake")
    assert receipts.verified(row.receipt, key=trusted)["sha256"] == found.digest
    data = embedded.open_dossier(session, portal.blobs, found)
    assert sha256(data).hexdigest() == found.digest
    assert len(data) == found.size
    payload = bag.unpack(data)
    file = session.get_one(Application, row.application_id)
    assert json.loads(payload["receipt.json"]) == frozen.receipt(session, file, row.version)
    assert dossier.contents(data)["reference_no"] == file.reference_no
    for action in ("dossier.queued", "dossier.delivered"):
        assert _times(session, action, row.key) == 1
    assert _times(session, "dossier.taken", row.key) == (found.taken_at is not None)


def _photo_is_whole(portal: Portal, session: Session, document: Document) -> None:
    file = session.get_one(Application, document.application_id)
    place = documents.sent_place(file.id)
    sent = vault.unseal(session, file.key_id, portal.blobs.read(document.sent_blob), place=place)
    assert sha256(sent).hexdigest() == document.sent_digest
    assert document.state == documents.PREPARED
    copy = documents.open_copy(session, portal.blobs, document)
    assert sha256(copy).hexdigest() == document.prepared_digest


def _nothing_left_over(portal: Portal) -> None:
    """A day later no file lies there that no row names, and none is gone that a row names."""
    worker.sweep(portal, now=utc_now() + timedelta(hours=25))
    with portal.database.reading() as session:
        named = documents.blob_names(session) | uploads.blob_names(session)
        named |= embedded.blob_names(session)
    assert set(portal.blobs.names()) == named
    assert list(portal.blobs.incoming.iterdir()) == []


def _lines(action: str) -> Any:
    return select(AuditEntry).where(AuditEntry.action == action)


def _times(session: Session, action: str, key: str) -> int:
    keys = (json.loads(line.detail)["key"] for line in session.scalars(_lines(action)))
    return Counter(keys)[key]
