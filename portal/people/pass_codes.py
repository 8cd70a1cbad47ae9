"""The code of a hand-over between two phones: eight digits, single-use, fifteen minutes."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.foundation import rates, retention, vault
from portal.foundation.errors import Invalid, NotFound
from portal.people.access import Actor
from portal.people.pass_tables import PassCode
from portal.people.tables import Household

GIVE, ASK = "give", "ask"
STAYS = timedelta(minutes=15)
_KEPT = retention.period("passes")
_TRIES_PER_HOUR, _ALL_TRIES_PER_HOUR = 20, 600
_HOUR = timedelta(hours=1)


def make(
    session: Session, household: Household, way: str, *, mandate_id: UUID | None = None,
    actor: Actor, now: datetime,
) -> tuple[PassCode, str]:  # fmt: skip
    """A new code, kept only as a keyed digest; one shown before for the same stops working."""
    for older in _live(session, household, way, by=actor.id, now=now):
        older.ended_at = now
    code = _unused(session)
    row = PassCode(
        digest=_digest(session, code), way=way, household_id=household.id, made_by=actor.id,
        mandate_id=mandate_id, created_at=now, expires_at=now + STAYS,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, code


def count(session: Session, *, actor: Actor, now: datetime) -> None:
    """One code looked at. Raises TooOften past 20 an hour for an account, 600 for all."""
    rates.count(session, f"pass:{actor.id}", most=_TRIES_PER_HOUR, per=_HOUR, now=now)
    rates.count(session, "pass:all", most=_ALL_TRIES_PER_HOUR, per=_HOUR, now=now)


def typed(session: Session, code: str, *, lock: bool = False, now: datetime) -> PassCode:
    """The row of a code still good. Raises Invalid (wrong_code), the same for unknown, used and
    over; kept although refused, as the count of tries is."""
    digits = "".join(c for c in code if c.isascii() and c.isdigit())
    rows = select(PassCode).where(PassCode.digest == _digest(session, digits))
    row = session.scalars(rows.with_for_update() if lock else rows).first()
    if row is None or row.taken_by is not None or not is_live(row, now=now):
        message = "这个码不对，或过期了。请对方再出示一次。"
        raise Invalid(message, code="wrong_code", fields={"code": [message]}, keeps=True)
    return row


def find(session: Session, pass_id: UUID, *, actor: Actor, lock: bool = False) -> PassCode:
    """For who showed it and who took it. Raises NotFound, the same for unknown and not theirs."""
    row = session.get(PassCode, pass_id, with_for_update=lock or None)
    if row is None or actor.id not in (row.made_by, row.taken_by) or not actor.proved:
        raise NotFound("没有找到这次交接。")
    return row


def is_live(row: PassCode, *, now: datetime) -> bool:
    return row.ended_at is None and now < row.expires_at


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop codes that ended a month ago."""
    session.execute(delete(PassCode).where(PassCode.expires_at < now - _KEPT))


def _live(
    session: Session, household: Household, way: str, *, by: UUID, now: datetime
) -> list[PassCode]:
    rows = select(PassCode).where(
        PassCode.household_id == household.id, PassCode.way == way, PassCode.made_by == by,
        PassCode.ended_at.is_(None), PassCode.expires_at > now,
    )  # fmt: skip
    return list(session.scalars(rows.with_for_update()))


def _unused(session: Session) -> str:
    """Not beginning with 0, so that it is typed as it is read."""
    while True:
        code = str(10**7 + secrets.randbelow(9 * 10**7))
        rows = select(PassCode.id).where(PassCode.digest == _digest(session, code))
        if session.scalars(rows).first() is None:
            return code


def _digest(session: Session, code: str) -> bytes:
    return vault.blind_index(session, "pass_code", code)
