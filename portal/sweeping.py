"""Files in the store that no row names, and rows whose file is gone: always one slice of all names
at a time, so that a province's store never lies in memory."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework.clock.tables import WorkerMark
from portal.casework.survey import visit_photos
from portal.casework.talk import thread
from portal.filing import documents, uploads
from portal.foundation.blobs import SLICES, Blobs
from portal.foundation.database import Database
from portal.handover import embedded
from portal.people import mandate_basis

_SWEEPING, _SLICE = "sweeping", timedelta(minutes=5)


def sweep(portal: Portal, *, now: datetime) -> int:
    """Delete files nothing refers to; how many. All slices, one after the other."""
    return sum(_sweep_slice(portal, prefix, now) for prefix in portal.blobs.slices())


def sweep_on(portal: Portal, *, now: datetime) -> int:
    """The next slice, every five minutes: all of them in a day, by whichever worker is at it.

    The place is written down before the slice is begun: one that a worker died of is not the
    first it meets again.
    """
    with portal.database.writing() as session:
        mark = session.get(WorkerMark, _SWEEPING)
        if mark is None:
            mark = WorkerMark(name=_SWEEPING, at=now - _SLICE, after=UUID(int=0), under=SLICES[-1])
            session.add(mark)
        if mark.at <= now < mark.at + _SLICE:
            return 0
        prefix = SLICES[(SLICES.index(mark.under) + 1) % len(SLICES)]
        mark.at, mark.under = now, prefix
    return _sweep_slice(portal, prefix, now)


def named_blobs(session: Session, prefix: str = "") -> set[str]:
    """Every blob a row refers to and whose key still opens it; those of one slice."""
    kept = documents.blob_names(session, prefix) | uploads.blob_names(session, prefix)
    kept |= thread.blob_names(session, prefix) | visit_photos.blob_names(session, prefix)
    return kept | mandate_basis.blob_names(session, prefix) | embedded.blob_names(session, prefix)


def missing_blobs(database: Database, blobs: Blobs) -> int:
    """How many a row refers to and the store does not have. One slice at a time."""
    return sum(len(_named(database, p).difference(blobs.names(p))) for p in blobs.slices())


def unnamed_blobs(portal: Portal) -> int:
    """How many the sweep would take, were they all a day old."""
    blobs, database = portal.blobs, portal.database
    return sum(len(set(blobs.names(p)) - _named(database, p)) for p in blobs.slices())


def _sweep_slice(portal: Portal, prefix: str, now: datetime) -> int:
    return portal.blobs.sweep(prefix, partial(_named, portal.database), now=now)


def _named(database: Database, prefix: str) -> set[str]:
    with database.reading() as session:
        return named_blobs(session, prefix)
