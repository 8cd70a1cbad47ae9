"""One person is one account: what was begun with WeChat alone goes over to the number's account."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.casework.talk.tables import Complaint
from portal.contact.tables import ContactChoice, InboxMessage, TextMessage
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import audit, idempotency
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict
from portal.people import appointments, choices, mandates, sign_in, wechat, wechat_quotas
from portal.people.identity import Phone
from portal.people.mandate_tables import Mandate
from portal.people.pass_tables import PassCode
from portal.people.tables import Account, Consent, Household

MOVED: tuple[InstrumentedAttribute[Any], ...] = (
    Application.account_id, Household.account_id, Household.created_by, Consent.account_id,
    Mandate.helper_account_id, InboxMessage.account_id, TextMessage.account_id,
    Complaint.account_id, PassCode.made_by, PassCode.taken_by,
)  # fmt: skip
"""Every column that says whose something is; what else there is, `join` treats by itself."""
_JOINED = "join.accounts"


def take_phone(
    session: Session, account: Account, number: str, *, now: datetime
) -> tuple[Account, bool]:
    """WeChat says this is the person's number: the account of both, and whether two were joined.

    WeChat may have checked the number long ago, and numbers are given to others: where the
    number's account holds anything, or a village's roster waits for it, it opens only to a code
    by text. Raises Conflict (sms_code_needed, phone_set), Invalid.
    """
    phone = Phone.parse(number)
    if account.phone_sealed is not None and sign_in.phone_of(session, account) != phone:
        raise Conflict("这里已有手机号。要换，请到我的信息里换。", code="phone_set")
    if appointments.waits(session, phone, now=now):
        raise Conflict("这个号码是协理员的。请用短信验证码登录。", code="sms_code_needed")
    if account.phone_sealed is not None:
        return account, False
    other = sign_in.find_account(session, phone.value)
    if other is None:
        sign_in.give_number(session, account, phone.value, now=now)
        mandates.take_up(session, account, now=now)
        return account, False
    if _holds_something(session, other):
        raise Conflict("这个号码办过事。请用短信验证码登录。", code="sms_code_needed")
    sign_in.waive_proof(other, now=now)
    join(session, account, into=other, now=now)
    return other, True


def bind(session: Session, account: Account, openid: str, *, now: datetime) -> bool:
    """This WeChat opens the account from now on; whether another account was joined to it.

    What the WeChat had begun without a number comes along. Raises Conflict (wechat_taken).
    """
    other = wechat.account_of(session, openid)
    if other is not None and other.id == account.id:
        return False
    joined = other is not None and other.phone_sealed is None
    if joined:
        assert other is not None  # noqa: S101 - for the types
        join(session, other, into=account, now=now)
    else:
        wechat.bind(session, account, openid, now=now)
    wechat.tell_bound(session, account, now=now)
    return joined


def join(session: Session, gone: Account, *, into: Account, now: datetime) -> None:
    """Everything of `gone` belongs to `into`, its WeChat too; nothing is left out or doubled.

    `gone` stays as an empty row that nothing opens: the audit record names it.
    """
    openid = wechat.openid_of(session, gone)
    quotas = wechat_quotas.of(session, gone)
    sign_in.end_all(session, account=gone, now=now)
    wechat.unbind(session, gone, now=now)
    moved = {str(column): _move(session, column, gone, into) for column in MOVED}
    _keep_choices(session, gone, into, now=now)
    idempotency.hand_over(session, f"applicant:{gone.id}", f"applicant:{into.id}")
    if openid:
        wechat.bind(session, into, openid, now=now)
        wechat_quotas.put(session, into, quotas, now=now)
    session.flush()
    session.expire_all()
    detail = {"from": str(gone.id), "moved": {name: n for name, n in moved.items() if n}}
    audit.record(
        session, _JOINED, actor=f"applicant:{into.id}", subject=into.id, detail=detail, now=now
    )


def joined_into(session: Session, account_id: UUID) -> Iterator[UUID]:
    """Every account that has become this one, also by way of another."""
    rows = select(AuditEntry.detail).where(
        AuditEntry.subject == account_id, AuditEntry.action == _JOINED
    )
    for detail in session.scalars(rows).all():
        gone = UUID(json.loads(detail)["from"])
        yield gone
        yield from joined_into(session, gone)


def _move(
    session: Session, column: InstrumentedAttribute[Any], gone: Account, into: Account
) -> int:
    rows = update(column.class_).where(column == gone.id).values({column.key: into.id})
    done = session.execute(rows.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount


def _keep_choices(session: Session, gone: Account, into: Account, *, now: datetime) -> None:
    """What the account that stays has chosen itself counts; else what the other one had."""
    row = session.get(ContactChoice, gone.id)
    if row is None:
        return
    if session.get(ContactChoice, into.id) is None:
        chosen = choices.of(session, gone)
        second = chosen.second_phone.value if chosen.second_phone else ""
        choices.choose_word(session, into, chosen.word, now=now)
        choices.choose_second(session, into, second, now=now)
        choices.choose_reminders(session, into, chosen.reminders, now=now)
    session.delete(row)
    session.flush()


def _holds_something(session: Session, account: Account) -> bool:
    """A file, a household, somebody it helps or a village's roster: what a stranger must not get
    into."""
    households = select(Household.id).where(Household.account_id == account.id).limit(1)
    return bool(
        applications.mine(session, account.id)
        or session.scalars(households).first()
        or mandates.of_helper(session, account)
        or appointments.of_account(session, account.id)
    )
