"""One line a payment, and the bank's file it came with."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class PaymentFile(Base):
    """发放回盘文件: one file of the bank, taken in whole or not at all; the same bytes once."""

    __tablename__ = "payment_files"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    lines: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(BigInteger)
    """分, of what was paid; what the bank could not pay is no part of it."""
    imported_by: Mapped[str] = mapped_column(String(80))
    imported_at: Mapped[datetime]


class Payment(Base):
    """发放记录: 分 for one month; `subsidy` 价格临时补贴 is within `amount`."""

    __tablename__ = "payments"
    __table_args__ = (UniqueConstraint("application_id", "month", "file_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("payment_files.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    month: Mapped[str] = mapped_column(String(7))
    """2026-12."""
    amount: Mapped[int] = mapped_column(BigInteger)
    subsidy: Mapped[int] = mapped_column(BigInteger, default=0)
    paid_on: Mapped[date]
    failed: Mapped[bool]
    """The bank could not pay it; it is tried again with another file."""
    why: Mapped[str] = mapped_column(String(60), default="")
