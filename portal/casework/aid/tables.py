"""What is given before papers are asked for, and the cash box it comes from."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class PettyFund(Base):
    """备用金: one township's. `balance` 分 and `last_seq` are those of its last line."""

    __tablename__ = "petty_funds"
    __table_args__ = (CheckConstraint("balance >= 0", name="ck_petty_funds_balance"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region_code: Mapped[str] = mapped_column(String(12), unique=True)
    region_path: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    opened_at: Mapped[datetime]


class PettyFundLine(Base):
    """备用金账目: one line, never changed; `amount` 分, in above zero, out below.

    `balance` is what lies in the box after it; a mistake is undone by one line of the
    opposite amount that names it (`corrects_id`).
    """

    __tablename__ = "petty_fund_lines"
    __table_args__ = (
        UniqueConstraint("fund_id", "seq"),
        UniqueConstraint("corrects_id"),
        UniqueConstraint("request_id"),
        CheckConstraint("balance >= 0", name="ck_petty_fund_lines_balance"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("petty_funds.id"))
    seq: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    """opening · top_up · difference · payment · counter."""
    amount: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("applications.id"), index=True)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("petty_fund_lines.id"))
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("petty_fund_requests.id"))
    said_sealed: Mapped[bytes]
    """A JSON object: why, to whom, who saw it; under the application's key, else the fund's."""
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class PettyFundRequest(Base):
    """备用金申请: money for the box, asked for by the township, confirmed by the county."""

    __tablename__ = "petty_fund_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("petty_funds.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """opening · top_up · difference (a counted difference taken into the book)."""
    amount: Mapped[int] = mapped_column(BigInteger)
    reason_sealed: Mapped[bytes]
    requested_by: Mapped[str] = mapped_column(String(80))
    requested_at: Mapped[datetime]
    granted: Mapped[bool | None]
    answer_sealed: Mapped[bytes | None]
    answered_by: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[datetime | None]


class PettyFundClosing(Base):
    """备用金月结: what the book said up to a line, what was counted, and why they differ."""

    __tablename__ = "petty_fund_closings"
    __table_args__ = (UniqueConstraint("fund_id", "month"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("petty_funds.id"))
    month: Mapped[str] = mapped_column(String(7))
    last_seq: Mapped[int] = mapped_column(Integer)
    book: Mapped[int] = mapped_column(BigInteger)
    counted: Mapped[int] = mapped_column(BigInteger)
    said_sealed: Mapped[bytes]
    """A JSON object: counted_with, explanation."""
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class AidGrant(Base):
    """救助金额: one decision to give, in money or goods, at once or in parts."""

    __tablename__ = "aid_grants"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    basis: Mapped[str] = mapped_column(String(16))
    """small 小额快救 · township 先行救助 · county 县级 · conference 一事一议."""
    conference_id: Mapped[UUID | None] = mapped_column(ForeignKey("aid_conferences.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    said_sealed: Mapped[bytes]
    """A JSON object: person, cause, handling, ceiling, document."""
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class AidInstalment(Base):
    """发放安排: one part of what is given; `paid_at` when the person has it."""

    __tablename__ = "aid_instalments"
    __table_args__ = (UniqueConstraint("grant_id", "no"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("aid_grants.id"))
    no: Mapped[int] = mapped_column(Integer)
    amount: Mapped[int] = mapped_column(BigInteger)
    form: Mapped[str] = mapped_column(String(16))
    """cash · transfer · goods · service (said.AIDED_HOW)."""
    due_on: Mapped[date | None]
    paid_at: Mapped[datetime | None]
    paid_by: Mapped[str | None] = mapped_column(String(80))
    dropped: Mapped[str | None] = mapped_column(String(16))
    """death · declined: the only two reasons for which a part is not given any more."""
    line_id: Mapped[UUID | None] = mapped_column(ForeignKey("petty_fund_lines.id"))
    said_sealed: Mapped[bytes | None]
    """A JSON object: what, to, witness."""


class AidPaper(Base):
    """后补手续: one thing to be put on file after the aid; lacking it takes nothing back."""

    __tablename__ = "aid_papers"
    __table_args__ = (UniqueConstraint("application_id", "item"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    item: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    """open · done · cannot."""
    said_sealed: Mapped[bytes | None]
    actor: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[datetime | None]


class AidConference(Base):
    """一事一议: several offices talk one case over; the minutes stay on file."""

    __tablename__ = "aid_conferences"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    reason_sealed: Mapped[bytes]
    requested_by: Mapped[str] = mapped_column(String(80))
    requested_at: Mapped[datetime]
    held_on: Mapped[date | None]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    """What it agreed to give, 分; None before it was held, 0 when it found another way."""
    minutes_sealed: Mapped[bytes | None]
    """A JSON object: people, words."""
    recorded_by: Mapped[str | None] = mapped_column(String(80))
    recorded_at: Mapped[datetime | None]
