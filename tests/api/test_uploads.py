"""Photos in parts over HTTP: resumed, repeated, cut, and taken in once."""

from hashlib import sha256
from typing import Any

import pytest

from portal.assembly import Portal
from portal.filing.tables import Document
from tests.api.helped import neighbour, the
from tests.api.walk import Resident
from tests.conftest import NOW
from tests.filing import bad_photos

PHOTO = bad_photos.TAKEN["普通JPEG"]
DIGEST = sha256(PHOTO).hexdigest()
ITEM = "bank_account"


@pytest.fixture
def resident(client, portal: Portal) -> Resident:
    return Resident(client, portal).sign_in()


@pytest.fixture
def file_id(resident: Resident) -> str:
    return resident.start()


def put(
    who: Resident, file_id: str, start: int, end: int, *, data: bytes = PHOTO, digest: str = "",
    item: str = ITEM,
) -> Any:  # fmt: skip
    headers = {"Upload-Offset": str(start), "Upload-Length": str(len(data)), "Upload-Item": item}
    address = f"/api/applications/{file_id}/uploads/{digest or sha256(data).hexdigest()}"
    return who.client.put(address, data=data[start:end], headers=who.headers | headers)


def reached(who: Resident, file_id: str) -> dict[str, Any]:
    found = who.get(f"/api/applications/{file_id}/uploads/{DIGEST}")
    assert found.status_code == 200
    return found.json


def test_three_parts_are_one_photo(resident: Resident, file_id: str) -> None:
    assert reached(resident, file_id) == {"offset": 0, "document": None}
    for start, end in ((0, 3000), (3000, 6000)):
        assert put(resident, file_id, start, end).json == {"offset": end, "document": None}
    assert reached(resident, file_id)["offset"] == 6000
    done = put(resident, file_id, 6000, len(PHOTO))
    assert done.status_code == 200
    assert done.json["document"]["sent_digest"] == DIGEST
    assert done.json["document"]["item"] == ITEM
    photos = resident.get(f"/api/applications/{file_id}/documents").json
    assert [p["sent_digest"] for p in photos] == [DIGEST]


def test_the_answer_that_was_lost_is_given_again(resident: Resident, file_id: str) -> None:
    first = put(resident, file_id, 0, len(PHOTO)).json
    for start in (0, 5000, len(PHOTO)):
        assert put(resident, file_id, start, len(PHOTO)).json == first
    assert reached(resident, file_id) == first
    assert len(resident.get(f"/api/applications/{file_id}/documents").json) == 1


def test_a_helper_sends_parts_until_the_mandate_ends(app, portal: Portal) -> None:
    helper = neighbour(app, portal)
    helper.begin()
    file_id = helper.start_for()
    assert put(helper, file_id, 0, 3000).json == {"offset": 3000, "document": None}
    the(portal, helper.mandate, revoked_at=NOW)
    assert put(helper, file_id, 3000, len(PHOTO)).status_code == 404
    assert helper.get(f"/api/applications/{file_id}/uploads/{DIGEST}").status_code == 404
    the(portal, helper.mandate, revoked_at=None)
    assert put(helper, file_id, 3000, len(PHOTO)).json["document"]["sent_digest"] == DIGEST


def test_a_gap_is_said_and_loses_nothing(resident: Resident, file_id: str) -> None:
    put(resident, file_id, 0, 100)
    refused = put(resident, file_id, 200, 300)
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_offset")
    assert reached(resident, file_id)["offset"] == 100


def test_another_photo_than_was_said_is_begun_anew(resident: Resident, file_id: str) -> None:
    put(resident, file_id, 0, 4000, digest="0" * 64)
    refused = put(resident, file_id, 4000, len(PHOTO), digest="0" * 64)
    assert (refused.status_code, refused.json["code"]) == (422, "digest_mismatch")
    found = resident.get(f"/api/applications/{file_id}/uploads/{'0' * 64}")
    assert found.json["offset"] == 0


def test_no_photo_is_refused_with_a_sentence(resident: Resident, file_id: str) -> None:
    text = b"%PDF-1.7 " + bytes(2000)
    refused = put(resident, file_id, 0, len(text), data=text)
    assert refused.status_code == 415
    assert refused.json["fields"]["photo"]


def test_nobody_else_sends_or_looks(client, portal: Portal, resident: Resident, file_id) -> None:
    put(resident, file_id, 0, 1000)
    other = Resident(client, portal, phone="13600000001").sign_in()
    assert put(other, file_id, 0, 1000).status_code == 404
    address = f"/api/applications/{file_id}/uploads/{DIGEST}"
    assert other.get(address).status_code == 404
    assert client.get(address).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Upload-Length": "abc"}, {"Upload-Length": "-5"}])
def test_bad_headers_get_a_sentence(resident: Resident, file_id: str, headers: Any) -> None:
    address = f"/api/applications/{file_id}/uploads/{DIGEST}"
    refused = resident.client.put(address, data=b"x", headers=resident.headers | headers)
    assert refused.status_code == 422
    assert refused.json["message"]


def test_a_part_beyond_a_megabyte_is_refused(resident: Resident, file_id: str) -> None:
    big = bytes(3 * 1024 * 1024)
    refused = put(resident, file_id, 0, len(big) - 1, data=big)
    assert refused.status_code == 413


def test_a_helpers_phone_sends_in_parts_too(app, portal: Portal) -> None:
    """Only within the mandate: no part is kept of what may not be filled in."""
    helper = neighbour(app, portal)
    helper.begin()
    file = helper.start_for()
    assert put(helper, file, 0, 3000).json == {"offset": 3000, "document": None}
    assert reached(helper, file)["offset"] == 3000
    the(portal, helper.mandate, acts=["follow"])
    assert put(helper, file, 3000, 6000).json["code"] == "out_of_scope"
    the(portal, helper.mandate, acts=["fill"])
    done = put(helper, file, 3000, len(PHOTO)).json["document"]
    assert (done["sent_digest"], done["item"]) == (DIGEST, ITEM)
    with portal.database.reading() as session:
        assert str(session.query(Document).one().mandate_id) == helper.mandate
    the(portal, helper.mandate, revoked_at=NOW)
    assert put(helper, file, 0, 3000, data=PHOTO + b"x").status_code == 404
