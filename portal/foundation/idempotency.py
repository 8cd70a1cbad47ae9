"""Idempotency keys: the same POST twice has one effect and one answer.

Kept for the life of what was made; scope is (actor, route).
"""

import json
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Integer, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.foundation import retention, vault
from portal.foundation.crash import crash_point
from portal.foundation.database import Base
from portal.foundation.errors import Conflict, Invalid


class IdempotencyRecord(Base):
    """幂等键. `answer` is what was said the first time, sealed by the caller."""

    __tablename__ = "idempotency_records"

    actor: Mapped[str] = mapped_column(String(80), primary_key=True)
    route: Mapped[str] = mapped_column(String(160), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    request_digest: Mapped[bytes]
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[bytes | None]
    key_id: Mapped[UUID | None]
    application_id: Mapped[UUID | None] = mapped_column(index=True)
    created_at: Mapped[datetime]


def claim(
    session: Session, key: str, *, actor: str, route: str, request: bytes, now: datetime
) -> IdempotencyRecord | None:
    """None the first time (and the key is now ours); the record of the first answer later.

    Raises Invalid when the key was used for another request, Conflict when the first
    request is still running.
    """
    digest = sha256(request).digest()
    found = session.scalars(
        select(IdempotencyRecord).where(
            IdempotencyRecord.actor == actor,
            IdempotencyRecord.route == route,
            IdempotencyRecord.key == key,
        )
    ).first()
    if found is not None:
        if found.request_digest != digest:
            raise Invalid("这次提交和上次内容不同，请刷新后重试。", code="idem_mismatch")
        return found
    session.add(
        IdempotencyRecord(
            actor=actor, route=route, key=key, request_digest=digest, status=0, created_at=now
        )
    )
    try:
        session.flush()
    except IntegrityError as fault:
        raise Conflict(
            "正在处理上一次提交，请稍等。", code="idem_running", retry_after=2
        ) from fault
    crash_point("S2")
    return None


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop old keys that belong to no application; the others stay as long as it does."""
    old = IdempotencyRecord.created_at < now - retention.period("repeats")
    session.execute(
        delete(IdempotencyRecord).where(IdempotencyRecord.application_id.is_(None), old)
    )


def place(*, actor: str, route: str, key: str) -> str:
    """Where a remembered answer is sealed to."""
    return "idempotency_records.answer:" + json.dumps([actor, route, key])


def hand_over(session: Session, before: str, after: str) -> None:
    """What one actor has said is the other's: a repeat still finds its first answer."""
    rows = session.scalars(select(IdempotencyRecord).where(IdempotencyRecord.actor == before))
    for row in rows.all():
        if session.get(IdempotencyRecord, (after, row.route, row.key)) is not None:
            continue
        with suppress(vault.Unreadable):  # erased: there is nothing to repeat
            _reseal(session, row, after)
            row.actor = after
    session.flush()


def _reseal(session: Session, row: IdempotencyRecord, after: str) -> None:
    if row.answer is not None and row.key_id is not None:
        old, new = (place(actor=a, route=row.route, key=row.key) for a in (row.actor, after))
        plain = vault.unseal(session, row.key_id, row.answer, place=old)
        row.answer = vault.seal(session, row.key_id, plain, place=new)


def answered(
    session: Session,
    key: str,
    *,
    actor: str,
    route: str,
    status: int,
    answer: bytes,
    key_id: UUID | None = None,
    application_id: UUID | None = None,
) -> None:
    """Remember the first answer; in the same transaction as its effect."""
    row = session.get_one(IdempotencyRecord, (actor, route, key))
    row.status, row.answer, row.key_id, row.application_id = status, answer, key_id, application_id
