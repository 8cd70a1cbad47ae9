"""Which mandate opens a file to a helper, and what a helper may not answer in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.filing.marks import PAYEE
from portal.filing.tables import Application
from portal.foundation.errors import Forbidden
from portal.people import mandates
from portal.people.access import NEVER, Actor, Grant, Never
from portal.people.mandate_terms import APPEAL
from portal.policy.catalogue import Program


def granted(
    session: Session,
    application: Application,
    *,
    actor: Actor,
    lock: bool = False,
    now: datetime | None,
) -> Grant | None:
    """The mandate under which this actor is in this file at this moment; None for the owner,
    for staff, and when nobody says what time it is."""
    if now is None or application.account_id == actor.id:
        return None
    return mandates.grant(
        session, application.household_id, application.program_id,
        decided_at=application.decided_at, actor=actor, lock=lock, now=now,
    )  # fmt: skip


def open_to(application: Application, *, actor: Actor, now: datetime) -> bool:
    """Whether a file of a household this actor is in may be listed to them: for a helper, what
    the mandate names and until the appeal period is over."""
    if actor.grant is None:
        return True
    decided = application.decided_at
    recent = decided is None or now < decided + APPEAL
    return recent and actor.grant.covers(application.program_id)


def check_answers(
    session: Session,
    program: Program,
    before: Mapping[str, Any],
    changed: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Raises Forbidden (helper_never) naming the fields a helper may not change.

    A payee account is entered once; another one needs the person's code or the window. What
    is agreed to (a consent) is the person's own to say.
    """
    if actor.grant is None:
        return
    agreed = [f.name for f in program.form.fields if f.kind == "consent" and f.name in changed]
    if agreed:
        raise _never(Never.AGREE, agreed)
    moved = [n for n in PAYEE if n in changed and before.get(n) is not None]
    if moved and not mandates.payee_is_open(session, actor.grant, now=now):
        raise _never(Never.CHANGE_PAYEE, moved)


def _never(what: Never, names: list[str]) -> Forbidden:
    said = NEVER[what]
    return Forbidden(said, code="helper_never", fields={name: [said] for name in names})
