"""没打进去: what the bank could not pay and nobody has paid since."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.casework.payment.tables import Payment, PaymentFile
from portal.filing.tables import Application

MOST = 200


@dataclass(frozen=True)
class Unpaid:
    """`amount` 分; `why` as the bank says it, may be empty."""

    application_id: UUID
    reference_no: str
    month: str
    amount: int
    why: str


def of(session: Session, region_code: str) -> Sequence[Unpaid]:
    """Of one county, each household and month once, the newest month first; MOST and no more."""
    later = aliased(Payment)
    paid_since = (
        select(later.id)
        .where(
            later.application_id == Payment.application_id, later.month == Payment.month,
            later.failed.is_(False),
        )
        .exists()
    )  # fmt: skip
    rows = (
        select(Payment, Application.reference_no)
        .join(PaymentFile, PaymentFile.id == Payment.file_id)
        .join(Application, Application.id == Payment.application_id)
        .where(PaymentFile.region_code == region_code, Payment.failed.is_(True), ~paid_since)
        .order_by(Payment.month.desc(), Application.reference_no, PaymentFile.imported_at.desc())
    )
    found: dict[tuple[UUID, str], Unpaid] = {}
    for one, number in session.execute(rows.limit(2 * MOST)):
        said = Unpaid(one.application_id, number, one.month, one.amount, one.why)
        found.setdefault((one.application_id, one.month), said)
    return list(found.values())[:MOST]
