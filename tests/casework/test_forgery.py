"""Ten thousand altered or replayed events: not one is accepted."""

import json
import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.casework import envelopes, intake_events, standin_office
from portal.casework.tables import CaseEvent, OfficeEvent
from portal.foundation.errors import Refusal, SignInNeeded
from tests.casework import cases
from tests.casework.test_intake_events import KEY, enroll
from tests.conftest import NOW

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PUBLIC = KEY.public_key().public_bytes_raw()
MANY = 10_000
FILE = UUID("11111111-2222-4333-8444-555555555555")


def genuine(file_id=FILE, *, key=KEY, at=NOW, **more):
    """The five parts of one honest request."""
    event = {**standin_office.event(file_id, 1, "surveying", at=NOW), **more}
    body = json.dumps(event).encode()
    headers = envelopes.sign(key, body, nonce=uuid4().hex, now=at)
    return {
        "body": body, "signature": headers["X-Signature"],
        "timestamp": headers["X-Timestamp"], "nonce": headers["X-Nonce"],
    }  # fmt: skip


def flipped(value, chance):
    """One bit of it turned."""
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(7)
    return bytes(raw) if isinstance(value, bytes) else raw.decode("latin-1")


def _bit(good, chance):
    part = chance.choice(list(good))
    return {**good, part: flipped(good[part], chance)}


def _other_word(good, chance):
    kind = chance.choice([b"approved", b"denied", b"paying", b"stopped"])
    return {**good, "body": good["body"].replace(b"surveying", kind)}


def _other_file(good, chance):
    event = {**json.loads(good["body"]), "application_id": str(UUID(int=chance.getrandbits(128)))}
    return {**good, "body": json.dumps(event).encode()}


def _longer(good, chance):
    spare = b" " * chance.randrange(1, 9)
    return {**good, "body": spare + good["body"] if chance.random() < 0.5 else good["body"] + spare}


def _shorter(good, chance):
    part = chance.choice(["body", "signature", "timestamp", "nonce"])
    return {**good, part: good[part][: chance.randrange(len(good[part]))]}


def _of_another(good, _chance):
    return {**good, "signature": genuine()["signature"]}


def _by_another(_good, _chance):
    return genuine(key=OTHER)


def _stretched(good, chance):
    """The boundary between nonce and body moved."""
    cut = chance.randrange(1, 8)
    return {
        **good,
        "nonce": good["nonce"][:-cut],
        "body": good["nonce"][-cut:].encode() + good["body"],
    }


def _later(good, chance):
    """A replay with a fresh time under the old signature."""
    return {**good, "timestamp": str(int(good["timestamp"]) + chance.randrange(1, 10**6))}


def _old(_good, chance):
    """Honest, but kept back for more than five minutes."""
    return genuine(at=NOW - timedelta(seconds=chance.randrange(301, 10**6)))


WAYS = (
    _bit, _bit, _bit, _other_word, _other_file, _longer, _shorter, _of_another, _by_another,
    _stretched, _later, _old,
)  # fmt: skip


def spoilt(good, number):
    chance = random.Random(number)
    return WAYS[number % len(WAYS)](good, chance)


def test_ten_thousand_altered_signatures_none_holds():
    good, held = genuine(), 0
    envelopes.check_signature(PUBLIC, **good, now=NOW)
    for number in range(MANY):
        try:
            envelopes.check_signature(PUBLIC, **spoilt(good, number), now=NOW)
        except (SignInNeeded, ValueError):
            continue
        held += 1
    assert held == 0


@pytest.fixture
def accepted(portal):
    enroll(portal)
    return cases.accepted(portal)


def attack(portal, file_id, number: int) -> None:
    """`number` requests, every fourth an exact replay; afterwards nothing is different."""
    good = genuine(file_id)
    with portal.database.writing() as session:
        assert _receive(session, good).state == "applied"
        before = _state(session, file_id)
        for one in range(number):
            if one % 4 == 3:
                assert _receive(session, good).again
                continue
            with pytest.raises(Refusal):
                _receive(session, spoilt(good, one))
        assert _state(session, file_id) == before


def _receive(session, parts):
    return intake_events.receive(
        session, "county", parts["body"], parts["signature"], parts["timestamp"], parts["nonce"],
        now=NOW,
    )  # fmt: skip


def _state(session, file_id):
    application = cases.file_of(session, file_id)
    counted = (session.query(CaseEvent).count(), session.query(OfficeEvent).count())
    return application.status, application.event_seq, *counted


def test_some_hundred_through_the_whole_door(portal, accepted):
    attack(portal, accepted, 240)


@pytest.mark.full
def test_ten_thousand_through_the_whole_door(portal, accepted):
    attack(portal, accepted, MANY if portal.database.embedded else 2_000)


def test_some_hundred_over_http(portal, client, accepted):
    good = genuine(accepted)

    def post(parts):
        headers = {
            "X-Client": "county", "X-Signature": parts["signature"],
            "X-Timestamp": parts["timestamp"], "X-Nonce": parts["nonce"],
        }  # fmt: skip
        return client.post(
            "/intake/events", data=parts["body"], content_type="application/json",
            headers={k: v for k, v in headers.items() if v.isprintable()},
        )  # fmt: skip

    assert post(good).status_code == 200
    codes = [post(spoilt(good, number)).status_code for number in range(200)]
    assert set(codes) <= {400, 401, 422}
    assert post(good).get_json()["again"] is True
    with portal.database.reading() as session:
        assert session.query(CaseEvent).count() == 2
