"""One set of promises for both ways: into our own queue directly, and through a real RabbitMQ."""

import json
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pika
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.assembly import Portal
from portal.foundation import audit
from portal.foundation.settings import WrongSettings
from portal.handover import bag, brokered, embedded, envelope, outbox, receipts
from portal.handover.broker import DOSSIERS, RECEIPTS, Broker, BrokerAway, check, provision
from portal.handover.tables import IntakeDossier, OutboxRow
from portal.serving import free_port
from tests.conftest import NOW
from tests.handover import files
from tests.journeys.site import soon

Deliver = Callable[[str, bytes], str]


@dataclass
class Queue:
    """A queue with its receiving side."""

    portal: Portal
    url: str = ""

    def work(self, *, now: datetime = NOW) -> None:
        """What a worker does in one round."""
        portal = self.portal
        if not self.url:
            outbox.drain(portal, partial(embedded.deliver, portal, now=now), now=now)
            return
        way = open_way(self)
        with closing(way.broker):
            for step in (brokered.hand_over, brokered.take_in, brokered.take_receipts):
                step(portal, way, now=now)


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def queue(request: pytest.FixtureRequest, portal: Portal) -> Queue:
    through = request.param == "rabbitmq"
    return Queue(portal, request.getfixturevalue("broker_url") if through else "")


@pytest.fixture
def through(portal: Portal, broker_url: str) -> Queue:
    return Queue(portal, broker_url)


def open_way(queue: Queue) -> brokered.Way:
    return brokered.open_way(queue.portal, replace(queue.portal.settings, queue=queue.url))


def hand_in(portal: Portal, number: int = 0) -> str:
    file_id = files.draft(portal, files.LEAST, phone=f"1390000000{number}")
    files.submit(portal, file_id)
    return f"{file_id}/1"


def row(portal: Portal) -> OutboxRow:
    with portal.database.reading() as session:
        found = session.scalars(select(OutboxRow)).one()
        session.expunge(found)
        return found


def arrived(portal: Portal) -> list[str]:
    """The keys of what lies in the township's queue."""
    with portal.database.reading() as session:
        return list(session.scalars(select(IntakeDossier.key)))


def all_closed(portal: Portal) -> bool:
    with portal.database.reading() as session:
        assert audit.verify(session) == []
        return outbox.undelivered(session) == 0


def test_a_receipt_closes_the_row(queue: Queue) -> None:
    key = hand_in(queue.portal)
    queue.work()
    closed = row(queue.portal)
    assert closed.delivered_at == NOW
    assert json.loads(closed.receipt or "")["key"] == closed.key == key
    assert arrived(queue.portal) == [key]
    assert all_closed(queue.portal)


