"""Signing in with a phone: accounts, proof after a long absence, a changed number."""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contact import inbox
from portal.contact.messages import queue_text
from portal.foundation import audit, rates, vault
from portal.foundation.errors import Conflict, Invalid
from portal.people import choices
from portal.people.codes import phone_index, prove_code, prove_codes, request_code
from portal.people.identity import Phone, plain
from portal.people.sessions import end, end_all, issue, rotate
from portal.people.tables import Account

__all__ = [
    "change_phone", "check_new_number", "end", "end_all", "find_account", "give_number", "issue", "needs_proof",
    "open_account", "open_without_number", "phone_of", "prove_code", "prove_codes", "prove_person", "request_code", "rotate", "settle_doubt", "start_afresh",
    "waive_proof",
]  # fmt: skip

IDLE = timedelta(days=180)
_PROOFS_PER_DAY = 5
_DAY = timedelta(days=1)


def find_account(session: Session, phone: str) -> Account | None:
    index = phone_index(session, Phone.parse(phone))
    return session.scalars(select(Account).where(Account.phone_index == index)).first()


def open_account(session: Session, phone: str, *, now: datetime) -> Account:
    """The account of this number: the one there is, or a new one with a data key of its own.

    Call only after `prove_code`. Notes a long absence before ending it: see `needs_proof`. A
    number that only WeChat's button named may be this person's or the one's before: it asks for
    the same proof, and whoever is signed in signs in again.
    """
    found = find_account(session, phone)
    if found is None:
        return _new_account(session, Phone.parse(phone), now=now)
    if found.phone_by_button:
        end_all(session, account=found, now=now)
    if found.phone_by_button or needs_proof(found, now):
        found.proved_at = None
    found.last_seen_at = now
    return found


def open_without_number(session: Session, *, now: datetime) -> Account:
    """A new account of somebody known otherwise than by a number."""
    return _new_account(session, None, now=now)


def give_number(session: Session, account: Account, phone: str, *, now: datetime) -> None:
    """The first number of an account that has none, as WeChat names it; nobody else has it."""
    _give_number(session, account, Phone.parse(phone))
    account.phone_by_button = True
    session.flush()
    audit.record(session, "give.phone", actor=f"applicant:{account.id}", now=now)


def needs_proof(account: Account, now: datetime) -> bool:
    """Whether the number may have gone to somebody else: unused for 180 days, not proved since.

    Until then nothing of the account's files may be shown.
    """
    return account.proved_at is None or now - account.last_seen_at > IDLE


def prove_person(
    session: Session, account: Account, last_six: str, known: Iterable[str], *, now: datetime
) -> None:
    """Open the account again with the last six of an identity number in an own application.

    `known` are those identity numbers. Raises Invalid (wrong_proof), TooOften after five
    tries in a day; both are kept although refused.
    """
    bucket = f"proof:{account.id}"
    rates.count(session, bucket, most=_PROOFS_PER_DAY, per=_DAY, now=now)
    typed = plain(last_six).upper().encode()
    right = [hmac.compare_digest(number[-6:].encode(), typed) for number in known]
    if not any(right) or len(typed) != 6:
        fields = {"last_six": ["这六位和申请里的不一样。"]}
        raise Invalid("证件后六位不对。请再看一遍。", code="wrong_proof", fields=fields, keeps=True)
    waive_proof(account, now=now)
    audit.record(session, "prove.account", actor=f"applicant:{account.id}", now=now)


def waive_proof(account: Account, *, now: datetime) -> None:
    """For an account without any file: it has nothing to protect."""
    account.proved_at = account.last_seen_at = now
    account.phone_by_button = False


def settle_doubt(session: Session, account: Account, *, now: datetime) -> None:
    """The owner came by another way than the number, which somebody else may have by now: the
    number opens the account no longer, nor does what was signed in with it."""
    _take_number(account)
    end_all(session, account=account, now=now)
    waive_proof(account, now=now)
    audit.record(session, "let_go.phone", actor=f"applicant:{account.id}", now=now)


def start_afresh(session: Session, account: Account, *, now: datetime) -> Account:
    """The number's new holder gets an empty account; the old one stays, without a number.

    Its owner comes back at the window. Raises Conflict when the account needs no proof.
    """
    if not needs_proof(account, now) or account.phone_index is None:
        raise Conflict("这个账户不需要重新开始。")
    phone = phone_of(session, account)
    _take_number(account)
    end_all(session, account=account, now=now)
    session.flush()
    return _new_account(session, phone, now=now)


def check_new_number(session: Session, account: Account, phone: str) -> None:
    """Before any code is sent. Raises Invalid for a number that is none, or the one there is."""
    new = Phone.parse(phone)
    if account.phone_sealed is not None and phone_of(session, account) == new:
        message = "新号码和原来的一样。"
        raise Invalid(message, code="same_phone", fields={"phone": [message]})


def change_phone(session: Session, account: Account, phone: str, *, now: datetime) -> None:
    """Move the account to another number, after both were proved; signs out everywhere.

    The old number is told. Raises Conflict when it is the number already, or when another
    account in use has it: a person with two accounts signs in to each.
    """
    new, old = Phone.parse(phone), None
    if account.phone_sealed is not None:
        old = phone_of(session, account)
    if new == old:
        raise Conflict("新号码和原来的一样。", code="same_phone")
    _free_number(session, new, now=now)
    _give_number(session, account, new)
    end_all(session, account=account, now=now)
    if old is not None:
        _tell_old_number(session, account, old, now=now)
    audit.record(session, "change.phone", actor=f"applicant:{account.id}", now=now)


def phone_of(session: Session, account: Account) -> Phone:
    """The number of an account that has one."""
    assert account.phone_sealed is not None  # noqa: S101
    place = f"accounts.phone_sealed:{account.id}"
    return Phone(vault.unseal_text(session, account.key_id, account.phone_sealed, place=place))


def _free_number(session: Session, phone: Phone, *, now: datetime) -> None:
    other = find_account(session, phone.value)
    if other is None:
        return
    if not needs_proof(other, now):
        raise Conflict("这个号码已有账户。请直接用它登录。", code="phone_taken")
    _take_number(other)
    end_all(session, account=other, now=now)


def _tell_old_number(session: Session, account: Account, old: Phone, *, now: datetime) -> None:
    key_id = account.key_id
    queue_text(
        session, key_id=key_id, phone=old.value, template="phone_changed", values={},
        word=choices.word_of(session, account), now=now,
    )  # fmt: skip
    inbox.put(session, account.id, "phone_changed", key_id=key_id, now=now)


def _new_account(session: Session, phone: Phone | None, *, now: datetime) -> Account:
    account = Account(
        id=uuid4(),
        key_id=vault.new_key(session, "person", now=now),
        session_version=1,
        created_at=now,
        last_seen_at=now,
        proved_at=now,
    )
    if phone is not None:
        _give_number(session, account, phone)
    session.add(account)
    session.flush()
    audit.record(session, "open.account", actor=f"applicant:{account.id}", now=now)
    return account


def _give_number(session: Session, account: Account, phone: Phone) -> None:
    place = f"accounts.phone_sealed:{account.id}"
    account.phone_index = phone_index(session, phone)
    account.phone_sealed = vault.seal_text(session, account.key_id, phone.value, place=place)
    account.phone_by_button = False


def _take_number(account: Account) -> None:
    account.phone_index = account.phone_sealed = None
    account.phone_by_button = False
