"""当面告知 at the desk: who is still to be told in person, and that somebody did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.casework import duties
from portal.contact import in_person
from portal.contact.tables import Errand
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Forbidden, NotFound
from portal.people.access import Actor

_MOST = 200
_DOING = duties.TOWNSHIP | duties.COUNTY


def waiting(session: Session, *, actor: Actor) -> list[tuple[Errand, Application]]:
    """Who is still to be told in this division, by where the file is now; the longest wait
    first. Raises Forbidden."""
    duties.check_reader(actor)
    rows = _joined(actor).where(Errand.done_at.is_(None))
    found = session.execute(rows.order_by(Errand.created_at, Errand.id).limit(_MOST))
    return [(errand, file) for errand, file in found]


def done_lately(session: Session, *, actor: Actor) -> list[tuple[Errand, Application]]:
    """The newest twenty that are done."""
    duties.check_reader(actor)
    rows = _joined(actor).where(Errand.done_at.is_not(None))
    found = session.execute(rows.order_by(Errand.done_at.desc(), Errand.id).limit(20))
    return [(errand, file) for errand, file in found]


def count(session: Session, *, actor: Actor) -> int:
    rows = _joined(actor).where(Errand.done_at.is_(None))
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def finish(session: Session, errand_id: UUID, how: str, *, actor: Actor, now: datetime) -> Errand:
    """Somebody told them, or found nobody. Raises NotFound for another division's, Forbidden for
    those who only look, Invalid, Conflict."""
    duties.check_reader(actor)
    if not actor.holds(*_DOING):
        raise Forbidden("您可以看，不能办。", code="party_not_allowed")
    rows = select(Errand).join(Application, Application.id == Errand.application_id)
    errand = session.scalars(
        rows.where(Errand.id == errand_id, duties.scope(actor)).with_for_update(of=Errand)
    ).first()
    if errand is None:
        raise NotFound("没有找到这件事。")
    return complete(session, errand, how, actor=actor, now=now)


def complete(session: Session, errand: Errand, how: str, *, actor: Actor, now: datetime) -> Errand:
    """Done, or tried, and recorded; whether this actor may is the caller's. Raises Invalid,
    Conflict."""
    in_person.done(errand, how, actor=str(actor), now=now)
    session.flush()
    detail = {"errand": str(errand.id), "how": how}
    audit.record(
        session, "tell.in_person", actor=str(actor), subject=errand.application_id, detail=detail,
        now=now,
    )  # fmt: skip
    return errand


def _joined(actor: Actor) -> Select[Errand, Application]:
    return (
        select(Errand, Application)
        .join(Application, Application.id == Errand.application_id)
        .where(duties.scope(actor))
    )
