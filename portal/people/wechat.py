"""WeChat and accounts: who an openid is, binding it, letting it go.

The openid comes from WeChat's answer to a code, never from a client, and is told to none.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.contact import inbox
from portal.contact.messages import queue_text
from portal.foundation import audit, rates, vault
from portal.foundation.errors import Conflict
from portal.people import choices, sign_in
from portal.people.tables import Account
from portal.people.wechat_tables import WechatBinding, WechatQuota

_TRIES_PER_HOUR = 600
"""For a network: a whole village may share one."""


def count_try(session: Session, network: str, *, now: datetime) -> None:
    """One code shown by this network. Raises TooOften (kept) past 600 an hour."""
    digest = vault.blind_index(session, "network", network).hex()[:40]
    rates.count(session, f"wechat:{digest}", most=_TRIES_PER_HOUR, per=timedelta(hours=1), now=now)


def account_of(session: Session, openid: str) -> Account | None:
    """Whose WeChat this is; None for nobody's yet."""
    index = _index(session, openid)
    rows = select(Account).join(WechatBinding, WechatBinding.account_id == Account.id)
    return session.scalars(rows.where(WechatBinding.openid_index == index)).first()


def is_bound(session: Session, account: Account) -> bool:
    return session.get(WechatBinding, account.id) is not None


def openid_of(session: Session, account: Account) -> str:
    """ "" where no WeChat is bound, or the account was erased."""
    row = session.get(WechatBinding, account.id)
    if row is None:
        return ""
    try:
        return vault.unseal_text(session, account.key_id, row.openid_sealed, place=_place(account))
    except vault.Unreadable:
        return ""


def open_account(session: Session, openid: str, *, now: datetime) -> Account:
    """The account of this WeChat: the one there is, or a new one that has no number yet.

    An openid is never given to somebody else, so WeChat asks for no further proof: where the
    number is in doubt because somebody else may hold it, the account lets the number go.
    """
    found = account_of(session, openid)
    if found is None:
        with suppress(IntegrityError, Conflict), session.begin_nested():
            bind(session, sign_in.open_without_number(session, now=now), openid, now=now)
        found = account_of(session, openid)
    assert found is not None  # noqa: S101 - ours, or that of who was faster
    if found.proved_at is None:
        sign_in.settle_doubt(session, found, now=now)
    found.last_seen_at = now
    return found


def bind(session: Session, account: Account, openid: str, *, now: datetime) -> None:
    """This WeChat signs in to this account from now on; another one of it no longer does.

    Raises Conflict (wechat_taken) when it signs in to another account that has a number;
    one without a number has to be joined first.
    """
    other = account_of(session, openid)
    if other is not None and other.id != account.id:
        raise Conflict("这个微信连着别的号码。请先在那边解除。", code="wechat_taken")
    if other is not None:
        return
    unbind(session, account, now=now)
    sealed = vault.seal_text(session, account.key_id, openid, place=_place(account))
    session.add(
        WechatBinding(
            account_id=account.id, openid_index=_index(session, openid), openid_sealed=sealed,
            bound_at=now,
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, "bind.wechat", actor=f"applicant:{account.id}", now=now)


def tell_bound(session: Session, account: Account, *, now: datetime) -> None:
    """Whoever holds the number hears that a WeChat now opens the account."""
    inbox.put(session, account.id, "wechat_bound", key_id=account.key_id, now=now)
    if account.phone_sealed is not None:
        queue_text(
            session, key_id=account.key_id, phone=sign_in.phone_of(session, account).value,
            template="wechat_bound", values={}, word=choices.word_of(session, account), now=now,
        )  # fmt: skip


def unbind(session: Session, account: Account, *, now: datetime) -> None:
    """This account's WeChat signs in to it no longer; said again it changes nothing."""
    if not is_bound(session, account):
        return
    for table in (WechatQuota, WechatBinding):
        session.execute(delete(table).where(table.account_id == account.id))
    session.expire_all()
    audit.record(session, "unbind.wechat", actor=f"applicant:{account.id}", now=now)


def let_go(session: Session, account: Account, *, now: datetime) -> None:
    """As the person asks for it. Raises Conflict (phone_needed) where WeChat is the only way in."""
    if is_bound(session, account) and account.phone_sealed is None:
        raise Conflict("先连上手机号，再解除微信。", code="phone_needed")
    unbind(session, account, now=now)


def _index(session: Session, openid: str) -> bytes:
    return vault.blind_index(session, "openid", openid)


def _place(account: Account) -> str:
    return f"wechat_bindings.openid_sealed:{account.id}"
