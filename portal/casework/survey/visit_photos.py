"""Photos the investigators take at a visit: optional, never asked of anybody, seen by the office.

Stored as the applicant's photos are (sealed, on disk before the answer, only a prepared copy is
shown), but beside them: they are no papers of the application.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.survey import investigators
from portal.casework.survey.tables import VisitPhoto
from portal.filing import documents
from portal.filing.documents import Received
from portal.filing.photo_process import Died, PhotoProcess, Unreadable
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.blobs import Blobs, begins
from portal.foundation.database import Database
from portal.foundation.errors import Invalid, NotFound
from portal.people.access import Actor, Role

MOST, MOST_TRIES = 10, 3
_log = logging.getLogger(__name__)


class Stores(Protocol):
    """The two parts of a Portal used here."""

    @property
    def database(self) -> Database: ...
    @property
    def blobs(self) -> Blobs: ...


def add(
    session: Session,
    application: Application,
    received: Received,
    blob: str,
    *,
    actor: Actor,
    now: datetime,
) -> VisitPhoto:
    """One photo that documents.seal_and_store has put on disk; the same twice is one.

    Raises Invalid for too many, Forbidden for anybody but an investigator.
    """
    investigators.check_duty(actor, application, Role.TOWNSHIP_INVESTIGATOR)
    events.lock(session, application)
    have = of(session, application)
    for twin in have:
        if twin.digest == received.digest:
            return twin
    if len(have) >= MOST:
        raise Invalid(f"最多{MOST}张。", fields={"photo": [f"最多{MOST}张。"]})
    photo = VisitPhoto(
        application_id=application.id, digest=received.digest, sent_blob=blob,
        state=documents.RECEIVED, tries=0, taken_by=actor.id, taken_at=now,
    )  # fmt: skip
    session.add(photo)
    session.flush()
    detail = {"photo": str(photo.id), "digest": received.digest}
    audit.record(
        session, "visit_photo.added", actor=str(actor), subject=application.id, detail=detail,
        now=now,
    )  # fmt: skip
    return photo


def of(session: Session, application: Application) -> Sequence[VisitPhoto]:
    rows = select(VisitPhoto).where(VisitPhoto.application_id == application.id)
    return session.scalars(rows.order_by(VisitPhoto.taken_at, VisitPhoto.id)).all()


def open_copy(session: Session, blobs: Blobs, application: Application, photo_id: UUID) -> bytes:
    """The prepared JPEG. Raises NotFound: another file's, not ready, or unreadable."""
    photo = session.get(VisitPhoto, photo_id)
    if photo is None or photo.application_id != application.id or photo.prepared_blob is None:
        raise NotFound("没有这张照片，或还在处理。")
    sealed = blobs.read(photo.prepared_blob)
    return vault.unseal(session, application.key_id, sealed, place=_place(photo.id))


def blob_names(session: Session, prefix: str = "") -> set[str]:
    """Every blob that can still be opened; the sweep must leave these."""
    found: set[str] = set()
    for column in (VisitPhoto.sent_blob, VisitPhoto.prepared_blob):
        rows = (
            select(column)
            .join(Application, Application.id == VisitPhoto.application_id)
            .join(vault.DataKey, vault.DataKey.id == Application.key_id)
            .where(vault.DataKey.destroyed_at.is_(None), begins(column, prefix))
        )
        found.update(name for name in session.scalars(rows) if name is not None)
    return found


def prepare_due(portal: Stores, process: PhotoProcess, *, now: datetime, limit: int = 4) -> int:
    """The worker's step: an upright copy without metadata; how many were dealt with."""
    rows = select(VisitPhoto.id).where(VisitPhoto.state == documents.RECEIVED)
    with portal.database.reading() as session:
        due = list(session.scalars(rows.order_by(VisitPhoto.taken_at).limit(limit)))
    return sum(_prepare(portal, process, photo_id, now=now) for photo_id in due)


def _prepare(portal: Stores, process: PhotoProcess, photo_id: UUID, *, now: datetime) -> int:
    with portal.database.writing() as session:
        photo = session.get_one(VisitPhoto, photo_id)
        photo.tries += 1
        tries, blob, application_id = photo.tries, photo.sent_blob, photo.application_id
        key_id = session.get_one(Application, application_id).key_id
    copy = None
    try:
        with portal.database.reading() as session:
            place = documents.sent_place(application_id)
            sent = vault.unseal(session, key_id, portal.blobs.read(blob), place=place)
            jpeg = process.prepare(sent).jpeg
            copy = portal.blobs.put(vault.seal(session, key_id, jpeg, place=_place(photo_id)))
    except (Died, vault.Unreadable, FileNotFoundError) as fault:
        _log.warning("visit photo %s, try %d: %s", photo_id, tries, type(fault).__name__)
        if tries < MOST_TRIES:
            return 0
    except Unreadable:
        _log.info("visit photo %s cannot be opened", photo_id)
    with portal.database.writing() as session:
        photo = session.get_one(VisitPhoto, photo_id)
        photo.prepared_blob = copy
        photo.state = documents.PREPARED if copy else documents.UNREADABLE
    return 1


def _place(photo_id: UUID) -> str:
    return f"visit_photos.prepared:{photo_id}"
