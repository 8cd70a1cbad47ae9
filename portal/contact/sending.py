"""Sending what waits: claim in one short transaction, send outside, close in another.

A crash between sending and closing sends a text again after the lease: at least once,
and the gateway can tell by the message's id.
"""

import hmac
import json
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.contact.messages import MESSAGE_KEY, Message, try_open
from portal.contact.tables import TextMessage
from portal.foundation.clock import utc_now
from portal.foundation.database import Database
from portal.foundation.settings import Settings, WrongSettings
from portal.foundation.vault import DataKey

_LEASE = timedelta(minutes=2)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
_GIVEN_UP_AFTER = timedelta(hours=48)
_KEPT = timedelta(days=3)
_BATCH = 20
_PATIENCE = 3
_TIMEOUT = 10.0
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class NotSent(Exception):
    """The gateway did not take it this time."""


Sender = Callable[[Message], None]
"""Sends one text or raises NotSent."""


def sender_of(settings: Settings) -> Sender:
    """The sender the settings name. Raises WrongSettings."""
    if settings.sms == "standin":
        return standin_sender
    if settings.sms == "https":
        return https_sender(settings.sms_url, settings.sms_key)
    raise WrongSettings(f"PORTAL_SMS={settings.sms}: standin or https")


def send_due(database: Database, sender: Sender, *, now: datetime) -> int:
    """Send what is due, oldest first, at most twenty; returns how many the sender took.

    What the sender refuses comes again after a growing pause. What has expired, or was
    refused for two days, is dropped. After three refusals the gateway is left alone until
    the next call.
    """
    taken = refused = 0
    for _ in range(_BATCH):
        claimed = _claim(database, now=now)
        if claimed is None:
            break
        try:
            sender(claimed)
        except NotSent:
            _wait(database, claimed.id, now=now)
            refused += 1
            if refused == _PATIENCE:
                break
            continue
        _close(database, claimed.id, now=now)
        taken += 1
    return taken


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete texts older than three days, with the keys that were only theirs."""
    old = select(TextMessage.key_id).where(TextMessage.created_at < now - _KEPT)
    keys = list(session.scalars(old))
    session.execute(delete(TextMessage).where(TextMessage.created_at < now - _KEPT))
    session.execute(delete(DataKey).where(DataKey.id.in_(keys), DataKey.purpose == MESSAGE_KEY))


def standin_sender(message: Message) -> None:
    """Takes every text and does nothing: the row itself is what /dev/outbox shows."""


def https_sender(
    url: str, key: str, *, timeout: float = _TIMEOUT, clock: Callable[[], datetime] = utc_now
) -> Sender:
    """Posts {id, phone, text, template} as JSON, signed, to an SMS gateway.

    `X-Portal-Signature` is hex HMAC-SHA256, under `key`, of `X-Portal-Timestamp`, a full
    stop and the body; `Idempotency-Key` is the message's id. Redirects are not followed.
    Raises WrongSettings for an address that is not https (http on this machine only).
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise WrongSettings("PORTAL_SMS_URL must begin with https://")

    def send(message: Message) -> None:
        _post(_signed(url, key, message, clock()), timeout)

    return send


def _signed(url: str, key: str, message: Message, now: datetime) -> urllib.request.Request:
    fields = {
        "id": str(message.id),
        "phone": message.phone,
        "text": message.text,
        "template": message.template,
    }
    body = json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()
    stamp = str(int(now.timestamp()))
    signature = hmac.new(key.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": str(message.id),
        "X-Portal-Timestamp": stamp,
        "X-Portal-Signature": signature,
    }
    return urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect(), urllib.request.ProxyHandler({}))


def _post(request: urllib.request.Request, timeout: float) -> None:
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            answer.read(1024)
    except (OSError, HTTPException) as fault:
        raise NotSent("the SMS gateway did not take the text") from fault


def _claim(database: Database, *, now: datetime) -> Message | None:
    """The next due text, leased; drops on the way what is no longer worth sending."""
    with database.writing() as session:
        due = (
            select(TextMessage)
            .where(TextMessage.sent_at.is_(None), TextMessage.dropped_at.is_(None))
            .where(TextMessage.next_try_at <= now)
            .order_by(TextMessage.created_at)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        for row in session.scalars(due):
            message = None if _too_late(row, now) else try_open(session, row)
            if message is not None:
                row.tries += 1
                row.next_try_at = now + _LEASE
                return message
            row.dropped_at = now
    return None


def _too_late(row: TextMessage, now: datetime) -> bool:
    end = row.created_at + _GIVEN_UP_AFTER
    return now >= (end if row.expires_at is None else min(row.expires_at, end))


def _close(database: Database, message_id: UUID, *, now: datetime) -> None:
    with database.writing() as session:
        if (row := session.get(TextMessage, message_id)) is not None:
            row.sent_at = now


def _wait(database: Database, message_id: UUID, *, now: datetime) -> None:
    with database.writing() as session:
        if (row := session.get(TextMessage, message_id)) is not None:
            row.next_try_at = now + min(_FIRST_PAUSE * 2 ** min(row.tries - 1, 12), _LONGEST_PAUSE)
