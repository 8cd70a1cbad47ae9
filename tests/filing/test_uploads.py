"""Photos in parts: any cut, any repeat, any order, and the photo is here once and whole."""

import random
from datetime import timedelta
from hashlib import sha256

import pytest

from portal import sweeping
from portal.assembly import Portal
from portal.filing import documents, uploads
from portal.filing.tables import Application, Upload, UploadPart
from portal.foundation.errors import Conflict, Invalid, TooLarge
from tests.conftest import NOW
from tests.filing import bad_photos
from tests.handover import files

PHOTO = bad_photos.TAKEN["普通JPEG"]
DIGEST = sha256(PHOTO).hexdigest()


def send(portal: Portal, file_id, start: int, end: int, *, data: bytes = PHOTO) -> int:
    """As the view does it: disk first, then one short commit."""
    part = uploads.part(sha256(data).hexdigest(), str(len(data)), str(start), data[start:end])
    with portal.database.reading() as reading:
        file = reading.get_one(Application, file_id)
        uploads.check_next(reading, file_id, part)
        blob = uploads.keep_part(reading, portal.blobs, file, part)
    with portal.database.writing() as session:
        file = session.get_one(Application, file_id)
        return uploads.note_part(session, file, part, blob=blob, now=NOW)


def assembled(portal: Portal, file_id, start: int) -> bytes:
    last = uploads.part(DIGEST, str(len(PHOTO)), str(start), PHOTO[start:])
    with portal.database.reading() as session:
        file = session.get_one(Application, file_id)
        return uploads.whole(session, portal.blobs, file, last)


@pytest.fixture
def file_id(portal: Portal):
    return files.draft(portal, files.LEAST)


def test_a_photo_in_parts_is_the_photo(portal: Portal, file_id) -> None:
    cuts = [0, 100, 5000, len(PHOTO) - 7]
    for start, end in zip(cuts, cuts[1:], strict=False):
        assert send(portal, file_id, start, end) == end
    assert assembled(portal, file_id, cuts[-1]) == PHOTO


def test_what_is_kept_on_disk_is_sealed(portal: Portal, file_id) -> None:
    send(portal, file_id, 0, 4000)
    stored = [portal.blobs.read(name) for name in portal.blobs.names()]
    assert not any(PHOTO[100:140] in blob for blob in stored)


@pytest.mark.parametrize("seed", range(12))
def test_cuts_repeats_and_overlaps_never_matter(portal: Portal, file_id, seed: int) -> None:
    """Three tabs send the same photo with their own cuts, late and twice."""
    rng, tail = random.Random(seed), len(PHOTO) - 1
    reached, turns = 0, 0
    while reached < tail and turns < 60:
        turns += 1
        start = rng.choice([reached, max(0, reached - rng.randrange(9000)), 0])
        end = min(tail, start + 1 + rng.randrange(20_000))
        now_at = send(portal, file_id, start, end)
        assert now_at >= reached
        reached = now_at
    assert assembled(portal, file_id, reached) == PHOTO


def test_a_gap_is_refused(portal: Portal, file_id) -> None:
    send(portal, file_id, 0, 1000)
    with pytest.raises(Conflict) as refused:
        send(portal, file_id, 1001, 2000)
    assert refused.value.code == "wrong_offset"


def test_parts_survive_the_sweep_and_go_after_two_weeks(portal: Portal, file_id) -> None:
    send(portal, file_id, 0, 1000)
    sweeping.sweep(portal, now=NOW + timedelta(days=3650))
    assert assembled(portal, file_id, 1000) == PHOTO
    with portal.database.writing() as session:
        uploads.forget_old(session, now=NOW + timedelta(days=15))
        assert session.query(Upload).count() == session.query(UploadPart).count() == 0


def test_too_many_at_once_is_said(portal: Portal, file_id) -> None:
    with portal.database.writing() as session:
        for number in range(uploads.MOST_OPEN):
            session.add(
                Upload(
                    application_id=file_id, digest=f"{number:064x}", length=9, started_at=NOW,
                    changed_at=NOW,
                )
            )  # fmt: skip
    with pytest.raises(Invalid, match="没传完"):
        send(portal, file_id, 0, 10)


@pytest.mark.parametrize(
    ("digest", "length", "start", "data", "kind"),
    [
        ("0" * 63, "10", "0", b"x", Invalid),
        ("../" + "0" * 61, "10", "0", b"x", Invalid),
        ("0" * 64, "-1", "0", b"x", Invalid),
        ("0" * 64, "0", "0", b"", Invalid),
        ("0" * 64, "１０", "0", b"x" * 11, Invalid),
        ("0" * 64, "10", "8", b"xyz", Invalid),
        ("0" * 64, "9" * 30, "0", b"x", Invalid),
        ("0" * 64, str(12 * 1024 * 1024 + 1), "0", b"x", TooLarge),
    ],
    ids=["短编号", "路径", "负数", "空", "全角", "超出", "巨数", "太大"],
)
def test_wrong_headers_get_a_sentence(digest, length, start, data, kind) -> None:
    with pytest.raises(kind):
        uploads.part(digest, length, start, data)


def test_an_erased_files_parts_cannot_be_read(portal: Portal, file_id) -> None:
    send(portal, file_id, 0, 1000)
    with portal.database.reading() as session:
        assert uploads.blob_names(session) <= set(portal.blobs.names())
        assert documents.blob_names(session) == set()
