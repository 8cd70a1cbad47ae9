"""A text that did not arrive: the second number, and last somebody who goes there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from portal.casework.talk import telling
from portal.contact import in_person, inbox, receipts
from portal.contact.messages import FAILED, QUEUED, SENT, About, queue_text
from portal.contact.rules import rules
from portal.contact.tables import TextMessage
from portal.filing import telling as telling_helped
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.database import Database
from portal.people import choices
from portal.people.tables import Account

_AT_ONCE = 50


def follow_up(database: Database, *, now: datetime) -> int:
    """Look after what failed, or is silent for a day; how many. Each in a transaction of its own.

    Silence counts only where the gateway says what arrives. What was read in the portal meanwhile
    needs nothing more.
    """
    with database.reading() as session:
        due = list(session.scalars(_due(session, now)))
    return sum(_one(database, message_id, now=now) for message_id in due)


def _due(session: Session, now: datetime) -> Select[UUID]:
    old = TextMessage.created_at <= now - rules().undelivered_after
    silent = [QUEUED, SENT] if receipts.gateway_reports(session) else [QUEUED]
    return (
        select(TextMessage.id)
        .where(
            or_(TextMessage.application_id.is_not(None), TextMessage.mandate_id.is_not(None)),
            TextMessage.followed_up_at.is_(None),
            or_(TextMessage.state == FAILED, TextMessage.state.in_(silent) & old),
        )
        .order_by(TextMessage.created_at)
        .limit(_AT_ONCE)
    )  # fmt: skip


def _one(database: Database, message_id: UUID, *, now: datetime) -> int:
    with database.writing() as session:
        row = session.get(TextMessage, message_id, with_for_update=True)
        if row is None or row.followed_up_at is not None:
            return 0
        row.followed_up_at = now
        if row.state == QUEUED:  # nobody needs it later on
            row.state, row.dropped_at = FAILED, now
        if row.mandate_id is not None:
            telling_helped.not_arrived(session, row.mandate_id, row.created_at)
        about = row.application_id
        application = session.get(Application, about) if about is not None else None
        if application is not None and not inbox.was_read(session, row.inbox_id):
            _another_way(session, application, row, now=now)
        return 1


def _another_way(
    session: Session, application: Application, row: TextMessage, *, now: datetime
) -> None:
    try:
        account = telling.account_of(session, application.account_id)
        number = _second(session, application, account, row)
        if number:
            queue_text(
                session, key_id=application.key_id, phone=number, template=row.template, values={},
                word=choices.word_of(session, account) if account else "",
                about=About(application.id, row.inbox_id, second=True), now=now,
            )  # fmt: skip
        else:
            telling.send_somebody(
                session, application, row.template, why=in_person.UNDELIVERED, now=now
            )
    except vault.Unreadable:  # erased meanwhile: there is nobody left to tell
        return
    detail = {"text": str(row.id), "way": "second_number" if number else "in_person"}
    audit.record(
        session, "tell.another_way", actor="portal", subject=application.id, detail=detail, now=now
    )


def _second(
    session: Session, application: Application, account: Account | None, row: TextMessage
) -> str:
    """What speaks of a helper goes to no number that may be the helper's."""
    if row.second or row.mandate_id is not None:
        return ""
    return telling.second_number(session, application, account)
