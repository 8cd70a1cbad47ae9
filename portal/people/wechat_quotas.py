"""How many subscription messages a person has allowed: one acceptance is one message."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.people.tables import Account
from portal.people.wechat_tables import WechatBinding, WechatQuota

ACCEPT = "accept"
ANSWERS = (ACCEPT, "reject", "ban", "filter")
_MOST = 20
"""What a phone may claim at most; WeChat keeps the true count."""

Quota = tuple[str, int, str]
"""Moment, how many are left, what was answered last."""


def note(session: Session, account: Account, answers: Mapping[str, str], *, now: datetime) -> None:
    """What the phone said, by moment."""
    for moment, answer in answers.items():
        row = _row(session, account.id, moment, now=now)
        row.answered, row.changed_at = answer, now
        if answer == ACCEPT:
            row.left = min(row.left + 1, _MOST)
    session.flush()


def of(session: Session, account: Account) -> list[Quota]:
    rows = select(WechatQuota).where(WechatQuota.account_id == account.id)
    return [(row.moment, row.left, row.answered) for row in session.scalars(rows)]


def put(session: Session, account: Account, quotas: Sequence[Quota], *, now: datetime) -> None:
    """These, and no others."""
    for moment, left, answered in quotas:
        row = _row(session, account.id, moment, now=now)
        row.left, row.answered = left, answered
    session.flush()


def has(session: Session, account_id: UUID, moment: str) -> bool:
    """Whether a message of this moment may go to this person's WeChat."""
    row = session.get(WechatQuota, (account_id, moment))
    bound = session.get(WechatBinding, account_id)
    return row is not None and row.left > 0 and bound is not None


def spend(session: Session, account_id: UUID, moment: str) -> bool:
    """Use one up, before it is sent; False where none is left."""
    row = session.get(WechatQuota, (account_id, moment), with_for_update=True)
    if row is None or row.left <= 0:
        return False
    row.left -= 1
    session.flush()
    return True


def give_back(session: Session, account_id: UUID, moment: str) -> None:
    """It was not sent after all."""
    row = session.get(WechatQuota, (account_id, moment), with_for_update=True)
    if row is not None:
        row.left += 1
        session.flush()


def close(session: Session, account_id: UUID, moment: str, *, answered: str, now: datetime) -> None:
    """WeChat says that none is left, or the person has switched them off."""
    row = _row(session, account_id, moment, now=now)
    row.left, row.answered, row.changed_at = 0, answered, now
    session.flush()


def _row(session: Session, account_id: UUID, moment: str, *, now: datetime) -> WechatQuota:
    """The row, locked; two first answers at the same moment still make one."""
    key = (account_id, moment)
    if session.get(WechatQuota, key, with_for_update=True) is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(
                WechatQuota(
                    account_id=account_id, moment=moment, left=0, answered="", changed_at=now
                )
            )
    return session.get_one(WechatQuota, key, with_for_update=True)
