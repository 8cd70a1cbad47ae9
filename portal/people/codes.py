"""Codes by text: six digits that prove who holds a number, and what keeps them from harm."""

import hmac
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.contact.messages import queue_text
from portal.foundation import audit, rates, retention, vault
from portal.foundation.errors import Invalid, TooOften
from portal.people import choices
from portal.people.identity import Phone, plain
from portal.people.tables import PhoneCode, PhoneGuard

VALID = timedelta(minutes=5)
TRIES = 3
MOST_FAILURES = 10
CLOSED = timedelta(hours=24)
PAUSE = timedelta(seconds=60)
MOST_PER_HOUR, MOST_PER_DAY = 5, 10
_DEVICE_PER_DAY = 20
_NETWORK_PER_HOUR = 60
_ALL_PER_HOUR = 16_500
"""The breaker: three times what a province sends in a busy hour."""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_TEMPLATES = {
    "sign": "code_sign",
    "phone": "code_phone",
    "mandate": "code_mandate",
    "payee": "code_payee",
}


def request_code(
    session: Session,
    phone: str,
    *,
    purpose: str = "sign_in",
    device: str,
    network: str = "",
    now: datetime,
) -> None:
    """Queue six digits for `phone`, valid five minutes, for `purpose` only.

    `purpose`: sign_in · phone:<account> · sign:<application>:<signer> · mandate:<mandate> ·
    payee:<mandate>. `device` names the browser or app, `network` its /24 or /48; both are
    kept only as keyed digests. The answer is the same whether or not the number has an account. Raises Invalid for a number that
    is none, TooOften past 1 in 60 s, 5 an hour, 10 a day for a number, 20 a day for a
    device, 60 an hour for a network, and when the whole portal sends far too much; Busy
    while these cannot be counted.
    """
    number = Phone.parse(phone)
    index = phone_index(session, number)
    _check_open(_guard(session, index), now)
    _limit(session, index, device, network, now)
    code_id, code = uuid4(), f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        PhoneCode(
            id=code_id,
            phone_index=index,
            purpose=purpose,
            digest=_code_digest(session, code_id, code),
            created_at=now,
            expires_at=now + VALID,
        )
    )
    template = _TEMPLATES.get(purpose.partition(":")[0], "code_sign_in")
    queue_text(
        session,
        key_id=None,
        phone=number.value,
        template=template,
        values={"code": code},
        now=now,
        expires_at=now + VALID,
        word=choices.word_for(session, index),
    )


def prove_code(
    session: Session,
    phone: str,
    code: str,
    *,
    purpose: str = "sign_in",
    network: str = "",
    now: datetime,
) -> None:
    """Use up the newest code of this number and purpose. Returns when it was right.

    Raises Invalid (wrong_code, code_over) and TooOften (sms_closed after ten wrong codes
    in a row, for 24 h); wrong tries are kept although refused.
    """
    row = _right(session, phone, code, "code", purpose=purpose, network=network, now=now)
    _use(session, row, now)


