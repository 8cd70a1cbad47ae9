"""What a phone has sealed is opened and then is as if it had come plain; it gives no right."""

import base64
import json
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from api import cookies
from portal.casework import joining
from portal.foundation.clock import utc_now
from portal.handover import receipts
from portal.people import sign_in
from tests import sealing
from tests.api.helped import PERSON, neighbour
from tests.api.test_uploads import PHOTO
from tests.api.walk import Resident

SEALED = "application/vnd.portal.sealed"
SAID = {
    "typed": [["phone", "13812345678"]], "touched": ["phone"], "asked": {}, "step": "contact",
    "back": "",
}  # fmt: skip


@pytest.fixture
def who(client, portal) -> Resident:
    return Resident(client, portal).sign_in()


@pytest.fixture
def foreign(app, portal) -> Resident:
    return Resident(app.test_client(), portal, phone="13900000001").sign_in()


def key(who: Resident) -> str:
    return str(who.get("/api/phone").json["seal"])


def mark(who: Resident) -> str:
    with who.portal.database.reading() as session:
        account = sign_in.find_account(session, who.phone)
        assert account is not None
        return cookies.mark(session, account.id)


def send(who: Resident, path: str, envelope: bytes, method: str = "PUT", **headers: str) -> Any:
    return who.client.open(
        path, method=method, data=envelope, headers=who.headers | headers, content_type=SEALED
    )


def kept(who: Resident, file: str) -> dict[str, Any]:
    return dict(who.get(f"/api/applications/{file}/answers").json["answers"])


def test_a_topic_is_merged_and_the_receipt_names_the_envelope(who: Resident) -> None:
    file, envelope = who.start(), sealing.topic(key(who), mark(who), **SAID)
    answer = send(who, f"/api/applications/{file}/typed?revision=0", envelope)
    assert answer.status_code == 200, answer.json
    receipt = answer.json["receipt"]
    assert receipt["digest"] == sha256(envelope).hexdigest()
    with who.portal.database.reading() as session:
        receipts.verified(json.dumps(receipt), key=receipts.public_key(session, "receipt"))
    assert kept(who, file) == {"phone": "13812345678"}
    again = send(who, f"/api/applications/{file}/typed?revision=0", envelope)
    assert again.json["revision"] == answer.json["revision"], "twice is once"


def test_who_sealed_it_gets_it_back_to_put_it_right(who: Resident, foreign: Resident) -> None:
    """Two answers to one question: nothing is written, and nothing typed is lost."""
    file = who.start()
    said = {**SAID, "typed": [["phone", "123"]]}
    envelope = sealing.topic(key(who), mark(who), **said)
    assert send(who, f"/api/applications/{file}/typed?revision=0", envelope).status_code == 422
    path = f"/api/applications/{file}/typed/opened?revision=0"
    opened = send(who, path, envelope, "POST")
    assert opened.status_code == 200
    assert opened.json["typed"] == said["typed"]
    assert send(foreign, path, envelope, "POST").status_code in (403, 404)
    who.fill_in(file)
    assert who.post(f"/api/applications/{file}/submission").status_code == 201
    late = send(who, path, envelope, "POST")
    assert (late.status_code, late.json["code"]) == (409, "handed_in")


def test_it_is_sealed_for_one_account(app, who: Resident, foreign: Resident) -> None:
    file = who.start()
    envelope = sealing.topic(key(who), mark(foreign), **SAID)
    refused = send(who, f"/api/applications/{file}/typed?revision=0", envelope)
    assert (refused.status_code, refused.json["code"]) == (403, "sealed_for_another")
    assert refused.json["message"]
    unsigned = sealing.topic(key(who), "", **SAID)
    assert send(who, f"/api/applications/{file}/typed?revision=0", unsigned).status_code == 200
    stranger = send(foreign, f"/api/applications/{file}/typed?revision=0", unsigned)
    assert stranger.status_code == 404, "sealing gives no right"
    out = app.test_client().put(
        f"/api/applications/{file}/typed?revision=0", data=unsigned, content_type=SEALED
    )
    assert out.status_code == 401


def test_what_was_sealed_before_two_accounts_were_joined_counts(
    app, portal, who: Resident, foreign: Resident
) -> None:
    """Also by way of a third; never the other way round, and nobody else's."""
    first, second = (
        Resident(app.test_client(), portal, phone=f"1390000000{n}").sign_in() for n in (2, 3)
    )
    seal, marks = key(who), [mark(first), mark(second)]
    photos = [sealing.photo(seal, one, "bank_account", PHOTO) for one in marks]
    strange = sealing.photo(seal, mark(foreign), "bank_account", PHOTO)
    kept_by_who = sealing.topic(seal, mark(who), **SAID)
    file = who.start()
    before = upload(who, file, photos[0], 0, len(photos[0]))
    assert (before.status_code, before.json["code"]) == (403, "sealed_for_another")
    assert who.get("/api/phone").json["own"] == []
    _joined(portal, first, second)
    _joined(portal, second, who)
    assert sorted(who.get("/api/phone").json["own"]) == sorted(marks)
    for envelope, mark_ in zip(photos, marks, strict=True):
        assert upload(who, file, envelope, 0, len(envelope)).status_code == 200
        topic = sealing.topic(seal, mark_, **SAID)
        assert send(who, f"/api/applications/{file}/typed?revision=0", topic).status_code == 200
    refused = upload(who, file, strange, 0, len(strange))
    assert (refused.status_code, refused.json["code"]) == (403, "sealed_for_another")
    theirs = foreign.start()
    refused = send(foreign, f"/api/applications/{theirs}/typed?revision=0", kept_by_who)
    assert (refused.status_code, refused.json["code"]) == (403, "sealed_for_another")
    assert foreign.get("/api/phone").json["own"] == []


