"""The worker's step: received photos become prepared, whatever fails in between."""

import io
import os
import signal
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select

from portal.assembly import Portal, open_portal
from portal.filing import documents, preparing
from portal.filing.photo_process import Died, PhotoProcess, Prepared
from portal.filing.tables import Document
from portal.foundation import crash, vault
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import NotFound
from portal.foundation.settings import Settings
from tests.filing import bad_photos
from tests.filing.test_documents import add, new_application, remove


@pytest.fixture(scope="module")
def process() -> Iterator[PhotoProcess]:
    with PhotoProcess() as running:
        yield running


@pytest.fixture
def application_id(portal: Portal, now: datetime) -> UUID:
    with portal.database.writing() as session:
        return new_application(session, now=now).id


def only(portal: Portal) -> Document:
    with portal.database.reading() as session:
        document = session.scalars(select(Document)).one()
        session.expunge_all()
        return document


class Deadly(PhotoProcess):
    """Whose child never survives."""

    def prepare(self, photo: bytes) -> Prepared:
        raise Died("as told")


def test_a_photo_becomes_a_copy_and_a_thumbnail(
    portal: Portal, process: PhotoProcess, application_id: UUID, now: datetime
) -> None:
    add(portal, application_id, bad_photos.sample("hukou_L1_00_12mp.jpg"), now=now)
    assert preparing.prepare_due(portal, process, now=now) == 1
    assert preparing.prepare_due(portal, process, now=now) == 0
    document = only(portal)
    assert (document.state, document.width, document.height) == ("prepared", 2000, 1500)
    assert document.advice == ""
    with portal.database.reading() as session:
        copy = documents.open_copy(session, portal.blobs, document)
        small = documents.open_copy(session, portal.blobs, document, "thumbnail")
        assert documents.blob_names(session) == set(portal.blobs.names())
        assert "document.prepared" in session.scalars(select(AuditEntry.action)).all()
    assert document.prepared_digest == sha256(copy).hexdigest()
    assert b"SampleMaker" not in copy + small
    with Image.open(io.BytesIO(small)) as thumbnail:
        assert max(thumbnail.size) == 320


def test_only_so_many_at_a_time_oldest_first(
    portal: Portal, process: PhotoProcess, application_id: UUID, now: datetime
) -> None:
    photos = list(bad_photos.TAKEN.values())[:3]
    ids = [
        add(portal, application_id, photo, now=now.replace(minute=number))
        for number, photo in enumerate(photos)
    ]
    assert preparing.prepare_due(portal, process, now=now, limit=2) == 2
    with portal.database.reading() as session:
        states = [session.get_one(Document, document_id).state for document_id in ids]
    assert states == ["prepared", "prepared", "received"]


@pytest.mark.parametrize("name", bad_photos.BROKEN)
def test_a_photo_nobody_can_open_is_said_at_once(
    portal: Portal, process: PhotoProcess, application_id: UUID, now: datetime, name: str
) -> None:
    add(portal, application_id, bad_photos.BROKEN[name], now=now)
    assert preparing.prepare_due(portal, process, now=now) == 1
    document = only(portal)
    assert document.state == "unreadable"
    assert documents.advice(document) == ["这张照片打不开，请重拍。"]
    with portal.database.reading() as session, pytest.raises(NotFound, match="请重拍"):
        documents.open_copy(session, portal.blobs, document)


def test_three_deaths_and_the_owner_is_asked_again(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    add(portal, application_id, bad_photos.TAKEN["普通JPEG"], now=now)
    done = [preparing.prepare_due(portal, Deadly(), now=now) for _ in range(4)]
    assert done == [0, 0, 0, 1]
    assert only(portal).state == "unreadable"


def test_a_child_killed_once_does_no_harm(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    add(portal, application_id, bad_photos.TAKEN["普通JPEG"], now=now)
    with PhotoProcess() as process:
        process.prepare(bad_photos.TAKEN["普通PNG"])
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        process._seconds = 0.3
        assert preparing.prepare_due(portal, process, now=now) == 0
        process._seconds = 20
        assert preparing.prepare_due(portal, process, now=now) == 1
    assert only(portal).state == "prepared"


def test_a_full_disk_is_not_the_photos_fault(
    portal: Portal,
    process: PhotoProcess,
    application_id: UUID,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(portal, application_id, bad_photos.TAKEN["普通JPEG"], now=now)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", _no_space)
        for _ in range(5):
            assert preparing.prepare_due(portal, process, now=now) == 0
    document = only(portal)
    assert (document.state, document.prepare_tries) == ("received", 0)
    assert preparing.prepare_due(portal, process, now=now) == 1


def _no_space(_handle: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_photo_taken_out_or_erased_meanwhile_is_left_alone(
    portal: Portal, process: PhotoProcess, application_id: UUID, now: datetime
) -> None:
    document_id = add(portal, application_id, bad_photos.TAKEN["普通JPEG"], now=now)

    class Slow(PhotoProcess):
        def prepare(self, photo: bytes) -> Prepared:
            remove(portal, document_id, now=now)
            return process.prepare(photo)

    assert preparing.prepare_due(portal, Slow(), now=now) == 0
    add(portal, application_id, bad_photos.TAKEN["普通JPEG"], now=now)
    with portal.database.writing() as session:
        key_id = session.scalars(select(vault.DataKey.id).filter_by(purpose="application")).one()
        vault.destroy_key(session, key_id, now=now)
    assert preparing.prepare_due(portal, process, now=now) == 0


@pytest.mark.parametrize("point", ["U7", "U8"])
def test_killed_at_a_crash_point_the_next_run_does_it_again(
    portal: Portal,
    settings: Settings,
    process: PhotoProcess,
    application_id: UUID,
    now: datetime,
    point: str,
) -> None:
    add(portal, application_id, bad_photos.TAKEN["普通JPEG"], now=now)
    portal.database.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            again = open_portal(settings)
            crash.arm(point)
            with PhotoProcess() as own:
                preparing.prepare_due(again, own, now=now)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert only(portal).state == "received"
    assert preparing.prepare_due(portal, process, now=now) == 1
    assert only(portal).state == "prepared"
    with portal.database.reading() as session:
        assert len(documents.blob_names(session)) == 3
