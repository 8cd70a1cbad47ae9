"""A draft nobody touched for half a year is thrown away, two weeks after the person was told."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.casework.talk.tables import DraftReminder
from portal.contact import inbox
from portal.contact.messages import queue_text
from portal.contact.rules import is_quiet
from portal.filing import discarding
from portal.filing.tables import Application
from portal.foundation import audit, retention
from portal.foundation.database import Database
from portal.people import choices
from portal.people.sign_in import phone_of
from portal.people.tables import Account
from portal.policy.lifecycle import Status

TEMPLATE = "draft_ends"
KEPT = retention.period("drafts")
BEFORE = timedelta(days=14)
_MARK = (KEPT - BEFORE).days
"""The day of the reminder that is the last."""
_AT_ONCE = 100


def warn(database: Database, *, now: datetime) -> int:
    """Tell of drafts that end in two weeks; how many. Also who wants no reminders hears this."""
    if is_quiet(now):
        return 0
    with database.reading() as session:
        told = select(DraftReminder.days).where(
            DraftReminder.application_id == Application.id, DraftReminder.days == _MARK,
            DraftReminder.at >= Application.changed_at,
        )  # fmt: skip
        rows = _untouched(now - (KEPT - BEFORE)).where(~told.exists()).limit(_AT_ONCE)
        due = list(session.scalars(rows))
    for file_id in due:
        with database.writing() as session:
            _warn_of(session, file_id, now=now)
    return len(due)


def throw_away(session: Session, *, now: datetime) -> None:
    """Those of which it was told two weeks ago, and which nobody touched since."""
    told = select(DraftReminder.days).where(
        DraftReminder.application_id == Application.id, DraftReminder.days == _MARK,
        DraftReminder.at <= now - BEFORE, DraftReminder.at >= Application.changed_at,
    )  # fmt: skip
    rows = _untouched(now - KEPT).where(told.exists()).limit(_AT_ONCE)
    for file_id in list(session.scalars(rows)):
        file = session.get_one(Application, file_id, with_for_update=True)
        if file.status == Status.DRAFT and file.changed_at <= now - KEPT:
            what = "application.forgotten"
            discarding.throw_away(session, file, what, actor="portal", now=now)


def _untouched(since: datetime) -> Select[UUID]:
    return select(Application.id).where(
        Application.status == Status.DRAFT, Application.submission_no == 0,
        Application.changed_at <= since,
    )  # fmt: skip


def _warn_of(session: Session, file_id: UUID, *, now: datetime) -> None:
    file = session.get_one(Application, file_id, with_for_update=True)
    row = session.get(DraftReminder, (file_id, _MARK))
    if file.status != Status.DRAFT or (row is not None and row.at >= file.changed_at):
        return
    session.merge(DraftReminder(application_id=file_id, days=_MARK, at=now))
    session.flush()
    if file.account_id is not None:
        account = session.get_one(Account, file.account_id)
        key_id = account.key_id
        inbox.put(session, account.id, TEMPLATE, key_id=key_id, application_id=file.id, now=now)
        if account.phone_sealed is not None:
            queue_text(
                session, key_id=key_id, phone=phone_of(session, account).value, template=TEMPLATE,
                values={}, word=choices.word_of(session, account), now=now,
            )  # fmt: skip
    audit.record(session, "remind.draft", actor="portal", subject=file.id, now=now)
