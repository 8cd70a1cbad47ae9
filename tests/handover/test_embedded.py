"""The one-door queue: one file once, one clerk at a time, the same receipt always."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.assembly import Portal
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Forbidden, NotFound
from portal.handover import bag, dossier, embedded, outbox
from portal.handover.tables import IntakeDossier
from portal.people.access import Actor, Role
from tests.conftest import NOW
from tests.handover import files

ANNA, BERT = files.clerk(number=1), files.clerk(number=2)


def queued(portal: Portal, phone: str = "13812345678", **answers: Any) -> UUID:
    """A submitted file, delivered to the queue."""
    file_id = files.draft(portal, files.LEAST | answers, phone=phone)
    files.submit(portal, file_id)
    outbox.drain(portal, partial(embedded.deliver, portal, now=NOW), now=NOW)
    return file_id


def following(portal: Portal, actor: Actor, seconds: float = 0) -> str | None:
    with portal.database.writing() as session:
        now = NOW + timedelta(seconds=seconds)
        found = embedded.next_dossier(session, actor=actor, now=now)
        return found.key if found else None


def take(portal: Portal, key: str, actor: Actor, digest: str = "", seconds: float = 0) -> None:
    with portal.database.writing() as session:
        rows = select(IntakeDossier.digest).where(IntakeDossier.key == key)
        right = session.scalars(rows).one_or_none() or ""
        now = NOW + timedelta(seconds=seconds)
        embedded.take(session, key, digest or right, actor=actor, now=now)


def test_delivered_twice_it_is_one_file_and_one_receipt(portal: Portal) -> None:
    file_id = files.draft(portal, files.LEAST)
    files.submit(portal, file_id)
    key, data = f"{file_id}/1", dossier.build(portal, file_id, 1)
    first = embedded.deliver(portal, key, data, now=NOW)
    assert embedded.deliver(portal, key, data, now=NOW + timedelta(days=1)) == first
    with portal.database.reading() as session:
        assert len(session.scalars(select(IntakeDossier)).all()) == 1


def test_a_file_under_another_key_is_refused(portal: Portal) -> None:
    file_id = files.draft(portal, files.LEAST)
    files.submit(portal, file_id)
    data = dossier.build(portal, file_id, 1)
    for key, bytes_ in ((f"{file_id}/2", data), (f"{file_id}/1", data[:-100])):
        with pytest.raises(bag.WrongBag):
            embedded.deliver(portal, key, bytes_, now=NOW)


def test_the_same_clerk_gets_the_same_file_and_nobody_else_does(portal: Portal) -> None:
    key = f"{queued(portal)}/1"
    assert following(portal, ANNA) == key
    assert following(portal, ANNA, 60) == key
    assert following(portal, BERT, 100) is None
    assert following(portal, BERT, 60 + 120) == key
    assert following(portal, ANNA, 60 + 121) is None


def test_two_clerks_get_two_files(portal: Portal) -> None:
    first, second = queued(portal), queued(portal, phone="13900000001")
    assert {following(portal, ANNA), following(portal, BERT)} == {f"{first}/1", f"{second}/1"}


def test_once_taken_it_is_gone_from_the_queue(portal: Portal) -> None:
    key = f"{queued(portal)}/1"
    assert following(portal, ANNA) == key
    take(portal, key, ANNA)
    take(portal, key, ANNA)
    assert following(portal, ANNA) is None
    with pytest.raises(Conflict):
        take(portal, key, BERT)
    with portal.database.reading() as session:
        lines = select(AuditEntry).where(AuditEntry.action == "dossier.taken")
        assert len(session.scalars(lines).all()) == 1
        assert audit.verify(session) == []


def test_a_colleague_cannot_take_what_another_reads(portal: Portal) -> None:
    key = f"{queued(portal)}/1"
    following(portal, ANNA)
    with pytest.raises(Conflict):
        take(portal, key, BERT, seconds=60)
    take(portal, key, BERT, seconds=180)


def test_a_receipt_for_other_bytes_is_refused(portal: Portal) -> None:
    key = f"{queued(portal)}/1"
    following(portal, ANNA)
    with pytest.raises(Conflict):
        take(portal, key, ANNA, digest="0" * 64)


def test_urgent_files_come_first(portal: Portal) -> None:
    queued(portal)
    file_id = files.draft(portal, files.LEAST, phone="13900000001")
    with portal.database.writing() as session:
        session.get_one(Application, file_id).urgent = True
    files.submit(portal, file_id)
    later = NOW + timedelta(minutes=5)
    outbox.drain(portal, partial(embedded.deliver, portal, now=later), now=later)
    assert following(portal, ANNA, 600) == f"{file_id}/1"


@pytest.mark.parametrize(
    ("region", "sees"),
    [(files.TOWNSHIP, True), (files.COUNTY, True), ("430000", True), (files.NEIGHBOUR, False),
     ("43092312", False), ("", False), ("%", False)],
)  # fmt: skip
def test_an_office_sees_its_own_division_only(portal: Portal, region: str, sees: bool) -> None:
    key = f"{queued(portal)}/1"
    office = files.clerk(region, role=Role.BACK_OFFICE)
    assert following(portal, office) == (key if sees else None)
    if not sees:
        with pytest.raises(NotFound):
            take(portal, key, office)


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.ADMINISTRATOR])
def test_nobody_but_an_office_takes_from_the_queue(portal: Portal, role: Role) -> None:
    with pytest.raises(Forbidden):
        following(portal, files.clerk("430000", role=role))


def test_reading_is_recorded_and_kept_sealed(portal: Portal) -> None:
    file_id = queued(portal)
    following(portal, ANNA)
    with portal.database.reading() as session:
        found = session.scalars(select(IntakeDossier)).one()
        data = embedded.open_dossier(session, portal.blobs, found)
        assert b"PK" not in portal.blobs.read(found.blob)[:64]
    assert dossier.contents(data)["application_id"] == str(file_id)
    with portal.database.reading() as session:
        lines = select(AuditEntry.actor).where(AuditEntry.action == "dossier.read")
        assert session.scalars(lines).all() == [str(ANNA)]


def test_a_transfer_moves_it_to_the_other_queue(portal: Portal) -> None:
    key = f"{queued(portal)}/1"
    following(portal, ANNA)
    take(portal, key, ANNA)
    with portal.database.writing() as session:
        file = session.scalars(select(Application)).one()
        file.region_code, file.region_path = (
            files.NEIGHBOUR,
            f"430000/430900/430923/{files.NEIGHBOUR}",
        )
        embedded.move(session, file, actor=str(ANNA), now=NOW)
    assert following(portal, BERT, 600) is None
    assert following(portal, files.clerk(files.NEIGHBOUR), 600) == key