def test_it_is_not_sent_again(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(queue.portal)
    queue.work()
    monkeypatch.setattr(outbox, "_hand_over", None)
    queue.work(now=NOW + timedelta(days=2))
    assert all_closed(queue.portal)


def test_a_file_rebuilt_differently_is_still_one_file(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = hand_in(queue.portal)
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "_close", lost)
        with pytest.raises(ConnectionError):
            queue.work()
    first = kept_receipt(queue.portal)
    monkeypatch.setattr(bag, "_EPOCH", (1981, 1, 1, 0, 0, 0))
    queue.work(now=NOW + timedelta(minutes=5))
    assert row(queue.portal).receipt == first
    assert arrived(queue.portal) == [key]


def lost(*_given: Any, **_named: Any) -> None:
    raise ConnectionError


def kept_receipt(portal: Portal) -> str:
    with portal.database.reading() as session:
        return session.scalars(select(IntakeDossier.receipt)).one()


def test_three_workers_at_once_deliver_each_file_once(queue: Queue) -> None:
    keys = {hand_in(queue.portal, number) for number in range(6)}
    threads = [threading.Thread(target=queue.work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.work(now=NOW + timedelta(minutes=5))
    assert sorted(arrived(queue.portal)) == sorted(keys)
    assert all_closed(queue.portal)


@pytest.mark.sqlite_first
def test_one_bad_file_holds_up_no_other(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = hand_in(queue.portal, 1), hand_in(queue.portal, 2)
    deliver = embedded.deliver

    def picky(portal: Portal, key: str, data: bytes, *, now: datetime) -> str:
        if key == bad:
            raise bag.WrongBag("torn")
        return deliver(portal, key, data, now=now)

    monkeypatch.setattr(embedded, "deliver", picky)
    queue.work()
    assert arrived(queue.portal) == [good]
    monkeypatch.undo()
    queue.work(now=NOW + timedelta(minutes=5))
    assert all_closed(queue.portal)


FORGED = ["signer", "key", "sha256", "altered", "", "null", "[]"]


@pytest.mark.sqlite_first
@pytest.mark.parametrize("what", FORGED)
def test_a_wrong_receipt_closes_nothing(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    key, deliver = hand_in(queue.portal), embedded.deliver

    def forged(portal: Portal, key: str, data: bytes, *, now: datetime) -> str:
        return spoilt(portal, json.loads(deliver(portal, key, data, now=now)), what)

    with monkeypatch.context() as patched:
        patched.setattr(embedded, "deliver", forged)
        queue.work()
    assert row(queue.portal).delivered_at is None
    queue.work(now=NOW + timedelta(minutes=5))
    assert all_closed(queue.portal)
    assert arrived(queue.portal) == [key]


def spoilt(portal: Portal, right: dict[str, Any], what: str) -> str:
    body = {k: v for k, v in right.items() if k not in ("signature", "public_key")}
    with portal.database.reading() as session:
        if what == "signer":
            return json.dumps(receipts.signed(session, "receipt", body))
        if what in body:
            return json.dumps(receipts.signed(session, "intake", body | {what: "0" * 64}))
    return json.dumps(right | {"size": 1}) if what == "altered" else what


FAULTS = st.lists(st.sampled_from(["before", "after", "forged"]), max_size=4)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(faults=FAULTS)
def test_whatever_fails_each_file_arrives_once(queue: Queue, faults: list[str]) -> None:
    portal = queue.portal
    file_id = files.draft(portal, files.LEAST, phone=f"137{abs(hash(tuple(faults))) % 10**8:08d}")
    files.submit(portal, file_id)
    left, deliver, now = list(faults), embedded.deliver, NOW

    def unlucky(portal: Portal, key: str, data: bytes, *, now: datetime) -> str:
        fault = left.pop() if left else ""
        if fault == "before":
            raise ConnectionError
        receipt = deliver(portal, key, data, now=now)
        if fault == "after":
            raise TimeoutError
        return receipt.replace("a", "b") if fault == "forged" else receipt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(embedded, "deliver", unlucky)
        for _ in range(len(faults) + 2):
            with suppress(ConnectionError, TimeoutError):  # a worker survives a failed step
                queue.work(now=now)
            now += timedelta(hours=2)
    assert arrived(portal).count(f"{file_id}/1") == 1
    assert all_closed(portal)


@pytest.mark.sqlite_first
@pytest.mark.rabbitmq
def test_a_broker_that_forgot_everything_gets_it_again(through: Queue) -> None:
    """A newly declared quorum queue may lose what it confirmed when its node is killed."""
    key = hand_in(through.portal)
    way = open_way(through)
    brokered.hand_over(through.portal, way, now=NOW)
    assert way.broker.take(DOSSIERS) is not None
    way.broker.close()
    provision(through.url)
    purge(through.url)
    through.work(now=NOW + timedelta(seconds=60))
    assert arrived(through.portal) == [], "it waits for a receipt first"
    through.work(now=NOW + timedelta(minutes=2))
    assert arrived(through.portal) == [key]
    assert all_closed(through.portal)


def purge(url: str) -> None:
    asked = Broker(url)
    while (taken := asked.take(DOSSIERS)) is not None:
        asked.done(taken)
    asked.close()


@pytest.mark.sqlite_first
@pytest.mark.rabbitmq
def test_nobody_reads_for_two_days_and_nothing_is_doubled(through: Queue) -> None:
    keys = {hand_in(through.portal, number) for number in range(3)}
    way = open_way(through)
    for hours in range(0, 48, 16):
        brokered.hand_over(through.portal, way, now=NOW + timedelta(hours=hours))
    way.broker.close()
    back = NOW + timedelta(hours=49)
    through.work(now=back)
    assert sorted(arrived(through.portal)) == sorted(keys)
    assert all_closed(through.portal)


@pytest.mark.sqlite_first
@pytest.mark.rabbitmq
def test_the_broker_reads_no_word(through: Queue) -> None:
    """What lies in its queues is sealed for one reader; the bag inside is not even compressed."""
    key = hand_in(through.portal)
    way = open_way(through)
    brokered.hand_over(through.portal, way, now=NOW)
    taken = way.broker.take(DOSSIERS)
    assert taken is not None
    with through.portal.database.reading() as session:
        opened = envelope.open_with(envelope.own_reader(session), taken.body, key=key)
        with pytest.raises(envelope.WrongEnvelope):
            envelope.open_with(envelope.own_reader(session), taken.body, key=key + "1")
    for word in (b"bagit.txt", b"application.json", b"PK"[:2] + b"\x03\x04"):
        assert word in opened
        assert word not in taken.body
    way.broker.close()


@pytest.mark.sqlite_first
@pytest.mark.rabbitmq
@pytest.mark.parametrize("change", ["body", "key", "empty", "text"])
def test_what_cannot_be_read_is_set_aside_and_sent_again(through: Queue, change: str) -> None:
    key = hand_in(through.portal)
    way = open_way(through)
    brokered.hand_over(through.portal, way, now=NOW)
    taken = way.broker.take(DOSSIERS)
    assert taken is not None
    bodies = {"body": taken.body[:-1] + b"x", "empty": b"", "text": b"{}"}
    other = key.replace("/1", "/2") if change == "key" else key
    way.broker.done(taken)
    way.broker.publish(DOSSIERS, other, bodies.get(change, taken.body))
    assert brokered.take_in(through.portal, way, now=NOW) == 1
    assert soon(lambda: way.broker.waiting()[f"{DOSSIERS}.set-aside"] == 1)
    way.broker.close()
    through.work(now=NOW + timedelta(minutes=3))
    assert arrived(through.portal) == [key]
    assert all_closed(through.portal)


@pytest.mark.rabbitmq
def test_a_receipt_that_came_twice_changes_nothing(through: Queue) -> None:
    hand_in(through.portal)
    through.work()
    before = row(through.portal)
    asked = Broker(through.url)
    asked.publish(RECEIPTS, before.key, (before.receipt or "").encode())
    asked.close()
    through.work(now=NOW + timedelta(hours=1))
    assert row(through.portal).delivered_at == before.delivered_at


@pytest.mark.rabbitmq
def test_a_message_no_queue_takes_is_no_success(broker_url: str) -> None:
    asked = Broker(broker_url)
    with pytest.raises(BrokerAway, match="Unroutable"):
        asked.publish("nowhere", "k", b"")
    asked.publish(DOSSIERS, "k", b"")
    asked.close()


@pytest.mark.rabbitmq
def test_a_weaker_topology_stops_the_start(broker_url: str) -> None:
    check(broker_url)
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        channel = connection.channel()
        channel.queue_delete(DOSSIERS)
        with pytest.raises(WrongSettings, match="provision-queue"):
            check(broker_url)
        channel.queue_declare(DOSSIERS, durable=True)
    for verb in (check, provision):
        with pytest.raises(WrongSettings, match="inequivalent"):
            verb(broker_url)


def test_nobody_there_is_a_fault_that_passes(portal: Portal) -> None:
    hand_in(portal)
    url = f"amqp://test:test@127.0.0.1:{free_port()}/"
    way = brokered.open_way(portal, replace(portal.settings, queue=url))
    assert outbox.drain(portal, partial(brokered._send, way, now=NOW), now=NOW) == 0
    assert (row(portal).tries, row(portal).last_fault) == (1, "BrokerAway")
    with pytest.raises(BrokerAway):
        check(url)
