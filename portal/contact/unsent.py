"""Texts that should have gone out and did not: for the alarm and for `portal doctor`.

A code lives five minutes and is then dropped, so that what waits never grows old while nobody can
sign in: what was lost counts too.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portal.contact.messages import FAILED, QUEUED
from portal.contact.rules import is_quiet
from portal.contact.sending import EXPIRED, GIVEN_UP_AFTER, OF_THE_WORDS
from portal.contact.tables import TextMessage
from portal.contact.templates import AT_ONCE

LOOKED_BACK = timedelta(minutes=30)


def oldest(session: Session, *, now: datetime) -> datetime | None:
    """When the text was made that waits longest, put off by a refusal or not. What only waits for
    the morning is not late."""
    row = TextMessage
    late: ColumnElement[bool] = or_(row.next_try_at <= now, row.tries > 0)
    if is_quiet(now):
        late &= row.template.in_(AT_ONCE)
    waits = (row.state == QUEUED) & row.sent_at.is_(None) & row.dropped_at.is_(None)
    return session.scalar(select(func.min(row.created_at)).where(waits, late))


def lost(session: Session, *, now: datetime) -> int:
    """How many were given up in the last half hour because the gateway did not take them in time,
    or will never take their words; not those whose number it does not know."""
    row = TextMessage
    young = row.created_at > now - LOOKED_BACK - GIVEN_UP_AFTER
    rows = select(func.count()).where(
        row.state == FAILED, young, row.dropped_at > now - LOOKED_BACK,
        row.fault.in_((EXPIRED, *OF_THE_WORDS)),
    )  # fmt: skip
    return session.scalar(rows) or 0
