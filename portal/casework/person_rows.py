"""What belongs to a person beside the applications: the account, the household, the ways to it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.casework.file_rows import Removed
from portal.contact.messages import MESSAGE_KEY
from portal.contact.tables import ContactChoice, InboxMessage, TextMessage
from portal.foundation import vault
from portal.foundation.idempotency import IdempotencyRecord
from portal.people import consents, households, mandates, sign_in, wechat
from portal.people.appointment_tables import (
    Appointment,
    KnownDevice,
    RosterHousehold,
    RosterVisit,
    SecondFactor,
)
from portal.people.mandate_tables import Mandate
from portal.people.pass_tables import PassCode
from portal.people.tables import Account, Household, PhoneCode, PhoneGuard, RefreshToken
from portal.people.wechat_tables import WechatBinding, WechatQuota

Which = tuple[Any, ColumnElement[bool]]
"""A table and which of its rows."""
BY_ACCOUNT: tuple[InstrumentedAttribute[Any], ...] = (
    KnownDevice.account_id, SecondFactor.account_id, ContactChoice.account_id,
    InboxMessage.account_id, TextMessage.account_id, WechatQuota.account_id,
    WechatBinding.account_id, PassCode.made_by, PassCode.taken_by, RefreshToken.account_id,
)  # fmt: skip
"""Rows that are the account's own; they go whole."""
STAY = {
    "Account.id": "a bare row: the audit record names it",
    "Application.account_id": "what stays of a file is judged by itself; the rest is a bare row",
    "Consent.account_id": "that it was lawful; no word of the person in it",
    "Household.account_id": "a bare row", "Household.created_by": "a bare row's number",
    "Mandate.helper_account_id": "another household's paper: it says who acted for them",
    "RosterVisit.account_id": "the village's; who of the village was there",
    "Complaint.account_id": "taken off in erasing.py once it was answered",
    "Appointment.account_id": "removed below with its own key, once it is over",
}  # fmt: skip
"""The other columns that say whose something is, and why the row stays."""


def remove_account(session: Session, account: Account, *, now: datetime) -> Removed:
    """Number, WeChat, messages, devices, sign-ins: gone; nobody signs in to it again."""
    sign_in.end_all(session, account=account, now=now)
    wechat.unbind(session, account, now=now)
    consents.withdraw(session, account, consents.KINDS, now=now)
    for mandate in mandates.of_helper(session, account):
        mandates.revoke(session, mandate, actor="portal", now=now)
    session.flush()
    keys = _message_keys(session, TextMessage.account_id == account.id)
    keys |= set(_end_appointments(session, account))
    said_by = IdempotencyRecord.actor
    which: list[Which] = [(column.class_, column == account.id) for column in BY_ACCOUNT]
    which += [
        (TextMessage, TextMessage.key_id == account.key_id),
        (IdempotencyRecord, said_by == f"applicant:{account.id}"),
        (IdempotencyRecord, said_by.startswith(f"helper:{account.id}/")),
    ]
    if account.phone_index is not None:
        index = account.phone_index
        quiet = (PhoneGuard.failures == 0) & PhoneGuard.closed_until.is_(None)
        which += [
            (PhoneCode, PhoneCode.phone_index == index),
            (PhoneGuard, (PhoneGuard.phone_index == index) & quiet),
        ]
        named = update(Mandate).where(Mandate.helper_index == index)
        session.execute(named.values(helper_index=None, revoked_at=now, revoked_by="portal"))
    rows = _delete(session, which)
    account.phone_index = account.phone_sealed = None
    account.phone_by_button = False
    session.flush()
    return Removed(rows, frozenset(), frozenset(keys))


def remove_household(session: Session, home: Household, *, now: datetime) -> Removed:
    """Facts, mandates' words, the way to it from the village's roster. The caller destroys
    its key."""
    blobs = set()
    for mandate in mandates.of_household(session, home.id):
        mandates.revoke(session, mandate, actor="portal", now=now)
        blobs |= {mandate.audio_blob} - {None}
        mandate.strokes_sealed = mandate.audio_blob = None
        mandate.person_index = mandate.helper_index = None
    session.flush()
    home.facts_sealed, home.region_code, home.changed_at = b"", None, now
    listed = select(RosterHousehold.id).where(RosterHousehold.household_id == home.id)
    which: list[Which] = [
        (RosterVisit, RosterVisit.roster_household_id.in_(listed)),
        (RosterHousehold, RosterHousehold.household_id == home.id),
        (PassCode, PassCode.household_id == home.id),
    ]
    rows = _delete(session, which)
    return Removed(rows, frozenset(str(name) for name in blobs), frozenset())


def empty_household(session: Session, home: Household, *, now: datetime) -> None:
    """It goes on belonging to a file that stays; what it kept to be asked again is forgotten."""
    known = households.facts(session, home)
    nothing = {key: replace(fact, value=None) for key, fact in known.items()}
    households.learn(session, home, nothing, actor="portal", now=now)
    for mandate in mandates.of_household(session, home.id):
        mandates.revoke(session, mandate, actor="portal", now=now)


def _end_appointments(session: Session, account: Account) -> Iterable[Any]:
    """Those that are over: name and number of an assistant that was."""
    for one in session.scalars(select(Appointment).where(Appointment.account_id == account.id)):
        yield one.key_id
        session.delete(one)
    session.flush()


def _message_keys(session: Session, where: ColumnElement[bool]) -> set[Any]:
    rows = select(TextMessage.key_id).where(where)
    own = vault.DataKey.purpose == MESSAGE_KEY
    found = select(vault.DataKey.id).where(vault.DataKey.id.in_(rows), own)
    return set(session.scalars(found))


def _delete(session: Session, which: Iterable[Which]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for model, where in which:
        done = session.execute(delete(model).where(where))
        name = model.__tablename__
        rows[name] = rows.get(name, 0) + done.rowcount  # type: ignore[attr-defined]
    session.expire_all()
    return {name: count for name, count in rows.items() if count}
