"""Who at an office sees a complaint and answers it; and what becomes of those that wait too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portal.casework.tables import CaseEvent
from portal.casework.talk.tables import Complaint
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, NotFound
from portal.people.access import Actor, Role

ANSWERING = frozenset({Role.COUNTY_CLERK, Role.COUNTY_CONFIRMER, Role.SUPERVISOR})
READING = ANSWERING | {Role.AUDITOR}
_MOST = 200


@dataclass(frozen=True)
class Waiting:
    """`not_for_you`: how many more are about files this person handled."""

    open: Sequence[Complaint]
    answered: Sequence[Complaint]
    not_for_you: int


def lists(session: Session, *, actor: Actor) -> Waiting:
    """What this office has to answer, the longest wait first. Raises Forbidden."""
    check(actor)
    rows = select(Complaint).where(_mine(actor)).order_by(Complaint.created_at, Complaint.id)
    found = session.scalars(rows.where(Complaint.answered_at.is_(None)).limit(_MOST)).all()
    hidden = _handled(session, actor)
    done = session.scalars(
        select(Complaint)
        .where(_mine(actor), Complaint.answered_at.is_not(None))
        .order_by(Complaint.answered_at.desc())
        .limit(_MOST)
    ).all()
    return Waiting(
        open=[c for c in found if c.application_id not in hidden],
        answered=[c for c in done if c.application_id not in hidden],
        not_for_you=sum(c.application_id in hidden for c in found),
    )


def find(
    session: Session, complaint_id: UUID, *, actor: Actor, to_answer: bool = False
) -> Complaint:
    """Raises NotFound for another office's, Forbidden (own_handling) for who handled the file,
    or when one who only looks would answer; Conflict when it has its answer."""
    check(actor)
    rows = select(Complaint).where(_mine(actor), Complaint.id == complaint_id)
    found = session.scalars(rows.with_for_update() if to_answer else rows).first()
    if found is None:
        raise NotFound("没有找到这件投诉。")
    if found.application_id is not None and found.application_id in _handled(session, actor):
        raise Forbidden("您办过这份申请，要由别人答复。", code="own_handling")
    if to_answer and not actor.holds(*ANSWERING):
        raise Forbidden("您可以看，不能答复。", code="party_not_allowed")
    if to_answer and found.answered_at is not None:
        raise Conflict("这件投诉已经答复了。", code="already_answered")
    return found


def note_reading(session: Session, complaint: Complaint, *, actor: Actor, now: datetime) -> None:
    audit.record(session, "read.complaint", actor=str(actor), subject=complaint.id, now=now)


def counts(session: Session, *, actor: Actor) -> int:
    """How many wait for this office; 0 for others."""
    if not actor.holds(*READING):
        return 0
    rows = select(func.count()).where(_mine(actor), Complaint.answered_at.is_(None))
    return session.scalar(rows) or 0


def escalate_late(session: Session, *, now: datetime) -> int:
    """Show those past our own target to the office above as well; how many."""
    rows = select(Complaint).where(
        Complaint.answered_at.is_(None), Complaint.escalated_at.is_(None),
        Complaint.due_on < local_date(now),
    )  # fmt: skip
    late = session.scalars(rows.with_for_update()).all()
    for complaint in late:
        complaint.escalated_at = now
        detail = {"to": complaint.above_code}
        audit.record(
            session, "escalate.complaint", actor="portal", subject=complaint.id, detail=detail,
            now=now,
        )  # fmt: skip
    return len(late)


def check(actor: Actor) -> None:
    """Never the township's people: they are who it may be about."""
    if not actor.holds(*READING) or not actor.region_code:
        raise Forbidden("投诉由县级以上答复，这里看不到。", code="party_not_allowed")


def _mine(actor: Actor) -> ColumnElement[bool]:
    above = (Complaint.above_code == actor.region_code) & Complaint.escalated_at.is_not(None)
    return or_(Complaint.office_code == actor.region_code, above)


def _handled(session: Session, actor: Actor) -> set[UUID | None]:
    """The files among those complained of in which this person acted."""
    rows = (
        select(CaseEvent.application_id)
        .join(Complaint, Complaint.application_id == CaseEvent.application_id)
        .where(CaseEvent.actor == str(actor), _mine(actor))
    )
    return set(session.scalars(rows))
