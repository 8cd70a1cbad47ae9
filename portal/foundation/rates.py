"""Rate limits: fixed windows counted in the database, one table for both modes."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Integer, String, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.foundation.database import Base
from portal.foundation.errors import TooOften


class RateWindow(Base):
    """限流窗口. `bucket` is a name or a keyed digest, never a phone number."""

    __tablename__ = "rate_windows"

    bucket: Mapped[str] = mapped_column(String(128), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


def count(session: Session, bucket: str, *, most: int, per: timedelta, now: datetime) -> None:
    """Count one use of `bucket`. Raises TooOften (and keeps the count) past `most` in `per`."""
    seconds = int(per.total_seconds())
    starts = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    window = _window(session, bucket, starts)
    window.count += 1
    session.flush()
    if window.count > most:
        wait = int((starts + per - now).total_seconds()) + 1
        raise TooOften("操作太频繁了，请过一会儿再试。", retry_after=wait, keeps=True)


def _window(session: Session, bucket: str, starts: datetime) -> RateWindow:
    """The row, locked; two first uses at the same moment still make one."""
    key = (bucket, starts)
    if session.get(RateWindow, key, with_for_update=True) is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(RateWindow(bucket=bucket, starts_at=starts, count=0))
    return session.get_one(RateWindow, key, with_for_update=True)


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop windows that ended more than two days ago."""
    session.execute(delete(RateWindow).where(RateWindow.starts_at < now - timedelta(days=2)))
