"""Who is paid at all, and what was decided: a bank's line is held against it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.aid.tables import AidGrant, AidInstalment
from portal.casework.payment.reading import Line
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.policy.eligibility.words import yuan
from portal.policy.lifecycle import Status

_PAID = frozenset({Status.APPROVED, Status.PAYING, Status.REVIEWING, Status.GRADUATING})
_AIDED = frozenset({Status.AIDED, Status.MAKING_UP, Status.CLOSED})
_MONTHLY = ("approved", "paying", "reduced")
_ONCE = ("aided", "handed_out")
NOT_PAID = "这一户没有在发放。"


@dataclass
class Standing:
    """What is known of one file: sums decided by month, sums of its grants, when it stopped."""

    decided: list[tuple[str, int]] = field(default_factory=list)
    grants: set[int] = field(default_factory=set)
    stopped: str = ""

    def is_paid(self, file: Application, month: str) -> bool:
        """Whether money for this month may go there."""
        if file.status == Status.STOPPED:
            return month <= self.stopped
        if file.status in _PAID or self.grants:
            return True
        return file.status in _AIDED and bool(self.decided)

    def is_right(self, sum_paid: int, month: str) -> bool:
        """In the month of a change the sum before it and the sum after it are both right; where
        nothing was decided, nobody knows better."""
        every = [amount for _month, amount in self.decided]
        before = [amount for since, amount in self.decided if since < month]
        by_now = [amount for since, amount in self.decided if since <= month]
        right = {*before[-1:], *by_now[-1:]} or set(every[:1])
        return not right | self.grants or sum_paid in right | self.grants

    @property
    def sum_text(self) -> str:
        last = [amount for _month, amount in self.decided][-1:]
        return "或".join(yuan(amount) for amount in (*last, *sorted(self.grants)))


def warning(line: Line, standing: Standing) -> str:
    """A sentence where the bank paid something else than was decided; else empty."""
    base = line.amount - line.subsidy
    if standing.is_right(base, line.month):
        return ""
    return f"决定发{standing.sum_text}元，文件里除去补贴是{yuan(base)}元。"


def standings(session: Session, files: Sequence[Application]) -> dict[UUID, Standing]:
    """{application: what is known of it}, for every one of them."""
    found = {file.id: Standing() for file in files}
    by_id = {file.id: file for file in files}
    wanted = CaseEvent.kind.in_((*_MONTHLY, *_ONCE)) | (CaseEvent.after == Status.STOPPED)
    rows = select(CaseEvent).where(CaseEvent.application_id.in_(by_id), wanted)
    for event in session.scalars(rows.order_by(CaseEvent.application_id, CaseEvent.seq)):
        _take(session, by_id[event.application_id], event, found[event.application_id])
    given = (
        select(AidGrant.application_id, AidGrant.amount, AidInstalment.amount)
        .outerjoin(AidInstalment, AidInstalment.grant_id == AidGrant.id)
        .where(AidGrant.application_id.in_(by_id))
        .where(or_(AidInstalment.dropped.is_(None), AidInstalment.id.is_(None)))
    )
    for file_id, whole, part in session.execute(given):
        found[file_id].grants |= {whole, part or whole}
    return found


def _take(session: Session, file: Application, event: CaseEvent, standing: Standing) -> None:
    month = local_date(event.at).isoformat()[:7]
    if event.after == Status.STOPPED:
        standing.stopped = month
        return
    amount = events.said(session, file, event).get("amount")
    if not isinstance(amount, int):
        return
    if event.kind in _ONCE:
        standing.grants.add(amount)
    else:
        standing.decided.append((month, amount))