def prove_codes(
    session: Session, said: Mapping[str, tuple[str, str]], *, purpose: str, now: datetime
) -> None:
    """Several numbers at once, {field: (phone, code)}: all codes are used up, or none.

    Raises what prove_code raises, at the field concerned.
    """
    rows = [
        _right(session, phone, code, field, purpose=purpose, network="", now=now)
        for field, (phone, code) in said.items()
    ]
    for row in rows:
        _use(session, row, now)


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop old codes."""
    session.execute(delete(PhoneCode).where(PhoneCode.created_at < now - retention.period("codes")))


def forget_guards(session: Session, *, now: datetime) -> None:
    """Drop guards that count nothing and close nothing."""
    open_again = PhoneGuard.closed_until.is_(None) | (PhoneGuard.closed_until <= now)
    session.execute(delete(PhoneGuard).where(PhoneGuard.failures == 0, open_again))


def _right(
    session: Session, phone: str, code: str, field: str, *, purpose: str, network: str,
    now: datetime,
) -> PhoneCode:  # fmt: skip
    index = phone_index(session, Phone.parse(phone))
    typed = plain(code)
    if not re.fullmatch(r"[0-9]{6}", typed):
        raise _wrong("验证码是6位数字。", "code_format", field)
    guard = _guard(session, index)
    _check_open(guard, now)
    if network:
        _count(session, "prove", network, most=_NETWORK_PER_HOUR, per=_HOUR, now=now)
    row = _newest(session, index, purpose)
    if row is None or row.expires_at <= now or row.tries >= TRIES:
        raise _wrong("验证码已失效。请重新获取。", "code_over", field)
    if not hmac.compare_digest(row.digest, _code_digest(session, row.id, typed)):
        row.tries += 1
        _count_failure(session, guard, now=now)
        raise _wrong("验证码不对。请看短信再填一次。", "wrong_code", field)
    return row


def _use(session: Session, row: PhoneCode, now: datetime) -> None:
    row.used_at = now
    _guard(session, row.phone_index).failures = 0
    session.flush()


def _limit(session: Session, index: bytes, device: str, network: str, now: datetime) -> None:
    _limit_number(session, index, now)
    _count(session, "device", device, most=_DEVICE_PER_DAY, per=_DAY, now=now, closes=True)
    if network:
        most = _NETWORK_PER_HOUR
        _count(session, "network", network, most=most, per=_HOUR, now=now, closes=True)
    rates.count(session, "sms:all", most=_ALL_PER_HOUR, per=_HOUR, now=now, closes=True)


def _limit_number(session: Session, index: bytes, now: datetime) -> None:
    """Any sixty seconds, any hour, any day: sliding, so no window's edge doubles it."""
    for most, per in ((1, PAUSE), (MOST_PER_HOUR, _HOUR), (MOST_PER_DAY, _DAY)):
        sent = select(PhoneCode.created_at).where(
            PhoneCode.phone_index == index, PhoneCode.created_at > now - per
        )
        times = sorted(session.scalars(sent))
        if len(times) >= most:
            wait = int((times[-most] + per - now).total_seconds()) + 1
            raise TooOften(_too_often(wait), code="too_often", retry_after=wait)


def _too_often(seconds: int) -> str:
    if seconds <= 60:
        return f"短信刚发出。{seconds}秒后可以再要。"
    return "短信要得太多了。请过一会儿再要。"


def _count(
    session: Session,
    kind: str,
    name: str,
    *,
    most: int,
    per: timedelta,
    now: datetime,
    closes: bool = False,
) -> None:
    digest = vault.blind_index(session, kind, name).hex()[:40]
    rates.count(session, f"sms:{kind}:{digest}", most=most, per=per, now=now, closes=closes)


def _guard(session: Session, index: bytes) -> PhoneGuard:
    """The number's own row, locked: requests for one number go one after the other."""
    if session.get(PhoneGuard, index, with_for_update=True) is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(PhoneGuard(phone_index=index, failures=0))
    return session.get_one(PhoneGuard, index, with_for_update=True)


def _check_open(guard: PhoneGuard, now: datetime) -> None:
    if guard.closed_until is not None and guard.closed_until > now:
        wait = int((guard.closed_until - now).total_seconds()) + 1
        message = "验证码错得太多，先停一天。急事请打12349。"
        raise TooOften(message, code="sms_closed", retry_after=wait)


def _count_failure(session: Session, guard: PhoneGuard, *, now: datetime) -> None:
    guard.failures += 1
    if guard.failures >= MOST_FAILURES:
        guard.failures, guard.closed_until = 0, now + CLOSED
        audit.record(session, "close.sms", actor="portal", now=now)
    session.flush()


def _newest(session: Session, index: bytes, purpose: str) -> PhoneCode | None:
    newest = (
        select(PhoneCode)
        .where(PhoneCode.phone_index == index, PhoneCode.purpose == purpose)
        .order_by(PhoneCode.created_at.desc())
        .limit(1)
        .with_for_update()
    )
    row = session.scalars(newest).first()
    return None if row is None or row.used_at is not None else row


def _wrong(message: str, code: str, field: str) -> Invalid:
    return Invalid(message, code=code, fields={field: [message]}, keeps=True)


def phone_index(session: Session, phone: Phone) -> bytes:
    return vault.blind_index(session, "phone", phone.value)


def _code_digest(session: Session, code_id: UUID, code: str) -> bytes:
    return vault.blind_index(session, "phone_code", f"{code_id}:{code}")
