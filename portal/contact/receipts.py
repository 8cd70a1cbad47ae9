"""What the gateway says became of a text: repeated, late or out of order it ends the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contact.messages import DELIVERED, FAILED
from portal.contact.tables import TextMessage

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Receipt:
    """`message_id` is ours, which the gateway was given."""

    message_id: UUID
    arrived: bool
    code: str


class NotUnderstood(ValueError):
    """Not a list of delivery receipts."""


def read(body: Any) -> list[Receipt]:
    """A pushed list [{out_id, success, err_code, …}], as gateways here send it.

    Entries about texts that are not ours are left out. Raises NotUnderstood.
    """
    if not isinstance(body, list) or len(body) > MOST_AT_ONCE:
        raise NotUnderstood("a list of receipts")
    return [found for entry in body if (found := _one(entry)) is not None]


def take(session: Session, receipts: Sequence[Receipt], *, now: datetime) -> int:
    """Note them; how many changed something. What has arrived stays arrived."""
    return sum(_note(session, one, now=now) for one in receipts)


def gateway_reports(session: Session) -> bool:
    """Whether any receipt came lately: without one, silence tells nothing."""
    rows = select(TextMessage.id).where(TextMessage.reported_at.is_not(None)).limit(1)
    return session.scalars(rows).first() is not None


def _one(entry: Any) -> Receipt | None:
    if not isinstance(entry, dict):
        raise NotUnderstood("an entry that is no object")
    out_id, arrived, code = entry.get("out_id"), entry.get("success"), entry.get("err_code", "")
    if not isinstance(arrived, bool) or not isinstance(code, str):
        raise NotUnderstood("success and err_code")
    try:
        return Receipt(UUID(str(out_id)), arrived, code[:40])
    except ValueError:
        return None


def _note(session: Session, receipt: Receipt, *, now: datetime) -> bool:
    row = session.get(TextMessage, receipt.message_id, with_for_update=True)
    if row is None or row.state == DELIVERED:
        return False
    state = DELIVERED if receipt.arrived else FAILED
    if row.state == state and row.reported_at is not None:
        return False
    row.state, row.reported_at = state, now
    row.sent_at = row.sent_at or now
    row.fault = None if receipt.arrived else receipt.code
    return True
