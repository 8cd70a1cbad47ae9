"""入户调查表: filled in in parts, finished by two different investigators, then what was found.

社会救助法 第43条, 民发〔2021〕57号 第16条 (two people, signed by both sides). Who cannot or
will not sign is written down with the reason; it stops nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.survey import investigators, sheet, topics, visits
from portal.casework.survey.sheet import Body
from portal.casework.survey.tables import Survey
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict
from portal.people.access import Actor, Role
from portal.policy.catalogue import Program
from portal.policy.lifecycle import NOTES, Status

OPEN = NOTES["visit"].at
"""Where a household may be visited."""
_BODY, _FINDINGS = "surveys.body_sealed", "surveys.findings_sealed"


def save(
    session: Session,
    application: Application,
    program: Program,
    changes: Mapping[str, Any],
    *,
    revision: int,
    actor: Actor,
    now: datetime,
) -> Survey:
    """Keep what is filled in so far; the first save begins a new survey.

    `changes` as sheet.clean takes them; what is not named stays. `revision` is the one they
    were made from, 0 at first. Raises Invalid by part, Conflict (survey_conflict) when a
    colleague saved meanwhile, Forbidden.
    """
    investigators.check_duty(actor, application, Role.TOWNSHIP_INVESTIGATOR)
    events.lock(session, application)
    _check_open(application)
    visits.begin(session, application, actor=actor, now=now)
    survey = draft(session, application) or _new(session, application, now=now)
    if survey.revision != revision:
        raise Conflict("同事刚存过这张表。请看一看再存。", code="survey_conflict")
    lines = topics.every_line(topics.of(session, program, _answers(session, application)))
    changed = sheet.clean(changes, lines, program)
    if "investigators" in changed:
        who = investigators.known(session, application, changed.pop("investigators"))
        survey.investigators = [str(one.id) for one in who]
    _write(session, application, survey, sheet.merged(body(session, application, survey), changed))
    survey.revision += 1
    survey.saved_at = now
    session.flush()
    _note(session, application, survey, "survey.saved", actor=actor, now=now)
    return survey


def finish(
    session: Session, application: Application, program: Program, *, actor: Actor, now: datetime
) -> Survey:
    """The survey is done: what was found is sealed, and the applicant sees that it took place.

    Raises Invalid (two_investigators, on, how), Conflict without a draft, Forbidden.
    """
    investigators.check_duty(actor, application, Role.TOWNSHIP_INVESTIGATOR)
    events.lock(session, application)
    _check_open(application)
    survey = draft(session, application)
    if survey is None:
        raise Conflict("还没有填过调查表。请先填，再办结。", code="no_survey")
    written = body(session, application, survey)
    sheet.check_whole(written, now=now)
    investigators.check_two(survey.investigators)
    said = {
        "investigators": investigators.named(session, survey.investigators),
        "on": written["on"],
    }
    events.record(
        session, application, "visit", after=None, party=investigators.party(actor),
        actor=str(actor), said=said, now=now,
    )  # fmt: skip
    lines = topics.every_line(topics.of(session, program, _answers(session, application)))
    found = sheet.findings(written, lines)
    survey.findings_sealed = sealed.seal(session, application, _FINDINGS, survey.id, found)
    survey.finished_at, survey.finished_by = now, actor.id
    session.flush()
    _note(session, application, survey, "survey.finished", actor=actor, now=now)
    return survey


def draft(session: Session, application: Application) -> Survey | None:
    """The survey that is being filled in."""
    rows = _of(application).where(Survey.finished_at.is_(None))
    return session.scalars(rows).first()


def finished(session: Session, application: Application) -> Survey | None:
    """The newest one that two investigators finished."""
    rows = _of(application).where(Survey.finished_at.is_not(None))
    return session.scalars(rows).first()


def body(session: Session, application: Application, survey: Survey | None) -> Body:
    """What is written in it; empty parts for a new one."""
    if survey is None:
        return sheet.empty()
    kept = sealed.unseal(session, application, _BODY, survey.id, survey.body_sealed)
    return {**sheet.empty(), **kept}


def found(session: Session, application: Application, survey: Survey | None) -> dict[str, Any]:
    """{name: {label, declared, found, why}} of a finished survey."""
    if survey is None:
        return {}
    return sealed.unseal(session, application, _FINDINGS, survey.id, survey.findings_sealed)


def _new(session: Session, application: Application, *, now: datetime) -> Survey:
    """A further survey begins from what the last one wrote; only what is seen anew is empty."""
    last = finished(session, application)
    visit = visits.standing(session, application)
    survey = Survey(
        id=uuid4(), application_id=application.id, round=rounds(session, application) + 1,
        revision=0, investigators=list(visit.investigators) if visit else [], started_at=now,
        saved_at=now,
    )  # fmt: skip
    start = sheet.again(body(session, application, last))
    if visit is not None and local_date(visit.at) <= local_date(now):
        start["on"] = local_date(visit.at).isoformat()
    session.add(survey)
    session.flush()
    _write(session, application, survey, start)
    return survey


def _write(session: Session, application: Application, survey: Survey, written: Body) -> None:
    survey.body_sealed = sealed.seal(session, application, _BODY, survey.id, written)


def rounds(session: Session, application: Application) -> int:
    """How many surveys there are, the draft included."""
    rows = select(func.max(Survey.round)).where(Survey.application_id == application.id)
    return session.scalar(rows) or 0


def _of(application: Application) -> Any:
    rows = select(Survey).where(Survey.application_id == application.id)
    return rows.order_by(Survey.round.desc())


def _answers(session: Session, application: Application) -> dict[str, Any]:
    return applications.answers(session, application)


def _check_open(application: Application) -> None:
    investigators.check_machine(application)
    if Status(application.status) not in OPEN:
        raise Conflict("案件现在不在调查这一步。请刷新。", code="move_not_allowed")


def _note(
    session: Session,
    application: Application,
    survey: Survey,
    what: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    detail = {"survey": str(survey.id), "round": survey.round, "revision": survey.revision}
    audit.record(session, what, actor=str(actor), subject=application.id, detail=detail, now=now)
