"""How a person wants to be told: the code word in our texts, a second number, no reminders."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contact.tables import ContactChoice
from portal.contact.templates import MOST_IN_A_WORD
from portal.foundation import audit, vault
from portal.foundation.errors import Invalid
from portal.people.identity import Phone
from portal.people.tables import Account

_WORD = re.compile(rf"[\u4e00-\u9fff\u3400-\u4dbf]{{1,{MOST_IN_A_WORD}}}")


@dataclass(frozen=True)
class Choices:
    """`word` "" while none was chosen; `asked` once the choice was shown and answered."""

    word: str = ""
    second_phone: Phone | None = None
    reminders: bool = True
    asked: bool = False


def of(session: Session, account: Account) -> Choices:
    row = session.get(ContactChoice, account.id)
    if row is None:
        return Choices()
    second = _opened(session, account, "second_phone", row.second_phone_sealed)
    return Choices(
        word=_opened(session, account, "word", row.word_sealed),
        second_phone=Phone(second) if second else None,
        reminders=not row.reminders_off,
        asked=row.asked_at is not None,
    )


def word_of(session: Session, account: Account | None) -> str:
    """The word this person's texts carry; "" for none, or when they were erased."""
    row = session.get(ContactChoice, account.id) if account is not None else None
    if account is None or row is None:
        return ""
    try:
        return _opened(session, account, "word", row.word_sealed)
    except vault.Unreadable:
        return ""


def word_for(session: Session, phone_index: bytes) -> str:
    """The word of whoever has this number."""
    rows = select(Account).where(Account.phone_index == phone_index)
    return word_of(session, session.scalars(rows).first())


def choose_word(session: Session, account: Account, word: str, *, now: datetime) -> None:
    """Every text to this person says the word from now on; "" for none: the choice is theirs.

    Raises Invalid unless it is one to four Chinese characters.
    """
    typed = "".join(word.split())
    if typed and not _WORD.fullmatch(typed):
        text = "请用一到四个汉字。"
        raise Invalid(text, code="code_word", fields={"word": [text]})
    row = _row(session, account, now=now)
    row.word_sealed = _sealed(session, account, "word", typed)
    row.asked_at = now
    _record(session, account, {"word": bool(typed)}, now=now)


def choose_second(session: Session, account: Account, phone: str, *, now: datetime) -> None:
    """Where texts go that the first number did not receive; "" for none. Raises Invalid."""
    number = Phone.parse(phone).value if phone.strip() else ""
    row = _row(session, account, now=now)
    row.second_phone_sealed = _sealed(session, account, "second_phone", number)
    _record(session, account, {"second_phone": bool(number)}, now=now)


def choose_reminders(session: Session, account: Account, wanted: bool, *, now: datetime) -> None:
    """Whether we speak of drafts that wait."""
    _row(session, account, now=now).reminders_off = not wanted
    _record(session, account, {"reminders": wanted}, now=now)


def _row(session: Session, account: Account, *, now: datetime) -> ContactChoice:
    row = session.get(ContactChoice, account.id, with_for_update=True)
    if row is None:
        row = ContactChoice(account_id=account.id, reminders_off=False, changed_at=now)
        session.add(row)
        session.flush()
    row.changed_at = now
    return row


def _sealed(session: Session, account: Account, column: str, text: str) -> bytes | None:
    if not text:
        return None
    return vault.seal_text(session, account.key_id, text, place=_place(column, account))


def _opened(session: Session, account: Account, column: str, sealed: bytes | None) -> str:
    if sealed is None:
        return ""
    return vault.unseal_text(session, account.key_id, sealed, place=_place(column, account))


def _record(
    session: Session, account: Account, detail: Mapping[str, bool], *, now: datetime
) -> None:
    """That it was changed, never to what."""
    session.flush()
    audit.record(session, "choose.contact", actor=f"applicant:{account.id}", detail=detail, now=now)


def _place(column: str, account: Account) -> str:
    return f"contact_choices.{column}_sealed:{account.id}"
