"""Times: aware UTC in the code, Asia/Shanghai on screens."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The only place that asks the machine for the time; called at the edges."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    return moment.astimezone(BEIJING)


def local_date(moment: datetime) -> date:
    """The calendar day people would name."""
    return local(moment).date()


def spoken(moment: datetime) -> str:
    """2026年11月22日 09:05, as screens and papers print it."""
    there = local(moment)
    return f"{there.year}年{there.month}月{there.day}日 {there:%H:%M}"
