"""The worker's step that turns received photos into the copies people may see."""

import logging
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing import documents
from portal.filing.photo_process import Died, PhotoProcess, Prepared, Unreadable
from portal.filing.tables import Application, Document
from portal.foundation import audit, vault
from portal.foundation.blobs import Blobs
from portal.foundation.crash import crash_point
from portal.foundation.database import Database
from portal.foundation.errors import Busy
from portal.foundation.turns import turn

MOST_TRIES = 3
_log = logging.getLogger(__name__)
Names = dict[str, str]
"""sent, prepared, thumbnail → the blob's name."""


class Stores(Protocol):
    """The two parts of a Portal used here; the Portal itself is put together above this room."""

    @property
    def database(self) -> Database: ...
    @property
    def blobs(self) -> Blobs: ...


@dataclass(frozen=True)
class _Work:
    document_id: UUID
    application_id: UUID
    key_id: UUID
    sent_blob: str
    tries: int
    lender_id: UUID | None = None
    """The file whose key still seals the bytes as sent (lending.py)."""


def prepare_due(portal: Stores, process: PhotoProcess, *, now: datetime, limit: int = 8) -> int:
    """Prepare up to `limit` waiting photos; how many were dealt with.

    A photo that cannot be opened, or that three times ended the process that tried,
    becomes `unreadable` and its owner is asked to take it again. Killed anywhere, the
    next call does it again. Stops, without counting a try, when the disk refuses. Several
    workers share the work: each photo is one worker's.
    """
    done = 0
    for document_id in _waiting(portal, limit):
        try:
            with turn(portal.database, f"photo:{document_id}") as ours:
                done += ours and _prepare_one(portal, process, document_id, now=now)
        except Busy:
            _log.warning("photo %s waits: the disk refuses", document_id)
            break
    return done


def _waiting(portal: Stores, limit: int) -> list[UUID]:
    rows = select(Document.id).where(Document.state == documents.RECEIVED)
    with portal.database.reading() as session:
        return list(session.scalars(rows.order_by(Document.created_at, Document.id).limit(limit)))


def _prepare_one(portal: Stores, process: PhotoProcess, document_id: UUID, *, now: datetime) -> int:
    """1 when the photo is settled, 0 when it is gone or waits for another try."""
    work = _claim(portal, document_id)
    if work is None:
        return 0
    try:
        own = _seal_anew(portal, work)
        if work.tries > MOST_TRIES:
            return _finish(portal, work, None, own, now=now)
        crash_point("U7")
        prepared = process.prepare(_sent(portal, work))
        names = own | _store(portal, work, prepared)
    except Unreadable as kind:
        _log.info("photo %s cannot be opened: %s", document_id, kind)
        return _finish(portal, work, None, own, now=now)
    except Busy:
        _give_back(portal, work)
        raise
    except (Died, vault.Unreadable, FileNotFoundError) as fault:
        _log.warning("photo %s, try %d: %s", document_id, work.tries, type(fault).__name__)
        return _finish(portal, work, None, {}, now=now) if work.tries > MOST_TRIES else 0
    crash_point("U8")
    return _finish(portal, work, prepared, names, now=now)


def _claim(portal: Stores, document_id: UUID) -> _Work | None:
    """What to do, one try counted; None when the photo no longer waits."""
    with portal.database.writing() as session:
        document = _lock(session, document_id)
        if document is None:
            return None
        document.prepare_tries += 1
        application = session.get_one(Application, document.application_id)
        return _Work(
            document.id,
            application.id,
            application.key_id,
            document.sent_blob,
            document.prepare_tries,
            document.sealed_for,
        )


def _sent(portal: Stores, work: _Work) -> bytes:
    sealed = portal.blobs.read(work.sent_blob)
    with portal.database.reading() as session:
        owner = session.get_one(Application, work.lender_id or work.application_id)
        place = documents.sent_place(owner.id)
        return vault.unseal(session, owner.key_id, sealed, place=place)


def _seal_anew(portal: Stores, work: _Work) -> Names:
    """A lent photo under its own file's key, on disk before the row says so."""
    if work.lender_id is None:
        return {}
    plain = _sent(portal, work)
    with portal.database.reading() as session:
        place = documents.sent_place(work.application_id)
        sealed = vault.seal(session, work.key_id, plain, place=place)
    return {"sent": portal.blobs.put(sealed)}


def _store(portal: Stores, work: _Work, prepared: Prepared) -> Names:
    copies: dict[documents.Which, bytes] = {
        "prepared": prepared.jpeg,
        "thumbnail": prepared.thumbnail,
    }
    with portal.database.reading() as session:
        sealed = {
            which: vault.seal(
                session, work.key_id, copy, place=documents.copy_place(which, work.document_id)
            )
            for which, copy in copies.items()
        }
    return {which: portal.blobs.put(copy) for which, copy in sealed.items()}


def _finish(
    portal: Stores,
    work: _Work,
    prepared: Prepared | None,
    names: Names,
    *,
    now: datetime,
) -> int:
    """Write down what became of the photo; `prepared` None: it cannot be opened."""
    with portal.database.writing() as session:
        document = _lock(session, work.document_id)
        if document is None:
            return 0
        document.sent_blob, document.sealed_for = names.get("sent", document.sent_blob), None
        if prepared is None:
            document.state = documents.UNREADABLE
        else:
            _fill(document, prepared, names)
        detail = {"document": str(document.id), "digest": document.prepared_digest or ""}
        audit.record(
            session, f"document.{document.state}", actor="portal", subject=work.application_id,
            detail=detail, now=now,
        )  # fmt: skip
    return 1


def _fill(document: Document, prepared: Prepared, names: Names) -> None:
    document.state = documents.PREPARED
    document.prepared_digest = sha256(prepared.jpeg).hexdigest()
    document.prepared_blob, document.thumbnail_blob = names["prepared"], names["thumbnail"]
    document.width, document.height = prepared.width, prepared.height
    document.advice = ",".join(prepared.advice)


def _give_back(portal: Stores, work: _Work) -> None:
    """The disk is at fault, not the photo."""
    with portal.database.writing() as session:
        document = _lock(session, work.document_id)
        if document is not None:
            document.prepare_tries -= 1


def _lock(session: Session, document_id: UUID) -> Document | None:
    """The row while it still waits; another worker may have been faster, its owner too."""
    return session.scalars(
        select(Document)
        .where(Document.id == document_id, Document.state == documents.RECEIVED)
        .with_for_update()
    ).first()
