"""What is kept of WeChat itself: the token all processes share, what it pushed, codes for print."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class WechatToken(Base):
    """微信接口令牌: one for all processes; whoever renews it says until when."""

    __tablename__ = "wechat_tokens"

    app_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key_id: Mapped[UUID]
    sealed: Mapped[bytes | None]
    expires_at: Mapped[datetime | None]
    renewing_until: Mapped[datetime | None]


class WechatPush(Base):
    """微信推送: the digest of what was pushed, so that a repeat changes nothing."""

    __tablename__ = "wechat_pushes"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class WechatCode(Base):
    """小程序码、链接: made once for a place, kept; a link runs out, a code never."""

    __tablename__ = "wechat_codes"

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    """code (a picture) · link (an address)."""
    scene: Mapped[str] = mapped_column(String(64), primary_key=True)
    made: Mapped[bytes]
    expires_at: Mapped[datetime | None]
