"""After the machine's clock was set back: what was put off by the wrong clock is due now."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import InstrumentedAttribute

from portal.casework.survey.tables import CheckRecord
from portal.contact.tables import TextMessage
from portal.foundation.database import Database
from portal.handover.tables import OutboxRow

_FURTHEST = timedelta(hours=25)
"""Nothing is ever put off longer: a text waits at most for the next morning."""
_LEASED = timedelta(minutes=5)
_OPEN: list[tuple[InstrumentedAttribute[Any], timedelta, ColumnElement[bool]]] = [
    (OutboxRow.next_try_at, _FURTHEST, OutboxRow.delivered_at.is_(None)),
    (OutboxRow.leased_until, _LEASED, OutboxRow.delivered_at.is_(None)),
    (
        TextMessage.next_try_at,
        _FURTHEST,
        TextMessage.sent_at.is_(None) & TextMessage.dropped_at.is_(None),
    ),
    (CheckRecord.next_try_at, _FURTHEST, CheckRecord.next_try_at.is_not(None)),
]
"""What waits until a moment, and how far from now that moment can be."""


def make_due(database: Database, *, now: datetime) -> int:
    """Whatever waits for a moment that nothing is put off to; how many rows."""
    with database.writing() as session:
        changed = 0
        for column, most, is_open in _OPEN:
            rows = update(column.class_).where(is_open, column > now + most)
            done = session.execute(rows.values({column.key: now}))
            changed += done.rowcount  # type: ignore[attr-defined]
        return changed
