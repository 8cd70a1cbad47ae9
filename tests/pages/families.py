"""A household with everything its pages can show: drafts carried along, one file refused, the
next tier opened by itself, a status granted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework import events, next_tier
from portal.filing import documents, photo_process, preparing, shared_papers, sharing
from portal.filing.tables import Application
from portal.handover import submission
from portal.people import households
from portal.people.access import Actor, Role
from portal.people.tables import Household
from portal.policy.lifecycle import Party, Status
from tests.journeys.story import PHOTOS

_ROAD = ("accepted", "surveying", "first_review", "county_review")


@dataclass(frozen=True)
class Family:
    """The owner, and the address of the household."""

    owner: UUID
    home: str

    def paths(self) -> list[str]:
        parts = ["", "/tasks", "/photos", "/check", "/matters", "/receipt", "/chain"]
        parts += ["/steps/household"]
        return [self.home + part for part in parts]


def furnish(portal: Portal, account_id: UUID, answers: dict[str, Any], *, now: datetime) -> Family:
    """For an account whose consents are given."""
    who = Actor(Role.APPLICANT, account_id)
    earlier = now - timedelta(days=60)
    with portal.database.writing() as session:
        home = households.start(session, account_id=account_id, actor=who, now=earlier)
        file = _file(portal, session, home, "dibao", who, now=earlier)
        program = portal.catalogue.find("dibao")
        sharing.save(session, file, portal.catalogue, answers, revision=0, actor=who, now=earlier)
        submission.submit(session, file, program, actor=who, now=earlier)
        _move(session, file, Status.DENIED, {"sentence": "收入高于当地标准。"}, now=earlier)
        zhufang = _file(portal, session, home, "zhufang", who, now=earlier)
        zhufang_program = portal.catalogue.find("zhufang")
        submission.submit(session, zhufang, zhufang_program, actor=who, now=earlier)
        home_id = home.id
    next_tier.open_due(portal, now=earlier)
    with portal.database.writing() as session:
        home = session.get_one(Household, home_id)
        drafts = [
            _file(portal, session, home, p, who, now=now).id
            for p in ("gangxing", "linshi", "yiliao")
        ]
    _photograph(portal, drafts[0], who, now=now)
    return Family(account_id, f"/household/{home_id}")


def _file(
    portal: Portal, session: Session, home: Household, program: str, who: Actor, *, now: datetime
) -> Application:
    found = portal.catalogue.find(program)
    return sharing.start(session, home, portal.catalogue, found, actor=who, now=now)


def _move(
    session: Session, file: Application, last: Status, said: dict[str, Any], *, now: datetime
) -> None:
    for kind in _ROAD:
        events.record(
            session, file, kind, after=Status(kind), party=Party.TOWNSHIP, actor="test", said={},
            now=now,
        )  # fmt: skip
    events.record(
        session, file, str(last), after=last, party=Party.COUNTY, actor="test", said=said, now=now
    )


def _photograph(portal: Portal, draft: UUID, who: Actor, *, now: datetime) -> None:
    received = documents.check((PHOTOS / "hukou_L2_00.jpg").read_bytes(), None)
    with portal.database.reading() as reading:
        blob = documents.seal_and_store(reading, portal.blobs, draft, received)
    with portal.database.writing() as session:
        shared_papers.add_photo(
            session, session.get_one(Application, draft), portal.catalogue, item="hukou_book",
            received=received, blob=blob, actor=who, now=now,
        )  # fmt: skip
    process = photo_process.PhotoProcess()
    try:
        preparing.prepare_due(portal, process, now=now)
    finally:
        process.close()
