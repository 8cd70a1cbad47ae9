"""Families with several files, through the verbs people use."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.filing import documents, shared_papers, sharing
from portal.filing.tables import Application, Document
from portal.people import households
from portal.people.access import Actor
from portal.people.tables import Household
from portal.policy.tables import Region
from tests.conftest import NOW
from tests.handover import files


def household(portal: Portal, *programs: str, phone: str = "13812345678") -> tuple[UUID, ...]:
    """(household, one draft a program)."""
    with portal.database.writing() as session:
        if session.get(Region, files.TOWNSHIP) is None:
            files.add_regions(session)
        actor = files.resident(session, phone)
        home = households.start(session, account_id=actor.id, actor=actor, now=NOW)
        return home.id, *(begin(portal, session, home, p, actor).id for p in programs)


def begin(
    portal: Portal, session: Session, home: Household, program: str, actor: Actor
) -> Application:
    found = portal.catalogue.find(program)
    return sharing.start(session, home, portal.catalogue, found, actor=actor, now=NOW)


def home_of(session: Session, home: UUID) -> tuple[Household, Actor]:
    found = session.get_one(Household, home)
    assert found.account_id is not None
    return found, Actor(files.Role.APPLICANT, found.account_id)


def say(portal: Portal, file: UUID, answers: Mapping[str, Any]) -> None:
    with portal.database.writing() as session:
        application = session.get_one(Application, file)
        sharing.save(
            session, application, portal.catalogue, answers, revision=application.revision,
            actor=files.owner(application), now=NOW,
        )  # fmt: skip


def photograph(portal: Portal, file: UUID, data: bytes, item: str) -> UUID:
    """As the page does it: into this file, and lent to the others that ask the paper."""
    received = documents.check(data, None)
    with portal.database.reading() as reading:
        blob = documents.seal_and_store(reading, portal.blobs, file, received)
    with portal.database.writing() as session:
        application = session.get_one(Application, file)
        return shared_papers.add_photo(
            session, application, portal.catalogue, item=item, received=received, blob=blob,
            actor=files.owner(application), now=NOW,
        ).id  # fmt: skip


def unphotograph(portal: Portal, document: UUID) -> None:
    with portal.database.writing() as session:
        found = session.get_one(Document, document)
        application = session.get_one(Application, found.application_id)
        who = files.owner(application)
        shared_papers.remove_photo(
            session, application, found, portal.catalogue, actor=who, now=NOW
        )
