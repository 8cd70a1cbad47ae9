"""A stand-in SMS gateway: takes texts, limits them, refuses some numbers, reports what became of them.

Its paths, codes and reports are those gateways in China use (SendSms, SmsReport). For tests it
is served over HTTP with a clock that is moved by hand and faults that are asked for; the
demonstration asks only what such a gateway would say of a number.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contact import receipts
from portal.contact.messages import SENT, try_open
from portal.contact.signing import is_signed, signed_headers
from portal.contact.tables import TextMessage
from portal.foundation.clock import local
from portal.foundation.database import Database

SEND_PATH = "/v1/messages"
ABSENT, BLACKLISTED, SWITCHED_OFF = "0404", "0444", "0408"
"""Last four digits of numbers that nobody has, that refuse us, that are off for ever."""
LIMITS = ((1, timedelta(minutes=1)), (5, timedelta(hours=1)), (10, timedelta(days=1)))
"""Texts to one number: so many in so long."""
_TAKES = timedelta(seconds=2)
_LONGEST_TEXT = 70
_FAULTS = frozenset(
    {"down", "garbage", "error", "slow", "silent", "twice", "lost", "busy", "out_of_money"}
)

Answer = tuple[int, dict[str, Any] | str]
"""HTTP status (0: none, the connection just ends), and the body: an object, or words that are
no JSON."""
Push = Callable[[bytes, Mapping[str, str]], int]
"""Posts a report; the HTTP status of the answer."""


@dataclass
class Gateway:
    """One gateway for one customer who knows `key`. `faults` are used up one a request:

    down · garbage · error (200 with a code) · busy (limited) · out_of_money · slow (takes it and
    answers nothing in time) · silent (takes it, never reports) · twice (reports twice) · lost
    (takes it, reports an undelivered text).
    """

    key: str
    clock: Callable[[], datetime]
    faults: list[str] = field(default_factory=list)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    times: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def send(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST /v1/messages."""
        now = self.clock()
        fault = self.faults.pop(0) if self.faults else ""
        if fault and fault not in _FAULTS:
            raise ValueError(f"no such fault: {fault}")
        if fault == "down":
            return 503, "Service Unavailable"
        if fault == "garbage":
            return 200, "<html>502 Bad Gateway</html>"
        if not is_signed(self.key, headers, body, now=now):
            return 403, _said("SignatureDoesNotMatch", "签名不对")
        judged = self._judge(json.loads(body), fault, now)
        return (0, "") if fault == "slow" else (200, judged)

    def push(self, post: Push, *, shuffled: bool = False) -> int:
        """Report what is due, newest first when `shuffled`; what is not taken comes again."""
        now = self.clock()
        due = [entry for at, entry in self.waiting if at <= now]
        if not due:
            return 0
        body = json.dumps(due[::-1] if shuffled else due, ensure_ascii=False).encode()
        if post(body, signed_headers(self.key, body, now)) != 200:
            return 0
        self.waiting = [(at, entry) for at, entry in self.waiting if at > now]
        return len(due)

    def _judge(self, text: dict[str, Any], fault: str, now: datetime) -> dict[str, Any]:
        if text["id"] in self.taken:
            return self.taken[text["id"]]
        refusal = _refusal(fault) or standin_answer(text["phone"])
        if refusal["Code"] != "OK":
            return refusal
        if len(text["text"]) > _LONGEST_TEXT:
            return _said("isv.PARAM_LENGTH_LIMIT", "参数超出长度限制")
        if self._too_often(text["phone"], now):
            return _said("isv.BUSINESS_LIMIT_CONTROL", "触发流控")
        self.times[text["phone"]].append(now)
        self.taken[text["id"]] = refusal
        if fault != "silent":
            entry = report(text["id"], text["phone"], sent_at=now, lost=fault == "lost")
            self.waiting += [(now + _TAKES, entry)] * (2 if fault == "twice" else 1)
        return refusal

    def _too_often(self, phone: str, now: datetime) -> bool:
        sent = self.times[phone]
        return any(sum(at > now - per for at in sent) >= most for most, per in LIMITS)


def standin_answer(phone: str) -> dict[str, Any]:
    """What a gateway says at once to a text for this number."""
    if len(phone) != 11 or not phone.isdecimal():
        return _said("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号")
    if phone.endswith(BLACKLISTED):
        return _said("isv.BLACK_KEY_CONTROL_LIMIT", "黑名单管控")
    return {**_said("OK", "OK"), "BizId": uuid4().hex}


def report(message_id: str, phone: str, *, sent_at: datetime, lost: bool = False) -> dict[str, Any]:
    """One entry of a report, as it is pushed."""
    code, words = ("DELIVERED", "用户接收成功")
    if lost or phone.endswith(SWITCHED_OFF):
        code, words = ("UNDELIV", "关机或不在服务区")
    elif phone.endswith(ABSENT):
        code, words = ("MK:0001", "空号")
    stamp = f"{local(sent_at):%Y-%m-%d %H:%M:%S}"
    return {
        "phone_number": phone, "send_time": stamp, "report_time": stamp,
        "success": code == "DELIVERED", "err_code": code, "err_msg": words,
        "sms_size": "1", "biz_id": uuid4().hex, "out_id": message_id,
    }  # fmt: skip


def report_due(database: Database, *, now: datetime) -> int:
    """In the demonstration: receipts for the texts sent a moment ago; how many."""
    with database.reading() as session:
        found = receipts.read(_unreported(session, now))
    if not found:
        return 0
    with database.writing() as session:
        return receipts.take(session, found, now=now)


def _unreported(session: Session, now: datetime) -> list[dict[str, Any]]:
    rows = select(TextMessage).where(
        TextMessage.state == SENT,
        TextMessage.reported_at.is_(None),
        TextMessage.sent_at <= now - _TAKES,
    )
    opened = [try_open(session, row) for row in session.scalars(rows.limit(50))]
    return [report(str(m.id), m.phone, sent_at=m.sent_at or now) for m in opened if m is not None]


def _refusal(fault: str) -> dict[str, Any] | None:
    return {
        "error": _said("isp.SYSTEM_ERROR", "系统错误"),
        "busy": _said("isv.BUSINESS_LIMIT_CONTROL", "触发流控"),
        "out_of_money": _said("isv.AMOUNT_NOT_ENOUGH", "账户余额不足"),
    }.get(fault)


def _said(code: str, words: str) -> dict[str, Any]:
    return {"Code": code, "Message": words, "RequestId": str(uuid4())}
