"""What the applicant reads of the money: this month, why it changed, and the months before."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.payment.tables import Payment
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.policy.eligibility.words import yuan

_MONTHS = 12
_CHANGED_BY = {
    "approved": "作出了决定", "reduced": "减发", "paying": "调整了金额", "death": "家里有人去世",
    "correction": "更正了记录",
}  # fmt: skip


def for_applicant(session: Session, application: Application) -> dict[str, Any] | None:
    """{"newest": a row, "why": [sentences], "rows": the twelve newest} with rows {"month_text",
    "amount_text", "subsidy_text", "on_text", "failed", "why"}; None before the first payment."""
    rows = of(session, application)
    if not rows:
        return None
    newest, paid = rows[0], [one for one in rows if not one.failed]
    why = _why(session, application, paid) if paid and paid[0] is newest else []
    shown = [row(one) for one in rows[:_MONTHS]]
    return {"newest": shown[0], "why": why, "rows": shown[1:]}


def of(session: Session, application: Application) -> Sequence[Payment]:
    """Newest first."""
    rows = select(Payment).where(Payment.application_id == application.id)
    order = (Payment.month.desc(), Payment.paid_on.desc(), Payment.failed)
    return session.scalars(rows.order_by(*order)).all()


def row(one: Payment) -> dict[str, Any]:
    """As for_applicant says."""
    year, month = one.month.split("-")
    return {
        "month_text": f"{year}年{int(month)}月",
        "amount_text": f"{yuan(one.amount)}元",
        "subsidy_text": f"其中价格补贴{yuan(one.subsidy)}元" if one.subsidy else "",
        "on_text": f"{one.paid_on.year}年{one.paid_on.month}月{one.paid_on.day}日",
        "failed": one.failed,
        "why": one.why,
    }


def _why(session: Session, application: Application, paid: Sequence[Payment]) -> list[str]:
    """Why it is another sum than the month before, as far as the file knows."""
    now, before = paid[0], next((one for one in paid[1:] if one.month < paid[0].month), None)
    if before is None:
        return ["这是第一次发。"]
    if (now.amount, now.subsidy) == (before.amount, before.subsidy):
        return ["和上次一样多。"]
    said = []
    if now.subsidy != before.subsidy:
        said.append(_subsidy(now.subsidy - before.subsidy))
    base = (now.amount - now.subsidy) - (before.amount - before.subsidy)
    if base:
        more = "多" if base > 0 else "少"
        said.append(f"救助金{more}了{yuan(abs(base))}元。")
        said.append(_reason(session, application, since=before))
    return said


def _subsidy(change: int) -> str:
    more = "多" if change > 0 else "少"
    return f"价格补贴{more}了{yuan(abs(change))}元。"


def _reason(session: Session, application: Application, *, since: Payment) -> str:
    """The newest decision since then; else whom to ask."""
    found: CaseEvent | None = None
    for event in events.of(session, application):
        if event.kind in _CHANGED_BY and local_date(event.at) >= since.paid_on:
            found = event
    if found is None:
        return "为什么变了，请打电话问。"
    day = local_date(found.at)
    return f"{day.month}月{day.day}日{_CHANGED_BY[found.kind]}。"
