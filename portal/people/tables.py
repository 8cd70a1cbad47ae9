"""Accounts of residents, their households, staff of the offices, sign-in codes and tokens."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Account(Base):
    """账户: a resident's. The number is sealed; looked up by its blind index."""

    __tablename__ = "accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    phone_index: Mapped[bytes | None] = mapped_column(unique=True)
    phone_sealed: Mapped[bytes | None]
    phone_by_button: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """WeChat named the number, and no code by text has proved it yet."""
    session_version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    """When the person last proved more than the phone; None or old: files stay closed."""


class Household(Base):
    """家庭: one family's file. What several programs ask is kept once, under its own key.

    `facts_sealed` opens to a list of [field, value, question, at, source]. `account_id` is the
    owner's; None for a person without a phone. `region_code` only where no answer says it.
    """

    __tablename__ = "households"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_by: Mapped[UUID | None]
    """The account that began it: the owner's or a helper's; None where an office did."""
    region_code: Mapped[str | None] = mapped_column(String(12))
    facts_sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Consent(Base):
    """同意: one line a text and version; withdrawn, never deleted."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_account_id_kind", "account_id", "kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(32))
    text_version: Mapped[str] = mapped_column(String(16))
    text_digest: Mapped[bytes]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class PhoneCode(Base):
    """验证码: six digits sent to a phone, kept as a keyed digest."""

    __tablename__ = "phone_codes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    phone_index: Mapped[bytes] = mapped_column(index=True)
    purpose: Mapped[str] = mapped_column(String(80))
    digest: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer, default=0)
    used_at: Mapped[datetime | None]


class PhoneGuard(Base):
    """号码保护: wrong codes in a row for one number; ten close its way by text for a day."""

    __tablename__ = "phone_guards"

    phone_index: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    closed_until: Mapped[datetime | None]


class RefreshToken(Base):
    """刷新令牌, hashed. All tokens of one sign-in are a family; reuse ends the family."""

    __tablename__ = "refresh_tokens"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"), index=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Staff(Base):
    """工作人员: one person, a role or more, one division."""

    __tablename__ = "staff"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(32))
    also: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Further roles of the same person, with commas between them."""
    region_code: Mapped[str] = mapped_column(String(12))
    phone_sealed: Mapped[bytes | None]
    """Where alerts and the daily digest go; None: only to the desk."""
    password_hash: Mapped[str]
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    totp_sealed: Mapped[bytes]
    totp_last_step: Mapped[int] = mapped_column(Integer, default=0)
    session_version: Mapped[int] = mapped_column(Integer, default=1)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]
