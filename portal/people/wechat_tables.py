"""Whose WeChat is whose, and how many subscription messages each person has allowed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class WechatBinding(Base):
    """微信绑定: an account and its openid, sealed; looked up by its blind index."""

    __tablename__ = "wechat_bindings"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    openid_index: Mapped[bytes] = mapped_column(unique=True)
    openid_sealed: Mapped[bytes]
    bound_at: Mapped[datetime]


class WechatQuota(Base):
    """订阅额度: one acceptance is one message; `left` of them for this moment."""

    __tablename__ = "wechat_quotas"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    moment: Mapped[str] = mapped_column(String(16), primary_key=True)
    left: Mapped[int] = mapped_column(Integer, default=0)
    answered: Mapped[str] = mapped_column(String(8))
    """accept · reject · ban · filter, as the phone said last."""
    changed_at: Mapped[datetime]
