"""Throwing a draft away: its key is destroyed, so nothing of it can be read again."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.filing import lending
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.errors import Conflict
from portal.people import access
from portal.people.access import Act, Actor, Never
from portal.policy.lifecycle import Status


def discard(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """Throw a draft away: its key is destroyed, so nothing of it can be read again. Photos
    that other files of the household took over are theirs; the key goes when they have them.

    Raises Conflict for anything already submitted; that is withdrawn, not discarded.
    """
    access.check_act(actor, Act.FILL)
    if application.account_id is not None:
        access.refuse_helper(actor, Never.WITHDRAW)
    if application.status != Status.DRAFT or application.submission_no:
        raise Conflict("已经提交的申请不能删。可以撤回。", code="not_a_draft")
    throw_away(session, application, "application.discarded", actor=str(actor), now=now)


def throw_away(
    session: Session, application: Application, what: str, *, actor: str, now: datetime
) -> None:
    """A draft nobody will hand in; `what` says in the record why."""
    application.status, application.closed_at, application.changed_at = Status.WITHDRAWN, now, now
    application.household_index = application.last_four_index = None
    application.answers_sealed = b""
    if not lending.lent_out(session, application):
        vault.destroy_key(session, application.key_id, now=now)
    audit.record(session, what, actor=actor, subject=application.id, now=now)


def readable(session: Session, application: Application) -> bool:
    """Whether its key still exists: a discarded draft keeps only its bare row."""
    if not application.answers_sealed:
        return False
    key = session.get(vault.DataKey, application.key_id)
    return key is not None and key.wrapped is not None
