"""Telling a person that something happened: in the portal always, by text, else by somebody going."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.contact import in_person, inbox
from portal.contact.messages import About, queue_text
from portal.filing import applications, listeners
from portal.filing.tables import Application, Submission
from portal.people import choices, wechat_messages
from portal.people.sign_in import phone_of
from portal.people.tables import Account

_VILLAGE_DIGITS = 12


def tell(
    session: Session,
    application: Application,
    template: str,
    *,
    said: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """A message in the portal with the office's sentence, and a text that there is one.

    Where the person allowed it WeChat carries it instead of the text. Who never signed in is told by the number named for them, and so are helpers who may
    follow; without a number of the person's own, somebody goes there. All in the caller's transaction.
    """
    account = session.get(Account, application.account_id) if application.account_id else None
    inbox_id = None
    if account is not None:
        inbox_id = inbox.put(
            session, account.id, template, key_id=application.key_id,
            said=str((said or {}).get("sentence", "")), application_id=application.id, now=now,
        )  # fmt: skip
    if account is None or not _reachable(session, account, template):
        if not _tell_others(session, application, template, now=now):
            send_somebody(session, application, template, why=in_person.NO_PHONE, now=now)
        return
    _text(session, application, account, template, inbox_id, now=now)


def _tell_others(
    session: Session, application: Application, template: str, *, now: datetime
) -> bool:
    """Whether the person without an account was told at a number of their own."""
    found = listeners.of(session, application, now=now)
    for number in found.numbers:
        queue_text(
            session, key_id=application.key_id, phone=number, template=template, values={},
            about=About(application.id, None), now=now,
        )  # fmt: skip
    return bool(found.own)


def submitted(session: Session, *handed_in: Application, now: datetime) -> None:
    """Tell of what was handed in together, each once however often it is said again; one text
    for all of it. Nobody is sent for it."""
    fresh = [one for one in handed_in if _untold(session, one)]
    for number, application in enumerate(fresh):
        account = session.get_one(Account, application.account_id)
        inbox_id = inbox.put(
            session, account.id, "submitted", key_id=application.key_id,
            application_id=application.id, now=now,
        )  # fmt: skip
        if number == 0 and _reachable(session, account, "submitted"):
            _text(session, application, account, "submitted", inbox_id, now=now)


def _untold(session: Session, application: Application) -> bool:
    rows = select(func.max(Submission.submitted_at)).where(
        Submission.application_id == application.id
    )
    sent, told = session.scalar(rows), inbox.last(session, application.id, ["submitted"])
    if application.account_id is None or sent is None:
        return False
    return told is None or told < sent


def _text(
    session: Session,
    application: Application,
    account: Account,
    template: str,
    inbox_id: UUID | None,
    *,
    now: datetime,
) -> None:
    phone = phone_of(session, account).value if account.phone_sealed is not None else ""
    queue_text(
        session, key_id=application.key_id, phone=phone, template=template, values={},
        word=choices.word_of(session, account), about=About(application.id, inbox_id),
        account_id=account.id, now=now,
    )  # fmt: skip


def _reachable(session: Session, account: Account, template: str) -> bool:
    """By a number, or for this one by WeChat."""
    allowed = wechat_messages.allowed(session, account.id, template)
    return account.phone_sealed is not None or allowed


def send_somebody(
    session: Session, application: Application, template: str, *, why: str, now: datetime
) -> None:
    """A task for the village or the township; none for a file that has no place yet."""
    if application.region_code is None:
        return
    place = in_person.Place(_where(session, application), application.region_path or "")
    in_person.ask(session, application.id, template, place=place, why=why, now=now)


def second_number(session: Session, application: Application, account: Account | None) -> str:
    """Another number to try: the one chosen for this, or the applicant's own in the answers."""
    first = "" if account is None or not account.phone_sealed else phone_of(session, account).value
    chosen = choices.of(session, account).second_phone if account is not None else None
    if chosen is not None and chosen.value != first:
        return chosen.value
    answered = str(applications.answers(session, application).get("phone") or "")
    is_mobile = len(answered) == 11 and answered.startswith("1")
    return answered if is_mobile and answered != first else ""


def account_of(session: Session, account_id: UUID | None) -> Account | None:
    return session.get(Account, account_id) if account_id else None


def _where(session: Session, application: Application) -> str:
    """The village an answer names inside the township that has the file, else the township."""
    township = application.region_code or ""
    places = [v for v in applications.answers(session, application).values() if _is_place(v)]
    codes = [str(place["code"]) for place in places]
    villages = [c for c in codes if len(c) == _VILLAGE_DIGITS and c.startswith(township)]
    return villages[0] if villages else township


def _is_place(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value.get("code"))
