"""A draft that waits is spoken of after three days and after ten, once each, never at night.

Who fills in for somebody without an account hears it instead; the person is told nothing of it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from portal.casework.talk.tables import DraftReminder
from portal.contact import inbox
from portal.contact.messages import queue_text
from portal.contact.rules import is_quiet, rules
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.database import Database
from portal.people import choices, mandates
from portal.people.access import Act
from portal.people.sign_in import phone_of
from portal.people.tables import Account
from portal.policy.lifecycle import Status

TEMPLATE, OF_HELPER = "draft_waiting", "helped_draft_waiting"
_AT_ONCE = 100
_FORGOTTEN = timedelta(days=30)
"""Older drafts were left on purpose."""


def remind(database: Database, *, now: datetime) -> int:
    """Speak of drafts nobody touched; how many. Who switched reminders off hears nothing."""
    if is_quiet(now):
        return 0
    with database.reading() as session:
        due = [
            file_id for days in reversed(rules().draft_reminder_days)
            for file_id in session.scalars(_untouched(days, now).limit(_AT_ONCE))
        ]  # fmt: skip
    return sum(_one(database, file_id, now=now) for file_id in dict.fromkeys(due))


def _untouched(days: int, now: datetime) -> Select[UUID]:
    told = (
        select(DraftReminder.days)
        .where(DraftReminder.application_id == Application.id, DraftReminder.days == days)
        .exists()
    )
    return select(Application.id).where(
        Application.status == Status.DRAFT, ~told,
        or_(Application.account_id.is_not(None), Application.household_id.is_not(None)),
        Application.changed_at <= now - timedelta(days=days),
        Application.changed_at > now - _FORGOTTEN,
    )  # fmt: skip


def _one(database: Database, file_id: UUID, *, now: datetime) -> int:
    with database.writing() as session:
        file = session.get(Application, file_id, with_for_update=True)
        if file is None or file.status != Status.DRAFT:
            return 0
        over = [d for d in rules().draft_reminder_days if file.changed_at <= now - timedelta(d)]
        fresh = [d for d in over if session.get(DraftReminder, (file_id, d)) is None]
        if not fresh:
            return 0
        for days in fresh:
            session.add(DraftReminder(application_id=file_id, days=days, at=now))
        session.flush()
        return _speak(session, file, max(fresh), now=now)


def _speak(session: Session, file: Application, days: int, *, now: datetime) -> int:
    """Sealed with the reader's own key: a draft thrown away takes no message with it."""
    account = _whom(session, file, now=now)
    if account is None or not choices.of(session, account).reminders:
        return 0
    template = TEMPLATE if file.account_id is not None else OF_HELPER
    inbox.put(session, account.id, template, key_id=account.key_id, application_id=file.id, now=now)
    if account.phone_sealed is not None:
        queue_text(
            session, key_id=account.key_id, phone=phone_of(session, account).value,
            template=template, values={}, word=choices.word_of(session, account), now=now,
        )  # fmt: skip
    detail = {"days": days}
    audit.record(session, "remind.draft", actor="portal", subject=file.id, detail=detail, now=now)
    return 1


def _whom(session: Session, file: Application, *, now: datetime) -> Account | None:
    """The person, or where they have no account who may fill in for them, the last one first."""
    if file.account_id is not None:
        return session.get(Account, file.account_id)
    if file.household_id is None:
        return None
    for mandate in mandates.of_household(session, file.household_id):
        if mandate.helper_account_id is None or not mandates.in_force(session, mandate, now=now):
            continue
        granted = mandates.granted_by(mandate)
        if granted.covers(file.program_id) and Act.FILL in granted.acts:
            return session.get(Account, granted.helper)
    return None
