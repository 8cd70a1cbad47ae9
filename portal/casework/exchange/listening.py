"""What an office behind the broker did: its signed events come in one queue, each answered in another.

An event is a letter (letters.py), the same bytes as a file of the boxes; its answer, signed by the
portal, carries the message's id. The broker forgets an event only after what it did is in the
database and its answer is with the broker.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import intake_events
from portal.casework.exchange import letters
from portal.casework.exchange.dropping import PORTAL, apply, check_age, no
from portal.casework.exchange.letters import Cut, Damaged, Letter
from portal.casework.tables import OfficeClient
from portal.filing.preparing import Stores
from portal.foundation import vault
from portal.foundation.errors import BadRequest, Refusal, TooOften
from portal.handover.broker import ANSWERS, EVENTS, Broker, BrokerAway, Taken
from portal.handover.brokered import REST, Way

AT_ONCE = 50


def take_in(portal: Stores, way: Way, *, now: datetime) -> int:
    """Every event that waits; how many were answered. Raises BrokerAway, and then leaves the
    broker alone for as long as handing over does."""
    if way.rests(now):
        return 0
    try:
        return _take_in(portal, way.broker, now)
    except BrokerAway:
        way.away_until = now + REST
        raise


def _take_in(portal: Stores, broker: Broker, now: datetime) -> int:
    done = 0
    while done < AT_ONCE and (taken := broker.take(EVENTS)) is not None:
        try:
            said = _heard(portal, taken, now)
        except Exception as fault:
            broker.put_back(taken)
            if isinstance(fault, TooOften):
                break
            raise
        broker.publish(ANSWERS, taken.key, _answer(portal, taken, said, now))
        broker.done(taken)
        done += 1
    return done


def _heard(portal: Stores, taken: Taken, now: datetime) -> dict[str, Any]:
    """What came of it; what a refusal keeps is kept. Raises TooOften."""
    with portal.database.writing() as session:
        try:
            client = session.get(OfficeClient, letters.sender(taken.body), with_for_update=True)
            if client is None or client.revoked_at is not None:
                raise Damaged("nobody we listen to")
            letter = _opened(session, client, taken.body, now)
            return apply(session, client, letter.body, now=now)
        except (Cut, Damaged):
            return no("signature_invalid", "签名不对，没有接收。")
        except TooOften:
            raise
        except Refusal as refusal:
            if not refusal.keeps:
                session.rollback()
            return no(refusal.code, refusal.message)


def _opened(session: Session, client: OfficeClient, data: bytes, now: datetime) -> Letter:
    """Raises Cut, Damaged, BadRequest for another kind or a letter signed too long ago."""
    try:
        letter = letters.opened(data, client.public_key)
    except Damaged:
        intake_events.note_forgery(session, client.name, now=now)
        raise
    if letter.kind != "event":
        raise BadRequest("这里只收事件。", code="wrong_box")
    check_age(letter, now)
    return letter


def _answer(portal: Stores, taken: Taken, said: dict[str, Any], now: datetime) -> bytes:
    body = json.dumps({"message": taken.key, **said}, ensure_ascii=False, sort_keys=True).encode()
    with portal.database.reading() as session:
        key = vault.signing_key(session, "intake")
    return letters.written(Letter("answer", PORTAL, int(now.timestamp()), body), key)
