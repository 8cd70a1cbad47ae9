"""The dossier: a valid bag, complete, without originals, the same bytes every time."""

import io
import json
import zipfile
from pathlib import Path

import bagit
import pytest
from PIL import Image
from pypdf import PdfReader

from portal import worker
from portal.assembly import Portal
from portal.filing import documents
from portal.filing.tables import Application, Document
from portal.handover import bag, dossier
from tests.conftest import NOW
from tests.handover import files

PHONE_PHOTO = Path(__file__).parents[1] / "photos" / "hukou_L1_00_12mp.jpg"


@pytest.fixture
def handed_in(portal: Portal) -> Application:
    """A file with a real phone photo, one that cannot be opened, and signatures."""
    file_id = files.draft(portal, files.MORE)
    files.add_photo(portal, file_id, PHONE_PHOTO.read_bytes(), "bank_account")
    broken = files.add_photo(portal, file_id, files.jpeg(), "other")
    files.sign(portal, file_id)
    files.submit(portal, file_id)
    with portal.database.writing() as session:
        session.get_one(Document, broken).state = documents.UNREADABLE
    worker.run_once(portal, now=NOW)
    with portal.database.reading() as session:
        found = session.get_one(Application, file_id)
        session.expunge(found)
        return found


def test_bagit_calls_it_valid(portal: Portal, handed_in: Application, tmp_path: Path) -> None:
    data = dossier.build(portal, handed_in.id, 1)
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path)
    found = bagit.Bag(str(tmp_path / f"{handed_in.reference_no}-v1"))
    assert found.validate()
    assert found.info["External-Identifier"] == f"{handed_in.id}/1"


def test_it_holds_everything_and_no_photo_as_sent(portal: Portal, handed_in: Application) -> None:
    found = bag.unpack(dossier.build(portal, handed_in.id, 1))
    body = json.loads(found["application.json"])
    photos = {p["item"]: p for p in body["documents"]}
    assert photos["other"]["note"] == dossier.UNREADABLE_NOTE
    assert photos["other"]["file"] == ""
    copy = found[photos["bank_account"]["file"]]
    assert not Image.open(io.BytesIO(copy)).getexif()
    sent = PHONE_PHOTO.read_bytes()
    assert Image.open(io.BytesIO(sent)).getexif()
    assert all(data != sent for data in found.values())
    assert len(PdfReader(io.BytesIO(found["form.pdf"])).pages) >= 2
    assert json.loads(found["receipt.json"])["reference_no"] == handed_in.reference_no
    assert {n.rpartition(".")[2] for n in found if n.startswith("signatures/")} == {"json", "svg"}
    assert sorted(found) == [
        "application.json", "form.pdf", photos["bank_account"]["file"], "receipt.json",
        "signatures/01-applicant.json", "signatures/01-applicant.svg", "signatures/02-member.json",
    ]  # fmt: skip


def test_no_personal_data_outside_the_payload(portal: Portal, handed_in: Application) -> None:
    archive = zipfile.ZipFile(io.BytesIO(dossier.build(portal, handed_in.id, 1)))
    names = "\n".join(archive.namelist())
    tags = b"".join(archive.read(n) for n in archive.namelist() if "/data/" not in n)
    for secret in ("刘桂香", "13800000009", "430923190001010010"):
        assert secret not in names
        assert secret.encode() not in tags


def test_built_twice_it_is_the_same(portal: Portal, handed_in: Application) -> None:
    first, second = (dossier.build(portal, handed_in.id, 1) for _ in range(2))
    assert first == second


def test_later_changes_do_not_reach_a_frozen_file(portal: Portal, handed_in: Application) -> None:
    before = dossier.build(portal, handed_in.id, 1)
    files.add_photo(portal, handed_in.id, files.jpeg("red"), "other")
    worker.run_once(portal, now=NOW)
    assert dossier.build(portal, handed_in.id, 1) == before


def test_a_lost_prepared_copy_is_noted_and_blocks_nothing(
    portal: Portal, handed_in: Application
) -> None:
    with portal.database.reading() as session:
        (name,) = {d.prepared_blob for d in documents.of(session, handed_in)} - {None}
    portal.blobs.delete(str(name))
    body = dossier.contents(dossier.build(portal, handed_in.id, 1))
    assert {p["note"] for p in body["documents"]} == {dossier.UNREADABLE_NOTE}


@pytest.mark.parametrize("at", range(0, 100, 7))
def test_any_altered_byte_is_found(portal: Portal, at: int) -> None:
    file_id = files.draft(portal, files.LEAST)
    files.submit(portal, file_id)
    data = bytearray(dossier.build(portal, file_id, 1))
    archive = zipfile.ZipFile(io.BytesIO(data))
    entry = archive.infolist()[at % len(archive.infolist())]
    start = entry.header_offset + 30 + len(entry.filename.encode())
    data[start + entry.file_size * at // 100] ^= 1
    with pytest.raises(bag.WrongBag):
        dossier.contents(bytes(data))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"x" * 100])
def test_what_is_no_bag_is_refused(data: bytes) -> None:
    with pytest.raises(bag.WrongBag):
        dossier.contents(data)


def test_a_bag_of_something_else_is_refused() -> None:
    with pytest.raises(bag.WrongBag):
        dossier.contents(bag.pack("x", {"application.json": b"[]"}, {}))
    with pytest.raises(bag.WrongBag):
        dossier.contents(bag.pack("x", {"other.json": b"{}"}, {}))
