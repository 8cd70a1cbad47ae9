"""Photos of an application: taken in, found, opened, taken out."""

import io
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.filing import documents
from portal.filing.tables import Application, Document, Signature, Submission
from portal.foundation import vault
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.blobs import Folder
from portal.foundation.errors import (
    Busy,
    Conflict,
    Invalid,
    NotFound,
    Refusal,
    TooLarge,
    WrongType,
)
from portal.people.access import Actor, Role
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL, Status
from tests.filing import bad_photos

ACTOR = Actor(Role.APPLICANT, uuid4())
PHOTO = bad_photos.TAKEN["普通JPEG"]
ANOTHER = bad_photos.TAKEN["普通PNG"]


def new_application(
    session: Session, *, now: datetime, status: Status = Status.DRAFT
) -> Application:
    application = Application(
        id=uuid4(),
        reference_no=uuid4().hex[:16],
        program_id="dibao",
        key_id=vault.new_key(session, "application", now=now),
        status=status,
        answers_sealed=b"",
        created_at=now,
        changed_at=now,
    )
    session.add(application)
    session.flush()
    return application


def program(portal: Portal) -> Program:
    return portal.catalogue.find("dibao")


@pytest.fixture
def application_id(portal: Portal, now: datetime) -> UUID:
    with portal.database.writing() as session:
        return new_application(session, now=now).id


def add(
    portal: Portal, application_id: UUID, photo: bytes, *, now: datetime, item: str = "other"
) -> UUID:
    """As an upload does it: check, store, then one short transaction."""
    received = documents.check(photo, sha256(photo).hexdigest())
    with portal.database.reading() as reading:
        blob = documents.seal_and_store(reading, portal.blobs, application_id, received)
    with portal.database.writing() as session:
        application = session.get_one(Application, application_id)
        return documents.add(
            session, application, program(portal), item=item, received=received, blob=blob,
            actor=ACTOR, now=now,
        ).id  # fmt: skip


def rows(portal: Portal, application_id: UUID) -> list[Document]:
    with portal.database.reading() as session:
        found = documents.of(session, session.get_one(Application, application_id))
        session.expunge_all()
        return list(found)


def set_status(portal: Portal, application_id: UUID, status: Status) -> None:
    with portal.database.writing() as session:
        session.get_one(Application, application_id).status = status


def names(portal: Portal) -> list[str]:
    return list(portal.blobs.names())


# --- the look at the bytes ---


def test_the_type_is_what_the_bytes_say() -> None:
    kinds = {documents.check(photo, None).media_type for photo in bad_photos.TAKEN.values()}
    assert kinds == {"image/jpeg", "image/png", "image/webp"}


def test_the_digest_must_match() -> None:
    digest = sha256(PHOTO).hexdigest()
    assert documents.check(PHOTO, f" {digest.upper()} ").digest == digest
    assert documents.check(PHOTO, "").digest == digest
    with pytest.raises(Invalid, match="照片在路上坏了，请再传一次。") as refusal:
        documents.check(PHOTO[:-1], digest)
    assert refusal.value.code == "digest_mismatch"


@pytest.mark.parametrize("at", range(0, 8000, 500))
def test_a_flipped_bit_is_noticed(at: int) -> None:
    damaged = bytearray(PHOTO)
    damaged[at] ^= 1 << at % 8
    with pytest.raises(Invalid, match="路上坏了"):
        documents.check(bytes(damaged), sha256(PHOTO).hexdigest())


def test_each_refusal_has_its_own_kind() -> None:
    with pytest.raises(TooLarge):
        documents.check(*_refused("太大"))
    with pytest.raises(WrongType, match="兼容性最佳"):
        documents.check(*_refused("HEIC"))
    with pytest.raises(WrongType, match="只收照片"):
        documents.check(*_refused("PDF"))


def _refused(name: str) -> tuple[bytes, None]:
    return bad_photos.REFUSED[name][0], None


def test_what_is_said_is_short_and_plain() -> None:
    for photo, _code in bad_photos.REFUSED.values():
        with pytest.raises(Refusal) as refusal:
            documents.check(photo, None)
        sentences = [part for part in refusal.value.message.split("。") if part]
        assert all(len(sentence) <= 20 for sentence in sentences), refusal.value.message


# --- adding ---


