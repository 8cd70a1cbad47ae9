"""Sending what waits: claim in one short transaction, send outside, close in another.

A crash between sending and closing sends a text again after the lease: at least once,
and the gateway can tell by the message's id.
"""

import json
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.contact.messages import (
    DELIVERED,
    FAILED,
    MESSAGE_KEY,
    QUEUED,
    SENT,
    Message,
    try_open,
)
from portal.contact.rules import awake
from portal.contact.signing import signed_headers
from portal.contact.standin_gateway import standin_answer
from portal.contact.tables import TextMessage
from portal.contact.templates import AT_ONCE
from portal.foundation import retention
from portal.foundation.clock import utc_now
from portal.foundation.crash import crash_point
from portal.foundation.database import Database
from portal.foundation.settings import Settings, WrongSettings
from portal.foundation.settings_check import encrypted
from portal.foundation.vault import DataKey

_LEASE = timedelta(minutes=2)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(hours=48)
_KEPT = retention.period("texts")
_BATCH = 20
_PATIENCE = 3
_TIMEOUT = 10.0


OF_THE_WORDS = frozenset({"isv.PARAM_LENGTH_LIMIT", "isv.PARAM_NOT_SUPPORT_URL"})
FINAL_REFUSALS = OF_THE_WORDS | {"isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT"}
"""The gateway's codes for what will never go through: this number, or these words."""


class NotSent(Exception):
    """The gateway did not take it this time."""


class NeverSent(NotSent):
    """The gateway will not take it at all: `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code[:40]


Sender = Callable[[Message], None]
"""Sends one text or raises NotSent, or NeverSent."""
WechatWay = Callable[[Message], str | None]
"""WeChat's number of the message; None where it has to go by text. Raises nothing else."""
NO_PHONE, EXPIRED = "no_phone", "expired"


def sender_of(settings: Settings) -> Sender:
    """The sender the settings name. Raises WrongSettings."""
    if settings.sms == "standin":
        return standin_sender
    if settings.sms == "https":
        return https_sender(settings.sms_url, settings.sms_key)
    raise WrongSettings(f"PORTAL_SMS={settings.sms}: standin or https")


def send_due(
    database: Database, sender: Sender, *, wechat: WechatWay | None = None, now: datetime
) -> int:
    """Send what is due, oldest first, at most twenty; returns how many were taken.

    WeChat comes first where the person allowed it; whatever it does not take goes by text. What the sender refuses comes again after a growing pause; what it will never take has
    failed. What has expired, or was refused for two days, is dropped. After three refusals
    the gateway is left alone until the next call. At night only codes go.
    """
    taken = refused = 0
    for _ in range(_BATCH):
        claimed = _claim(database, now=now)
        if claimed is None:
            break
        if _by_wechat(database, wechat, claimed, now=now):
            taken += 1
            continue
        try:
            _send(sender, claimed)
        except NeverSent as never:
            _fail(database, claimed.id, never.code, now=now)
            continue
        except NotSent:
            _wait(database, claimed.id, now=now)
            refused += 1
            if refused == _PATIENCE:
                break
            continue
        crash_point("T1")
        _close(database, claimed.id, now=now)
        taken += 1
    return taken


