"""The way through a broker: dossiers there, signed receipts back; an outbox row closes on those only.

The receiving side is the embedded queue, unless the settings name an outside office's keys.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from portal.filing.preparing import Stores
from portal.foundation.crash import crash_point
from portal.foundation.settings import Settings, WrongSettings
from portal.foundation.settings_check import key32
from portal.handover import bag, embedded, envelope, outbox, receipts
from portal.handover.broker import (
    DOSSIERS,
    RECEIPTS,
    Broker,
    BrokerAway,
    QueuesMissing,
    Taken,
    check,
)
from portal.handover.receipts import WrongReceipt

AT_ONCE = 50
REST = timedelta(seconds=30)
_log = logging.getLogger(__name__)


@dataclass
class Way:
    """The broker, whose receipts count, who reads the dossiers, and when we take in again."""

    broker: Broker
    trusted: Sequence[bytes]
    reader: bytes
    outside: bool
    resting_until: datetime | None = None
    away_until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """A broker that was away is left alone for half a minute."""
        return self.away_until is not None and now < self.away_until <= now + REST


def open_way(portal: Stores, settings: Settings) -> Way:
    """Connects only when used. Raises WrongSettings."""
    broker = Broker(settings.queue)
    if settings.queue_signer or settings.queue_reader:
        signer, reader = _key(settings.queue_signer), _key(settings.queue_reader)
        return Way(broker, [signer], reader, outside=True)
    way = Way(broker, (), b"", outside=False)
    _look_at_keys(portal, way)
    return way


def hand_over(portal: Stores, way: Way, *, now: datetime) -> int:
    """Send what is due and read the receipts that came; how much was done. A broker that is away
    is left alone for half a minute."""
    if way.rests(now):
        return 0
    _look_at_keys(portal, way)
    send = partial(_send, way, now=now)
    sent = outbox.drain(portal, send, now=now, trusted=way.trusted, limit=AT_ONCE)
    return sent + take_receipts(portal, way, now=now)


def take_in(portal: Stores, way: Way, *, now: datetime) -> int:
    """The receiving side: file each dossier, send its signed receipt, and only then let the
    broker forget it. Killed anywhere, it comes again and gets the same receipt."""
    resting = way.resting_until is not None and now < way.resting_until <= now + REST
    if way.outside or resting:
        return 0
    way.resting_until = None
    done = 0
    while done < AT_ONCE and (taken := way.broker.take(DOSSIERS)) is not None:
        done += _take_in_one(portal, way, taken, now=now)
    return done


def take_receipts(portal: Stores, way: Way, *, now: datetime) -> int:
    """Close the rows whose receipts came; how many receipts were read."""
    done = 0
    while done < AT_ONCE and (taken := way.broker.take(RECEIPTS)) is not None:
        try:
            outbox.accept(portal, taken.body.decode(), trusted=way.trusted, now=now)
        except (WrongReceipt, UnicodeDecodeError):
            _log.error("a receipt that does not fit was set aside")
            way.broker.set_aside(taken)
        else:
            crash_point("Q2")
            way.broker.done(taken)
        done += 1
    return done


def check_start(settings: Settings) -> None:
    """Before a worker's first round: a broker that is away may come back, and a new one is given its
    queues; everything else is done meanwhile. Raises WrongSettings for queues that may forget."""
    try:
        check(settings.queue)
    except BrokerAway:
        _log.warning("the broker does not answer; files wait in the outbox")
    except QueuesMissing:
        _log.error("the broker has no queues: portal provision-queue; files wait in the outbox")


def _look_at_keys(portal: Stores, way: Way) -> None:
    """Our own queue's may have been renewed since the last round."""
    if not way.outside:
        with portal.database.reading() as session:
            way.reader = envelope.own_reader(session).public_key().public_bytes_raw()
            way.trusted = receipts.public_keys(session, "intake")


def _send(way: Way, key: str, data: bytes, *, now: datetime) -> None:
    """Nothing comes back now: the receipt is a message of its own."""
    try:
        way.broker.publish(DOSSIERS, key, envelope.seal_for(way.reader, data, key=key))
    except BrokerAway:
        way.away_until = now + REST
        raise


def _take_in_one(portal: Stores, way: Way, taken: Taken, *, now: datetime) -> int:
    try:
        with portal.database.reading() as session:
            data = envelope.open_own(session, taken.body, key=taken.key)
        receipt = embedded.deliver(portal, taken.key, data, now=now)
    except (bag.WrongBag, envelope.WrongEnvelope) as fault:
        _log.error("a dossier was set aside: %s", type(fault).__name__)
        way.broker.set_aside(taken)
        return 1
    except Exception:
        way.resting_until = now + REST
        way.broker.put_back(taken)
        raise
    way.broker.publish(RECEIPTS, taken.key, receipt.encode())
    crash_point("Q1")
    way.broker.done(taken)
    return 1


def _key(text: str) -> bytes:
    found = key32(text)
    if found is None:
        raise WrongSettings("PORTAL_QUEUE_SIGNER and PORTAL_QUEUE_READER: 32 bytes each, base64")
    return found