def _joined(portal, gone: Resident, into: Resident) -> None:
    with portal.database.writing() as session:
        accounts = [sign_in.find_account(session, one.phone) for one in (gone, into)]
        assert accounts[0] is not None
        assert accounts[1] is not None
        joining.join(session, accounts[0], into=accounts[1], now=utc_now())


def test_a_household_and_its_file_are_begun_from_envelopes(app, portal) -> None:
    zhang = neighbour(app, portal)
    seal, own, id_ = key(zhang), mark(zhang), str(uuid4())
    person = {name: PERSON[name] for name in ("kind", "person", "helper")}
    keys = {"Idempotency-Key": id_}
    for envelope in [sealing.topic(seal, own, **person) for _ in range(2)]:
        mandate = send(zhang, "/api/mandates", envelope, "POST", **keys)
        assert mandate.status_code == 201, mandate.json
        assert mandate.json["person"] == PERSON["person"]
    wanted = sealing.topic(seal, own, id=id_, program_id="dibao")
    at = f"/api/applications?mandate_id={mandate.json['id']}"
    made = send(zhang, at, wanted, "POST", **keys)
    assert (made.status_code, made.json["id"]) == (201, id_)
    assert send(zhang, at, wanted, "POST", **keys).json["id"] == id_


def upload(
    who: Resident, file: str, envelope: bytes, start: int, end: int, digest: str = ""
) -> Any:
    headers = {"Upload-Offset": str(start), "Upload-Length": str(len(envelope))}
    path = f"/api/applications/{file}/uploads/{digest or sha256(envelope).hexdigest()}"
    return send(who, path, envelope[start:end], **headers)


def test_a_photo_arrives_in_parts_of_its_envelope_and_the_receipt_names_both(
    who: Resident,
) -> None:
    file = who.start()
    envelope = sealing.photo(key(who), mark(who), "bank_account", PHOTO)
    assert upload(who, file, envelope, 0, 3000).json == {"offset": 3000, "document": None}
    done = upload(who, file, envelope, 3000, len(envelope))
    assert done.json["document"]["item"] == "bank_account"
    assert done.json["document"]["sent_digest"] == sha256(PHOTO).hexdigest()
    assert upload(who, file, envelope, 0, 3000).json["document"] == done.json["document"]
    other = sealing.photo(key(who), mark(who), "bank_account", PHOTO)
    assert upload(who, file, other, 0, len(other)).json["document"] == done.json["document"]
    who.fill_in(file)
    given = who.post(f"/api/applications/{file}/submission").json["receipt"]
    (photo,) = given["photos"]
    assert photo["sha256"] == sha256(PHOTO).hexdigest()
    assert photo["envelope_sha256"] == sha256(envelope).hexdigest()
    with who.portal.database.reading() as session:
        receipts.verified(json.dumps(given), key=receipts.public_key(session, "receipt"))


HOSTILE = {
    "空的": lambda seal, own: b"",
    "太短": lambda seal, own: bytes(96),
    "别的钥匙": lambda seal, own: bytes(4) + sealing.topic(seal, own, **SAID)[4:],
    "改了一位": lambda seal, own: sealing.topic(seal, own, **SAID)[:-1] + b"\0",
    "不在曲线上": lambda seal, own: base64.b64decode(seal)[:4] + b"\4" + bytes(200),
    "很大": lambda seal, own: base64.b64decode(seal)[:4] + bytes(1_000_000),
    "没说是谁": lambda seal, own: sealing.sealed(base64.b64decode(seal), b'{"typed": []}'),
    "不是一组": lambda seal, own: sealing.sealed(base64.b64decode(seal), b"[1]"),
}


@pytest.mark.parametrize("made", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_envelope_is_refused_with_a_sentence(who: Resident, made) -> None:
    file, envelope = who.start(), made(key(who), mark(who))
    typed = send(who, f"/api/applications/{file}/typed?revision=0", envelope)
    photo = upload(who, file, envelope or b"\0", 0, len(envelope) or 1)
    for answer in (typed, photo):
        assert (answer.status_code, answer.json["code"]) == (422, "sealed_unreadable")
        assert answer.json["message"]
    digest = sha256(envelope or b"\0").hexdigest()
    assert who.get(f"/api/applications/{file}/uploads/{digest}").json["offset"] == 0
    assert kept(who, file) == {}


@pytest.mark.parametrize(
    ("inside", "query", "status"),
    [
        (b"{", "revision=0", 400), (b'{"who": "", "who": ""}', "revision=0", 400),
        (b'{"who": ""}', "revision=0", 422), (b'{"who": "", "typed": 1}', "revision=" + "9" * 5000, 422),
        (b'{"who": ""}' + b" " * 1_100_000, "revision=0", 413),
    ],
    ids=["半截", "写了两遍", "缺的", "数太大", "太长"],
)  # fmt: skip
def test_what_is_inside_is_looked_at_as_if_it_were_plain(
    who: Resident, inside: bytes, query: str, status: int
) -> None:
    file = who.start()
    envelope = sealing.sealed(base64.b64decode(key(who)), inside)
    assert send(who, f"/api/applications/{file}/typed?{query}", envelope).status_code == status


def test_only_what_a_phone_keeps_may_come_sealed(who: Resident) -> None:
    file, envelope = who.start(), sealing.topic(key(who), mark(who), answers={}, revision=0)
    assert send(who, f"/api/applications/{file}/answers", envelope).status_code == 415