def back_to_text(session: Session, wechat_no: str, *, now: datetime) -> bool:
    """WeChat says a message did not arrive after all: it goes by text now."""
    row = session.scalars(select(TextMessage).where(TextMessage.wechat_no == wechat_no)).first()
    if row is None or row.dropped_at is not None or row.account_id is None:
        return False
    row.account_id = row.sent_at = row.reported_at = None
    row.state, row.next_try_at = QUEUED, now
    return True


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete texts older than a week, with the keys that were only theirs."""
    old = select(TextMessage.key_id).where(TextMessage.created_at < now - _KEPT)
    keys = list(session.scalars(old))
    session.execute(delete(TextMessage).where(TextMessage.created_at < now - _KEPT))
    session.execute(delete(DataKey).where(DataKey.id.in_(keys), DataKey.purpose == MESSAGE_KEY))


def standin_sender(message: Message) -> None:
    """Sends nothing: the row itself is what /dev/outbox shows. Some numbers it never takes."""
    _check_answer(standin_answer(message.phone))


def https_sender(
    url: str, key: str, *, timeout: float = _TIMEOUT, clock: Callable[[], datetime] = utc_now
) -> Sender:
    """Posts {id, phone, text, template} as JSON, signed, to an SMS gateway.

    `X-Portal-Signature` is hex HMAC-SHA256, under `key`, of `X-Portal-Timestamp`, a full
    stop and the body; `Idempotency-Key` is the message's id. Redirects are not followed.
    It answers {"Code": "OK", …}; any other code, or no such answer, is no.
    Raises WrongSettings for an address that is not https (http on this machine only).
    """
    if not encrypted(url):
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
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": str(message.id),
        **signed_headers(key, body, now),
    }
    return urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect(), urllib.request.ProxyHandler({}))


def _post(request: urllib.request.Request, timeout: float) -> None:
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            said = answer.read(4096)
    except (OSError, HTTPException) as fault:
        raise NotSent("the SMS gateway did not take the text") from fault
    try:
        _check_answer(json.loads(said))
    except ValueError as fault:
        raise NotSent("the SMS gateway answered something else") from fault


def _check_answer(answer: Any) -> None:
    """Raises NotSent unless it says OK: gateways answer 200 to what they refuse."""
    code = answer.get("Code") if isinstance(answer, dict) else None
    if code == "OK":
        return
    if isinstance(code, str) and code in FINAL_REFUSALS:
        raise NeverSent(code)
    raise NotSent(f"the SMS gateway said {str(code)[:40]}")


def _by_wechat(
    database: Database, wechat: WechatWay | None, message: Message, *, now: datetime
) -> bool:
    """Whether WeChat took it. It says so only once the message lies with the person."""
    if wechat is None or message.account_id is None:
        return False
    number = wechat(message)
    if number is None:
        return False
    with database.writing() as session:
        if (row := session.get(TextMessage, message.id)) is not None:
            row.sent_at = row.reported_at = now
            row.state, row.wechat_no = DELIVERED, number[:32]
    return True


def _send(sender: Sender, message: Message) -> None:
    if not message.phone:
        raise NeverSent(NO_PHONE)
    sender(message)


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
            if _sleeps(row, now):
                continue
            late = _too_late(row, now)
            message = None if late else try_open(session, row)
            if message is not None:
                row.tries += 1
                row.next_try_at = now + _LEASE
                return message
            row.dropped_at, row.state = now, FAILED
            row.fault = EXPIRED if late else None
    return None


def _sleeps(row: TextMessage, now: datetime) -> bool:
    """Whether it is put off until people are awake."""
    morning = now if row.template in AT_ONCE else awake(now)
    if morning == now:
        return False
    row.next_try_at = morning
    return True


def _too_late(row: TextMessage, now: datetime) -> bool:
    end = row.created_at + GIVEN_UP_AFTER
    return now >= (end if row.expires_at is None else min(row.expires_at, end))


def _close(database: Database, message_id: UUID, *, now: datetime) -> None:
    with database.writing() as session:
        if (row := session.get(TextMessage, message_id)) is not None:
            row.sent_at = now
            if row.state == QUEUED:  # its receipt may have been faster
                row.state = SENT


def _fail(database: Database, message_id: UUID, code: str, *, now: datetime) -> None:
    with database.writing() as session:
        if (row := session.get(TextMessage, message_id)) is not None:
            row.state, row.fault, row.dropped_at = FAILED, code, now


def _wait(database: Database, message_id: UUID, *, now: datetime) -> None:
    with database.writing() as session:
        if (row := session.get(TextMessage, message_id)) is not None:
            row.next_try_at = now + min(_FIRST_PAUSE * 2 ** min(row.tries - 1, 12), _LONGEST_PAUSE)
