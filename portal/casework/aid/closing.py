"""Closing a month of the petty fund: what the book says, what was counted, why they differ."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.casework.aid import ledger
from portal.casework.aid.tables import PettyFund, PettyFundClosing, PettyFundLine
from portal.foundation import audit, vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid
from portal.people.access import Actor

_MOST_WORDS = 200


@dataclass(frozen=True)
class Closed:
    """A closing as people read it; amounts 分."""

    row: PettyFundClosing
    counted_with: str
    explanation: str

    @property
    def difference(self) -> int:
        return self.row.counted - self.row.book


def close(
    session: Session,
    fund: PettyFund,
    counted: int,
    counted_with: str,
    explanation: str,
    *,
    actor: Actor,
    now: datetime,
) -> PettyFundClosing:
    """Close the month: `counted` 分 lay in the box, seen by a second person.

    It is the last month while lines of an earlier one are not closed, else this one; book
    and cash are those of this moment. A difference needs its explanation; the book itself is changed only by a `difference`
    that the county confirms. Raises Invalid (counted, counted_with, explanation), Conflict
    closed · not_opened · book_damaged, Forbidden.
    """
    ledger.check_keeper(actor, fund)
    ledger.lock(session, fund)
    month = month_to_close(session, fund, now=now)
    _check_open(session, fund, month)
    _check_words(counted, counted - fund.balance, counted_with, explanation)
    row = PettyFundClosing(
        id=uuid4(), fund_id=fund.id, month=month, last_seq=fund.last_seq, book=fund.balance,
        counted=counted, actor=str(actor), at=now,
    )  # fmt: skip
    said = {
        "counted_with": counted_with.strip()[:_MOST_WORDS],
        "explanation": explanation.strip()[:_MOST_WORDS],
    }
    row.said_sealed = vault.seal_text(
        session, fund.key_id, json.dumps(said, ensure_ascii=False), place=_place(row)
    )
    session.add(row)
    session.flush()
    detail = {"month": month, "book": row.book, "counted": counted}
    audit.record(session, "fund.closed", actor=str(actor), subject=fund.id, detail=detail, now=now)
    return row


def closed(session: Session, fund: PettyFund) -> list[Closed]:
    """First to last."""
    rows = select(PettyFundClosing).where(PettyFundClosing.fund_id == fund.id)
    found = session.scalars(rows.order_by(PettyFundClosing.month))
    return [Closed(row, **_said(session, fund, row)) for row in found]


def month_to_close(session: Session, fund: PettyFund, *, now: datetime) -> str:
    """2026-11: which month the next closing is."""
    day = local_date(now)
    if is_late(session, fund, now=now):
        day = day.replace(day=1) - timedelta(days=1)
    return f"{day:%Y-%m}"


def is_late(session: Session, fund: PettyFund, *, now: datetime) -> bool:
    """Whether a whole month with lines lies behind us that nobody closed."""
    done = select(func.max(PettyFundClosing.last_seq)).where(PettyFundClosing.fund_id == fund.id)
    rows = select(PettyFundLine.at).where(
        PettyFundLine.fund_id == fund.id, PettyFundLine.seq > (session.scalar(done) or 0)
    )
    first = session.scalars(rows.order_by(PettyFundLine.seq).limit(1)).first()
    return first is not None and f"{local_date(first):%Y-%m}" < f"{local_date(now):%Y-%m}"


def _check_open(session: Session, fund: PettyFund, month: str) -> None:
    if not fund.last_seq:
        raise Conflict("还没有开账，不用月结。", code="not_opened")
    if ledger.faults(session, fund):
        raise Conflict("账目对不上。请先找县民政局核账。", code="book_damaged")
    rows = select(PettyFundClosing.id).where(
        PettyFundClosing.fund_id == fund.id, PettyFundClosing.month == month
    )
    if session.scalars(rows).first() is not None:
        raise Conflict("这个月已经结过账。", code="closed")


def _check_words(counted: int, difference: int, counted_with: str, explanation: str) -> None:
    wrong: dict[str, list[str]] = {}
    if isinstance(counted, bool) or not isinstance(counted, int) or not 0 <= counted <= ledger.MOST:
        wrong["counted"] = ["请写点出来的现金。"]
    if not counted_with.strip():
        wrong["counted_with"] = ["请写谁一起点的。"]
    if difference and not explanation.strip():
        sign = "多" if difference > 0 else "少"
        wrong["explanation"] = [f"现金比账面{sign}{ledger.yuan(abs(difference))}元，请写原因。"]
    if wrong:
        raise Invalid("月结还差几项。", fields=wrong)


def _said(session: Session, fund: PettyFund, row: PettyFundClosing) -> dict[str, Any]:
    text = vault.unseal_text(session, fund.key_id, row.said_sealed, place=_place(row))
    opened: dict[str, Any] = json.loads(text)
    return opened


def _place(row: PettyFundClosing) -> str:
    return f"petty_fund_closings.said:{row.id}"