def test_a_photo_is_sealed_kept_and_noted(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    later = now + timedelta(minutes=1)
    add(portal, application_id, PHOTO, now=later, item="id_card")
    [document] = rows(portal, application_id)
    assert (document.item, document.state) == ("id_card", "received")
    assert (document.sent_size, document.media_type) == (len(PHOTO), "image/jpeg")
    assert document.sent_digest == sha256(PHOTO).hexdigest()
    sealed = portal.blobs.read(document.sent_blob)
    assert PHOTO[:64] not in sealed
    with portal.database.reading() as session:
        application = session.get_one(Application, application_id)
        assert application.changed_at == later
        place = documents.sent_place(application_id)
        assert vault.unseal(session, application.key_id, sealed, place=place) == PHOTO
        [entry] = session.scalars(select(AuditEntry).filter_by(subject=application_id))
        assert (entry.action, entry.actor) == ("document.added", str(ACTOR))
        assert document.sent_digest in entry.detail


def test_the_same_photo_twice_is_one_row_and_one_blob(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    first = add(portal, application_id, PHOTO, now=now)
    assert add(portal, application_id, PHOTO, now=now) == first
    assert len(rows(portal, application_id)) == 1
    assert len(names(portal)) == 1


def test_the_same_photo_under_another_item_is_one_blob(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    add(portal, application_id, PHOTO, now=now, item="id_card")
    add(portal, application_id, PHOTO, now=now, item="other")
    assert len({document.sent_blob for document in rows(portal, application_id)}) == 1
    assert {document.item for document in rows(portal, application_id)} == {"id_card", "other"}
    assert len(names(portal)) == 1


def test_the_same_photo_in_two_applications_shares_nothing(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    with portal.database.writing() as session:
        other = new_application(session, now=now).id
    add(portal, application_id, PHOTO, now=now)
    add(portal, other, PHOTO, now=now)
    assert len(names(portal)) == 2


def test_two_phones_at_once_leave_one_row(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    received = documents.check(PHOTO, None)
    with portal.database.reading() as one, portal.database.reading() as two:
        blobs = [
            documents.seal_and_store(reading, portal.blobs, application_id, received)
            for reading in (one, two)
        ]
    for blob in blobs:
        with portal.database.writing() as session:
            application = session.get_one(Application, application_id)
            documents.add(
                session, application, program(portal), item="other", received=received, blob=blob,
                actor=ACTOR, now=now,
            )  # fmt: skip
    [document] = rows(portal, application_id)
    assert document.sent_blob == blobs[0]


def test_an_unknown_item_is_refused(portal: Portal, application_id: UUID, now: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        add(portal, application_id, PHOTO, now=now, item="../etc")
    assert "item" in refusal.value.fields


def test_the_thirty_first_photo_is_refused(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    for number in range(documents.MOST_PHOTOS):
        add(portal, application_id, PHOTO + bytes([number]), now=now)
    with pytest.raises(Invalid, match="最多传30张") as refusal:
        add(portal, application_id, ANOTHER, now=now)
    assert refusal.value.code == "too_many"
    assert len(rows(portal, application_id)) == documents.MOST_PHOTOS


def test_sixty_megabytes_are_enough(portal: Portal, application_id: UUID, now: datetime) -> None:
    add(portal, application_id, PHOTO, now=now)
    with portal.database.writing() as session:
        document = session.scalars(select(Document)).one()
        document.sent_size = documents.MOST_BYTES_TOGETHER - len(ANOTHER) + 1
    with pytest.raises(Invalid) as refusal:
        add(portal, application_id, ANOTHER, now=now)
    assert refusal.value.code == "too_much"


@pytest.mark.parametrize("status", Status)
def test_which_states_take_photos(
    portal: Portal, application_id: UUID, now: datetime, status: Status
) -> None:
    set_status(portal, application_id, status)
    decided = {*FINAL, Status.APPROVED, Status.PAYING, Status.GRADUATING}
    decided |= {Status.REFERRED, Status.RECEIVED}
    if status not in decided:
        add(portal, application_id, PHOTO, now=now)
    else:
        with pytest.raises(Conflict):
            add(portal, application_id, PHOTO, now=now)


def test_a_disk_that_refuses_leaves_nothing(
    portal: Portal, application_id: UUID, now: datetime, tmp_path: Path
) -> None:
    received = documents.check(PHOTO, None)
    nowhere = Folder(tmp_path / "missing")
    refused = pytest.raises(Busy, match="还在您的手机上")
    with portal.database.reading() as reading, refused:
        documents.seal_and_store(reading, nowhere, application_id, received)
    assert rows(portal, application_id) == []


def test_storing_for_an_unknown_application_is_refused(portal: Portal) -> None:
    received = documents.check(PHOTO, None)
    with portal.database.reading() as reading, pytest.raises(NotFound):
        documents.seal_and_store(reading, portal.blobs, uuid4(), received)
    assert names(portal) == []


# --- finding and opening ---


def test_a_photo_of_another_application_is_not_found(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    document_id = add(portal, application_id, PHOTO, now=now)
    with portal.database.writing() as session:
        other = new_application(session, now=now)
        own = session.get_one(Application, application_id)
        assert documents.find(session, own, document_id).id == document_id
        with pytest.raises(NotFound):
            documents.find(session, other, document_id)
        with pytest.raises(NotFound):
            documents.find(session, own, uuid4())


def test_what_was_sent_is_never_opened(portal: Portal, application_id: UUID, now: datetime) -> None:
    add(portal, application_id, PHOTO, now=now)
    with portal.database.reading() as session:
        document = session.scalars(select(Document)).one()
        for which in ("prepared", "thumbnail"):
            with pytest.raises(NotFound, match="正在处理"):
                documents.open_copy(session, portal.blobs, document, which)


def test_an_erased_application_shows_no_photo(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    add(portal, application_id, PHOTO, now=now)
    with portal.database.writing() as session:
        document = session.scalars(select(Document)).one()
        application = session.get_one(Application, application_id)
        place = documents.copy_place("prepared", document.id)
        copy = bad_photos.encoded(Image.new("RGB", (9, 9)), "JPEG")
        sealed = vault.seal(session, application.key_id, copy, place=place)
        document.prepared_blob, document.state = portal.blobs.put(sealed), "prepared"
        opened = documents.open_copy(session, portal.blobs, document)
        with Image.open(io.BytesIO(opened)) as image:
            assert image.size == (9, 9)
        assert documents.blob_names(session) == set(portal.blobs.names())
        vault.destroy_key(session, application.key_id, now=now)
        with pytest.raises(NotFound, match="已经删除"):
            documents.open_copy(session, portal.blobs, document)
        assert documents.blob_names(session) == set(), "the sweep may take them all"


def test_advice_is_said_in_words() -> None:
    assert documents.advice(Document(state="received", advice=None)) == []
    assert documents.advice(Document(state="prepared", advice="")) == []
    assert documents.advice(Document(state="prepared", advice="blurry,dark")) == [
        "照片有点模糊。看不清可以重拍。",
        "照片有点暗。可以到亮处重拍。",
    ]
    assert documents.advice(Document(state="unreadable")) == ["这张照片打不开，请重拍。"]


# --- taking out ---


def remove(portal: Portal, document_id: UUID, *, now: datetime) -> None:
    with portal.database.writing() as session:
        documents.remove(session, session.get_one(Document, document_id), actor=ACTOR, now=now)


def test_a_photo_taken_out_is_gone_and_may_come_back(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    document_id = add(portal, application_id, PHOTO, now=now)
    remove(portal, document_id, now=now)
    assert rows(portal, application_id) == []
    with portal.database.reading() as session:
        actions = session.scalars(
            select(AuditEntry.action).filter_by(subject=application_id).order_by("seq")
        ).all()
        assert actions == ["document.added", "document.removed"]
        assert documents.blob_names(session) == set()
    assert add(portal, application_id, PHOTO, now=now) != document_id


def test_what_was_handed_in_stays(portal: Portal, application_id: UUID, now: datetime) -> None:
    handed_in = add(portal, application_id, PHOTO, now=now)
    with portal.database.writing() as session:
        session.add(
            Submission(
                application_id=application_id, version=1, frozen_sealed=b"", receipt_sealed=b"",
                submitted_at=now + timedelta(hours=1),
            )
        )  # fmt: skip
    set_status(portal, application_id, Status.RETURNED)
    added_later = add(portal, application_id, ANOTHER, now=now + timedelta(hours=2))
    with pytest.raises(Conflict, match="已经交了"):
        remove(portal, handed_in, now=now + timedelta(hours=3))
    remove(portal, added_later, now=now + timedelta(hours=3))
    assert [document.id for document in rows(portal, application_id)] == [handed_in]


def test_a_signature_on_the_page_goes_with_it(
    portal: Portal, application_id: UUID, now: datetime
) -> None:
    page = add(portal, application_id, PHOTO, now=now, item=documents.SIGNED_PAGE)
    with portal.database.writing() as session:
        session.add(
            Signature(
                application_id=application_id, signer="applicant", signer_name_sealed=b"",
                method="paper", text_version="1", text_digest=b"", document_id=page, signed_at=now,
            )
        )  # fmt: skip
    later = now + timedelta(hours=1)
    remove(portal, page, now=later)
    with portal.database.reading() as session:
        signature = session.scalars(select(Signature)).one()
        assert (signature.document_id, signature.withdrawn_at) == (None, later)
