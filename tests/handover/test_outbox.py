"""The outbox: nothing given up, closed only by a receipt that fits."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.assembly import Portal
from portal.filing.tables import Application
from portal.foundation import audit
from portal.handover import bag, dossier, embedded, outbox, receipts
from portal.handover.tables import IntakeDossier, OutboxRow
from portal.people import consents
from portal.people.tables import Account
from tests.conftest import NOW
from tests.handover import files


def row(portal: Portal) -> OutboxRow:
    with portal.database.reading() as session:
        found = session.scalars(select(OutboxRow)).one()
        session.expunge(found)
        return found


def queue(portal: Portal, now: datetime = NOW) -> Callable[[str, bytes], str]:
    return partial(embedded.deliver, portal, now=now)


@pytest.fixture
def file_id(portal: Portal) -> object:
    found = files.draft(portal, files.LEAST)
    files.submit(portal, found)
    return found


def test_a_receipt_closes_the_row(portal: Portal, file_id: object) -> None:
    assert outbox.drain(portal, queue(portal), now=NOW) == 1
    closed = row(portal)
    assert closed.delivered_at == NOW
    assert json.loads(closed.receipt or "")["key"] == closed.key
    assert outbox.drain(portal, queue(portal), now=NOW) == 0
    with portal.database.reading() as session:
        assert outbox.oldest_undelivered(session) is None
        assert outbox.undelivered(session) == 0
        assert outbox.delivered_at(session, closed.application_id, 1) == NOW
        assert audit.verify(session) == []


def test_a_withdrawn_consent_holds_the_file_back(portal: Portal, file_id: object) -> None:
    def change(do: Callable[..., None], *, now: datetime) -> None:
        with portal.database.writing() as session:
            do(session, session.scalars(select(Account)).one(), ["handover"], now=now)

    change(consents.give, now=NOW)
    change(consents.withdraw, now=NOW)
    assert outbox.drain(portal, queue(portal), now=NOW) == 0
    assert row(portal).tries == 0
    change(consents.give, now=NOW)
    later = NOW + outbox.LONGEST_PAUSE
    assert outbox.drain(portal, queue(portal, later), now=later) == 1


def test_the_oldest_undelivered_is_known_by_township(portal: Portal, file_id: object) -> None:
    with portal.database.reading() as session:
        assert outbox.oldest_undelivered(session) == NOW
        assert outbox.oldest_undelivered(session, region_code=files.TOWNSHIP) == NOW
        assert outbox.oldest_undelivered(session, region_code=files.NEIGHBOUR) is None
        assert outbox.undelivered(session) == 1


def broken(_key: str, _data: bytes) -> str:
    raise ConnectionError("刘桂香 must not be kept")


def test_pauses_grow_to_five_minutes_and_nothing_is_given_up(
    portal: Portal, file_id: object
) -> None:
    now, pauses = NOW, []
    for _ in range(14):
        assert outbox.drain(portal, broken, now=now) == 0
        pauses.append((row(portal).next_try_at - now).total_seconds())
        assert outbox.drain(portal, queue(portal), now=now) == 0, "it pauses"
        now = row(portal).next_try_at
    assert pauses[:8] == [2, 4, 8, 16, 32, 64, 128, 256]
    assert set(pauses[8:]) == {300}
    assert row(portal).last_fault == "ConnectionError"
    assert outbox.drain(portal, queue(portal), now=now + timedelta(days=7)) == 1


def forged(portal: Portal, name: str) -> Callable[[str, bytes], str]:
    """A queue that takes the file and answers with a receipt that is wrong in one way."""

    def deliver(key: str, data: bytes) -> str:
        right = json.loads(embedded.deliver(portal, key, data, now=NOW))
        body = {k: v for k, v in right.items() if k not in ("signature", "public_key")}
        with portal.database.reading() as session:
            if name == "signer":
                return json.dumps(receipts.signed(session, "receipt", body))
            if name in body:
                return json.dumps(receipts.signed(session, "intake", body | {name: "0" * 64}))
        return json.dumps(right | {"size": 1}) if name == "altered" else name

    return deliver


@pytest.mark.parametrize("name", ["signer", "key", "sha256", "altered", "", "null", "[]"])
def test_a_wrong_receipt_leaves_it_open(portal: Portal, file_id: object, name: str) -> None:
    assert outbox.drain(portal, forged(portal, name), now=NOW) == 0
    assert row(portal).delivered_at is None
    assert row(portal).last_fault == "WrongReceipt"
    assert outbox.drain(portal, queue(portal), now=NOW + timedelta(seconds=2)) == 1


def test_a_lost_answer_is_asked_again_and_gives_the_same_receipt(
    portal: Portal, file_id: object
) -> None:
    said: list[str] = []

    def deaf(key: str, data: bytes) -> str:
        said.append(embedded.deliver(portal, key, data, now=NOW))
        raise TimeoutError

    outbox.drain(portal, deaf, now=NOW)
    outbox.drain(portal, queue(portal), now=NOW + timedelta(seconds=2))
    assert row(portal).receipt == said[0]


def test_a_file_rebuilt_differently_is_still_closed_by_the_first_receipt(
    portal: Portal, file_id: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(key: str, data: bytes) -> str:
        embedded.deliver(portal, key, data, now=NOW)
        raise TimeoutError

    outbox.drain(portal, deaf, now=NOW)
    monkeypatch.setattr(bag, "_EPOCH", (1981, 1, 1, 0, 0, 0))
    assert outbox.drain(portal, queue(portal), now=NOW + timedelta(minutes=1)) == 1
    assert len(row(portal).sent) == 2


def test_a_leased_row_is_left_alone_until_the_lease_ends(portal: Portal, file_id: object) -> None:
    inner: list[int] = []

    def slow(key: str, data: bytes) -> str:
        inner.append(outbox.drain(portal, queue(portal), now=NOW + outbox.LEASE / 2))
        return embedded.deliver(portal, key, data, now=NOW)

    assert outbox.drain(portal, slow, now=NOW) == 1
    assert inner == [0]


def test_waits_for_photos_but_not_for_ever(portal: Portal) -> None:
    file_id = files.draft(portal, files.LEAST)
    files.add_photo(portal, file_id, files.jpeg())
    files.submit(portal, file_id)
    assert outbox.drain(portal, queue(portal), now=NOW) == 0
    assert (row(portal).tries, row(portal).last_fault) == (0, None)
    late = NOW + outbox.PHOTOS_WAIT
    assert outbox.drain(portal, queue(portal), now=late) == 1
    with portal.database.reading() as session:
        found = session.scalars(select(IntakeDossier)).one()
        data = embedded.open_dossier(session, portal.blobs, found)
    assert dossier.contents(data)["documents"][0]["note"] == dossier.PENDING_NOTE


def test_one_bad_file_holds_up_no_other(portal: Portal, file_id: object) -> None:
    other = files.draft(portal, files.LEAST, phone="13900000001")
    files.submit(portal, other)
    with portal.database.reading() as session:
        bad = session.get_one(Application, other).id

    def picky(key: str, data: bytes) -> str:
        if key.startswith(str(bad)):
            raise ValueError
        return embedded.deliver(portal, key, data, now=NOW)

    assert outbox.drain(portal, picky, now=NOW) == 1


def test_many_at_once_deliver_each_file_once(portal: Portal) -> None:
    for number in range(6):
        files.submit(portal, files.draft(portal, files.LEAST, phone=f"1390000000{number}"))
    closed: list[int] = []

    def work() -> None:
        closed.append(outbox.drain(portal, queue(portal), now=NOW))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(closed) == 6
    with portal.database.reading() as session:
        keys = list(session.scalars(select(IntakeDossier.key)))
        assert len(keys) == len(set(keys)) == 6
        assert audit.verify(session) == []


FAULTS = st.lists(st.sampled_from(["lost before", "lost after", "forged"]), max_size=5)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(faults=FAULTS)
def test_whatever_fails_each_file_arrives_once(portal: Portal, faults: list[str]) -> None:
    with portal.database.writing() as session:
        for old in session.scalars(select(OutboxRow).where(OutboxRow.delivered_at.is_(None))):
            old.delivered_at = NOW
    phone = f"137{abs(hash(tuple(faults))) % 10**8:08d}"
    file_id = files.draft(portal, files.LEAST, phone=phone)
    files.submit(portal, file_id)
    left = list(faults)

    def unlucky(key: str, data: bytes) -> str:
        fault = left.pop() if left else ""
        if fault == "lost before":
            raise ConnectionError
        receipt = embedded.deliver(portal, key, data, now=NOW)
        if fault == "lost after":
            raise TimeoutError
        return receipt.replace("a", "b") if fault == "forged" else receipt

    now = NOW
    for _ in range(len(faults) + 1):
        outbox.drain(portal, unlucky, now=now)
        now += outbox.LONGEST_PAUSE
    with portal.database.reading() as session:
        key = f"{file_id}/1"
        assert (
            len(session.scalars(select(IntakeDossier).where(IntakeDossier.key == key)).all()) == 1
        )
        assert outbox.undelivered(session) == 0
