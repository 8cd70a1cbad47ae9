"""Rate limits in fixed windows: counted in Redis when REDIS_URL names one, else in the database."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import Integer, String, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.foundation import retention
from portal.foundation.database import Base
from portal.foundation.errors import Busy, TooOften


class Away(Exception):
    """The shared counter did not answer, or would not count."""


class Counter(Protocol):
    """Redis, as far as it is needed here; loaded only where the settings name one."""

    def add(self, bucket: str, starts: datetime, per: timedelta) -> int: ...

    def answers(self) -> bool: ...


class RateWindow(Base):
    """限流窗口. `bucket` is a name or a keyed digest, never a phone number."""

    __tablename__ = "rate_windows"

    bucket: Mapped[str] = mapped_column(String(128), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


def count(
    session: Session,
    bucket: str,
    *,
    most: int,
    per: timedelta,
    now: datetime,
    closes: bool = False,
) -> None:
    """Count one use of `bucket`. Raises TooOften (and keeps the count) past `most` in `per`.

    While Redis is away it is counted in the database, so that nothing can be guessed for
    free; what `closes` (texts cost money and harass) is refused with Busy meanwhile.
    """
    starts = _start(per, now)
    if _used(session, bucket, starts, per, closes=closes) > most:
        wait = int((starts + per - now).total_seconds()) + 1
        raise TooOften("操作太频繁了，请过一会儿再试。", retry_after=wait, keeps=True)


def first_use(session: Session, bucket: str, *, per: timedelta, now: datetime) -> bool:
    """Whether this is the first use within `per`. Part of the caller's transaction, hence
    always in the database: what is rolled back was no use."""
    return _add(session, bucket, _start(per, now)) == 1


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop windows that ended long ago."""
    session.execute(
        delete(RateWindow).where(RateWindow.starts_at < now - retention.period("limits"))
    )


def _start(per: timedelta, now: datetime) -> datetime:
    seconds = int(per.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def _used(session: Session, bucket: str, starts: datetime, per: timedelta, *, closes: bool) -> int:
    shared: Counter | None = session.info.get("counter")
    if shared is None:
        return _add(session, bucket, starts)
    try:
        return shared.add(bucket, starts, per)
    except Away as fault:
        if closes:
            message = "现在发不了验证码。请过几分钟再试。"
            raise Busy(message, code="sms_away", retry_after=60) from fault
        return _add(session, bucket, starts)


def _add(session: Session, bucket: str, starts: datetime) -> int:
    window = _window(session, bucket, starts)
    window.count += 1
    session.flush()
    return window.count


def _window(session: Session, bucket: str, starts: datetime) -> RateWindow:
    """The row, locked; two first uses at the same moment still make one."""
    key = (bucket, starts)
    if session.get(RateWindow, key, with_for_update=True) is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(RateWindow(bucket=bucket, starts_at=starts, count=0))
    return session.get_one(RateWindow, key, with_for_update=True)
