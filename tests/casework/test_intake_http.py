"""POST /intake/events as an outside office meets it."""

import json
from uuid import uuid4

import pytest

from portal.casework import envelopes, standin_office
from portal.people.access import Role
from tests.casework import cases
from tests.casework.test_intake_events import KEY, enroll, story
from tests.conftest import NOW
from tests.handover import files


@pytest.fixture
def post(portal, client):
    enroll(portal)
    enroll(portal, "town", Role.TOWNSHIP_CLERK, files.TOWNSHIP)

    def send(event, *, name="county", spoil=False):
        body = json.dumps(event).encode()
        headers = envelopes.sign(KEY, body, nonce=uuid4().hex, now=NOW)
        if spoil:
            body = body.replace(b"surveying", b"approving")
        return client.post(
            "/intake/events", data=body, content_type="application/json",
            headers={"X-Client": name, **headers},
        )  # fmt: skip

    return send


def test_each_answer_has_its_status(portal, post):
    file_id = cases.accepted(portal)
    told = story(file_id)
    assert post(told[1]).status_code == 202
    assert post(told[0], spoil=True).status_code == 401
    first = post(told[0])
    assert (first.status_code, first.json["state"], first.json["again"]) == (200, "applied", False)
    assert post(told[1]).json == {"id": told[1]["id"], "state": "applied", "again": True}
    forbidden = standin_office.event(file_id, 1, "approved", at=NOW)
    assert post(forbidden, name="town").status_code == 403
    late = standin_office.event(file_id, 3, "paying", at=NOW)
    assert [post(late).status_code for _ in range(2)] == [409, 409]
    wrong = post({**told[2], "seq": 0})
    assert wrong.status_code == 422
    assert set(wrong.json) == {"code", "message", "request_id", "fields"}


def test_nobody_without_a_key_learns_anything(client):
    for body in (b"", b"{}", b"x" * 70_000):
        answer = client.post("/intake/events", data=body)
        assert answer.status_code in (401, 413)


def test_the_manual_names_the_headers(app):
    made = app.extensions["openapi"].spec.to_dict()["paths"]["/intake/events"]["post"]
    named = {p["name"] for p in made["parameters"] if isinstance(p, dict) and "name" in p}
    assert {"X-Client", "X-Timestamp", "X-Nonce", "X-Signature"} <= named
    assert {"200", "202", "401", "403", "409", "422"} <= set(made["responses"])
