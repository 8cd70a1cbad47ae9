"""When the investigators come: agreed on, told, and moved when the family is not at home."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.survey import investigators
from portal.casework.survey.tables import Survey, Visit
from portal.filing.tables import Application
from portal.foundation.clock import local_date, spoken
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status

_FURTHEST = timedelta(days=60)
_CHANGE = "visits.change_sealed"


def plan(
    session: Session,
    application: Application,
    at: datetime,
    who: Sequence[UUID],
    *,
    actor: Actor,
    now: datetime,
) -> Visit:
    """An appointment with two different investigators; the applicant is told when and who.

    It takes the place of the one before. The survey of an accepted file begins with it
    (社会救助法 第43条). Raises Invalid (at, investigators), Conflict, Forbidden.
    """
    investigators.check_duty(actor, application, Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_CLERK)
    investigators.check_machine(application)
    staff = investigators.chosen(session, application, who)
    _check_time(at, now)
    events.lock(session, application)
    begin(session, application, actor=actor, now=now)
    ids = [str(one.id) for one in staff]
    said = {
        "investigators": investigators.named(session, ids),
        "on": local_date(at).isoformat(),
    }
    events.record(
        session, application, "visit_planned", after=None, party=investigators.party(actor),
        actor=str(actor), said=said, now=now,
    )  # fmt: skip
    before = standing(session, application)
    if before is not None:
        before.moved_at = now
    visit = Visit(
        id=uuid4(), application_id=application.id, at=at, investigators=ids, made_by=actor.id,
        made_at=now,
    )  # fmt: skip
    session.add(visit)
    session.flush()
    return visit


def begin(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """受理 → 调查核对, if that has not happened (民发〔2021〕57号 第15条: within three days).

    The township's move also when the county's checker begins: the check is a part of it.
    """
    if application.status == Status.ACCEPTED:
        events.record(
            session, application, "surveying", after=Status.SURVEYING, party=Party.TOWNSHIP,
            actor=str(actor), said=None, now=now,
        )  # fmt: skip


def ask_other_time(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> None:
    """有事不在家可以改时间: the family asks, the township makes a new appointment.

    Raises NotFound for anybody but the applicant, Conflict without an appointment to come.
    """
    if actor.role is not Role.APPLICANT or application.account_id != actor.id:
        raise NotFound("没有找到这份申请。")
    events.lock(session, application)
    visit = coming(session, application)
    if visit is None or local_date(visit.at) < local_date(now):
        raise Conflict("现在没有约好的时间可改。请打电话问。", code="no_visit")
    events.record(
        session, application, "visit_change", after=None, party=Party.APPLICANT, actor=str(actor),
        said={"sentence": sentence}, now=now,
    )  # fmt: skip
    visit.change_asked_at = now
    visit.change_sealed = sealed.seal(
        session, application, _CHANGE, visit.id, {"sentence": sentence.strip()}
    )


def standing(session: Session, application: Application) -> Visit | None:
    """The appointment that counts, past or to come."""
    rows = select(Visit).where(Visit.application_id == application.id, Visit.moved_at.is_(None))
    return session.scalars(rows.order_by(Visit.made_at.desc(), Visit.id)).first()


def coming(session: Session, application: Application) -> Visit | None:
    """The appointment, until a survey is finished after it was made."""
    visit = standing(session, application)
    if visit is None:
        return None
    done = select(Survey.id).where(
        Survey.application_id == application.id, Survey.finished_at >= visit.made_at
    )
    return visit if session.scalars(done.limit(1)).first() is None else None


def told(session: Session, application: Application, visit: Visit) -> dict[str, Any]:
    """The appointment in words: id, at, at_text, names, change (what was asked, or "")."""
    said = sealed.unseal(session, application, _CHANGE, visit.id, visit.change_sealed)
    return {
        "id": str(visit.id),
        "at": visit.at.isoformat(),
        "at_text": spoken(visit.at),
        "names": investigators.named(session, visit.investigators),
        "investigators": list(visit.investigators),
        "change": said.get("sentence", ""),
    }


def _check_time(at: datetime, now: datetime) -> None:
    wrong = ""
    if local_date(at) < local_date(now):
        wrong = "这个时间已经过了。"
    elif at > now + _FURTHEST:
        wrong = "太远了，请选两个月以内。"
    if wrong:
        raise Invalid(wrong, fields={"at": [wrong]})
