"""Photos added after handing in: they follow by themselves, as a further version of the file."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import Select, select

from portal.filing import documents
from portal.filing.tables import Application, Document, Submission
from portal.foundation.database import Database
from portal.handover import submission
from portal.policy.catalogue import Catalogue

QUIET = timedelta(minutes=2)
"""So long nothing more was added before the new photos leave together."""
_AT_ONCE = 50


class Files(Protocol):
    """The two parts of a Portal used here."""

    @property
    def database(self) -> Database: ...
    @property
    def catalogue(self) -> Catalogue: ...


def hand_in(portal: Files, *, now: datetime) -> int:
    """Submit again every file with newer photos than its last version; how many."""
    with portal.database.reading() as session:
        due = list(session.scalars(_due(now).limit(_AT_ONCE)))
    return sum(_one(portal, application_id, now=now) for application_id in due)


def _one(portal: Files, application_id: UUID, *, now: datetime) -> int:
    with portal.database.writing() as session:
        rows = select(Application).where(
            Application.id.in_(_due(now)), Application.id == application_id
        )
        application = session.scalars(rows.with_for_update()).first()
        if application is None:
            return 0
        program = portal.catalogue.at(application.program_id, application.region_path)
        submission.resubmit(session, application, program, now=now)
    return 1


def _due(now: datetime) -> Select[UUID]:
    newer = (
        select(Document.id)
        .where(
            Document.application_id == Application.id, Document.created_at > Submission.submitted_at
        )
        .exists()
    )
    return (
        select(Application.id)
        .join(
            Submission,
            (Submission.application_id == Application.id)
            & (Submission.version == Application.submission_no),
        )
        .where(
            Application.status.in_(documents.WITH_THE_OFFICE),
            Application.changed_at <= now - QUIET,
            newer,
        )
    )
