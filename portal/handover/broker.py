"""RabbitMQ: the queues dossiers and receipts travel in. The broker carries; it is never the record.

Quorum queues, persistent messages, every publication confirmed and refused when no queue
would take it, what cannot be read set aside in a queue of its own.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

from portal.foundation.settings import WrongSettings
from portal.handover.outbox import QueueAway

DOSSIERS, RECEIPTS = "portal.dossiers", "portal.receipts"
EVENTS, ANSWERS = "portal.events", "portal.answers"
_EXCHANGE, _SET_ASIDE = "portal", "portal.set-aside"
_MISSING = 404
_PATIENCE = 5
_MOST_ANSWERS = 100_000
_T = TypeVar("_T")
logging.getLogger("pika").setLevel(logging.CRITICAL)


class BrokerAway(QueueAway):
    """The broker cannot be reached, or did not take the message."""


class QueuesMissing(WrongSettings):
    """The broker is there, its queues are not: never made, or lost with the broker before."""


@dataclass(frozen=True)
class Taken:
    """A message given to us until it is done, put back or set aside."""

    tag: int
    key: str
    body: bytes


class Broker:
    """One connection, made when it is needed and made again after a fault. For one thread."""

    def __init__(self, url: str) -> None:
        self._parameters = _parameters(url)
        self._channel: BlockingChannel | None = None

    def publish(self, queue: str, key: str, body: bytes) -> None:
        """Returns when a majority of the broker's nodes has it on disk. Raises BrokerAway."""
        properties = pika.BasicProperties(
            delivery_mode=2, message_id=key, content_type="application/octet-stream"
        )
        self._asked(
            lambda channel: channel.basic_publish(
                _EXCHANGE, queue, body, properties=properties, mandatory=True
            )
        )

    def take(self, queue: str) -> Taken | None:
        """The next message, or None. Raises BrokerAway."""
        method, properties, body = self._asked(lambda channel: channel.basic_get(queue))
        if method is None:
            return None
        return Taken(method.delivery_tag, properties.message_id or "", body)

    def done(self, taken: Taken) -> None:
        self._asked(lambda channel: channel.basic_ack(taken.tag))

    def put_back(self, taken: Taken) -> None:
        """For a fault of our own that will pass."""
        self._asked(lambda channel: channel.basic_nack(taken.tag, requeue=True))

    def set_aside(self, taken: Taken) -> None:
        """For a message that can never be read; somebody looks at it (RUNBOOK.md)."""
        self._asked(lambda channel: channel.basic_nack(taken.tag, requeue=False))

    def waiting(self) -> dict[str, int]:
        """How many messages each queue holds."""
        return self._asked(lambda channel: {name: _length(channel, name) for name in _queues()})

    def close(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None and channel.connection.is_open:
            channel.connection.close()

    def _asked(self, ask: Callable[[BlockingChannel], _T]) -> _T:
        """Raises BrokerAway; the next call then begins with a new connection."""
        try:
            if self._channel is None:
                self._channel = _open(self._parameters)
            return ask(self._channel)
        except (AMQPError, OSError) as fault:
            self._drop()
            raise BrokerAway(type(fault).__name__) from fault

    def _drop(self) -> None:
        channel, self._channel = self._channel, None
        try:
            if channel is not None and channel.connection.is_open:
                channel.connection.close()
        except (AMQPError, OSError):
            return


def provision(url: str) -> None:
    """Make exchanges, queues and bindings; says nothing when they are there already.

    Restart the broker's nodes once afterwards, one by one, before anything is sent: see
    RUNBOOK.md. Raises BrokerAway, or WrongSettings when something else stands there.
    """
    with _talking(url) as channel:
        _declare(channel)


def check(url: str) -> None:
    """Refuse to start on a topology that is missing or weaker. Raises WrongSettings, BrokerAway."""
    with _talking(url) as channel:
        for name in (_EXCHANGE, _SET_ASIDE):
            channel.exchange_declare(name, passive=True)
        for name in _queues():
            channel.queue_declare(name, passive=True)
        _declare(channel)


def _declare(channel: BlockingChannel) -> None:
    for name in (_EXCHANGE, _SET_ASIDE):
        channel.exchange_declare(name, exchange_type="direct", durable=True)
    for name, arguments in _queues().items():
        channel.queue_declare(name, durable=True, arguments=arguments)
    channel.queue_bind(ANSWERS, _EXCHANGE, routing_key=ANSWERS)
    for name in (DOSSIERS, RECEIPTS, EVENTS):
        channel.queue_bind(name, _EXCHANGE, routing_key=name)
        channel.queue_bind(f"{name}.set-aside", _SET_ASIDE, routing_key=name)


def _queues() -> dict[str, dict[str, Any]]:
    """Every queue with what is asked of it. `reject-publish` is what at-least-once needs; answers
    nobody fetches make room for newer ones."""
    plain = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}
    carried = {
        **plain,
        "x-dead-letter-exchange": _SET_ASIDE,
        "x-dead-letter-strategy": "at-least-once",
        "x-delivery-limit": 50,
    }
    passing = {"x-queue-type": "quorum", "x-overflow": "drop-head", "x-max-length": _MOST_ANSWERS}
    both = (DOSSIERS, RECEIPTS, EVENTS)
    return {
        **dict.fromkeys(both, carried),
        **{f"{name}.set-aside": plain for name in both},
        ANSWERS: passing,
    }


def _parameters(url: str) -> pika.URLParameters:
    try:
        found = pika.URLParameters(url)
    except (ValueError, TypeError, KeyError) as fault:
        raise WrongSettings(
            "PORTAL_QUEUE: embedded, or amqps://user:password@host/vhost"
        ) from fault
    found.socket_timeout = found.stack_timeout = _PATIENCE
    found.blocked_connection_timeout = _PATIENCE
    found.connection_attempts, found.heartbeat = 1, 300
    return found


def _open(parameters: pika.URLParameters) -> BlockingChannel:
    channel = pika.BlockingConnection(parameters).channel()
    channel.confirm_delivery()
    return channel


@contextmanager
def _talking(url: str) -> Iterator[BlockingChannel]:
    try:
        connection = pika.BlockingConnection(_parameters(url))
    except (AMQPError, OSError) as fault:
        raise BrokerAway(type(fault).__name__) from fault
    try:
        yield connection.channel()
    except ChannelClosedByBroker as fault:
        if fault.reply_code == _MISSING:
            said = "PORTAL_QUEUE: run `portal provision-queue` first"
            raise QueuesMissing(said) from fault
        raise WrongSettings(f"PORTAL_QUEUE: {fault.reply_text}") from fault
    except (AMQPError, OSError) as fault:
        raise BrokerAway(type(fault).__name__) from fault
    finally:
        if connection.is_open:
            connection.close()


def _length(channel: BlockingChannel, queue: str) -> int:
    return int(channel.queue_declare(queue, passive=True).method.message_count)
