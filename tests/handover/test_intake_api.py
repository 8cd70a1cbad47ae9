"""The queue over HTTP: signed, the same dossier until its receipt, taken once."""

import base64
import json
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from portal.assembly import Portal
from portal.casework import envelopes, intake_events
from portal.handover import dossier, embedded, outbox
from portal.people.access import Role
from tests.conftest import NOW, Clock
from tests.handover import files

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NEXT = "/intake/dossiers/next"


def headers(body: bytes, name: str = "county", key: Ed25519PrivateKey = KEY, **more: Any) -> Any:
    nonce = more.get("nonce") or uuid4().hex
    signed = envelopes.sign(key, body, nonce=nonce, now=more.get("now", NOW))
    return signed | {"X-Client": name}


def following(client: FlaskClient, **more: Any) -> Any:
    return client.get(NEXT, headers=headers(b"GET " + NEXT.encode(), **more))


def take(client: FlaskClient, key: str, digest: str, **more: Any) -> Any:
    body = json.dumps({"key": key, "sha256": digest}).encode()
    return client.post(
        "/intake/receipts",
        data=body,
        headers=headers(body, **more),
        content_type="application/json",
    )


@pytest.fixture
def file_id(portal: Portal) -> UUID:
    """A file in the queue, and two enrolled back offices."""
    found = files.draft(portal, files.LEAST)
    files.submit(portal, found)
    outbox.drain(portal, partial(embedded.deliver, portal, now=NOW), now=NOW)
    public = KEY.public_key().public_bytes_raw()
    with portal.database.writing() as session:
        for name, region in (("county", files.COUNTY), ("second", files.COUNTY), ("far", "530000")):
            intake_events.enroll(session, name, public, Role.BACK_OFFICE, region, now=NOW)
    return found


def test_next_then_receipt(client: FlaskClient, clock: Clock, file_id: UUID) -> None:
    first = following(client)
    assert first.status_code == 200, first.json
    assert first.headers["Dossier-Key"] == f"{file_id}/1"
    digest = sha256(first.data).digest()
    assert first.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert first.headers["Cache-Control"] == "no-store"
    assert dossier.contents(first.data)["application_id"] == str(file_id)
    assert following(client).data == first.data
    assert following(client, name="second").status_code == 204
    for _ in range(2):
        said = take(client, f"{file_id}/1", digest.hex())
        assert said.status_code == 200, said.json
        assert said.json["key"] == f"{file_id}/1"
    assert take(client, f"{file_id}/1", digest.hex(), name="second").status_code == 409
    assert following(client).status_code == 204


def test_after_two_minutes_another_office_gets_it(
    client: FlaskClient, clock: Clock, file_id: UUID
) -> None:
    following(client)
    clock.forward(seconds=121)
    assert following(client, name="second", now=clock.now).status_code == 200


def test_another_division_gets_nothing(client: FlaskClient, file_id: UUID) -> None:
    assert following(client, name="far").status_code == 204
    assert take(client, f"{file_id}/1", "0" * 64, name="far").status_code == 404


def test_wrong_digest_and_wrong_shape(client: FlaskClient, file_id: UUID) -> None:
    assert take(client, f"{file_id}/1", "0" * 64).status_code == 409
    assert take(client, f"{file_id}/1", "x").status_code == 422


@pytest.mark.parametrize("spoil", ["key", "name", "nonce", "late", "nothing", "body"])
def test_unsigned_is_refused(client: FlaskClient, clock: Clock, file_id: UUID, spoil: str) -> None:
    good = headers(b"GET " + NEXT.encode(), nonce="n" * 16)
    wrong = {
        "key": headers(b"GET " + NEXT.encode(), key=Ed25519PrivateKey.generate()),
        "name": good | {"X-Client": "nobody"},
        "nonce": good,
        "late": good,
        "nothing": {},
        "body": headers(b""),
    }[spoil]
    if spoil == "nonce":
        assert client.get(NEXT, headers=good).status_code == 200
    if spoil == "late":
        clock.forward(minutes=6)
    answer = client.get(NEXT, headers=wrong)
    assert answer.status_code == 401
    assert answer.json["code"] == "signature_invalid"
