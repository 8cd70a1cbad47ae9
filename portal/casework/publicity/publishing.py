"""公布: a grant is made public in the village (社会救助法 第45条); a 特困 stop hangs out first.

How long a grant hangs is the place's: nobody published a national figure. Where the place says
nothing it is printed for the village's board and stands nowhere online.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import clocks, events, heard_first, limits, sealed
from portal.casework.decision import facts, heard, letters, notice, objections, standing
from portal.casework.moves import NOTICE_DAYS
from portal.casework.publicity.tables import Publication
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict
from portal.people.access import Actor, Role
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status

DECISION, STOP = objections.DECISION, objections.STOP
STEP = "publication"
"""The step of a program's deadlines that says how long a place makes a grant public."""
STOP_LAW = "民发〔2021〕43号 第24条、第26条（新法施行后是否继续有效，待核）"
_BODY = "publications.body_sealed"
_POSTERS = (Role.TOWNSHIP_REVIEWER, Role.TOWNSHIP_CLERK)


def decided(
    session: Session,
    application: Application,
    program: Program,
    granted: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Publication | None:
    """Make a grant public, in its own transaction; None for what no village posts."""
    if not _is_public(application, program):
        return None
    last = _last_day(application, program, now)
    return _write(session, application, program, DECISION, granted, last, actor=actor, now=now)


def made_up(
    session: Session,
    application: Application,
    program: Program,
    granted: Mapping[str, Any],
    since: datetime,
    *,
    now: datetime,
) -> Publication | None:
    """A grant of `since` that was never made public, with today's sum; None where no village
    posts it, its days are over, or its words were erased."""
    last = _last_day(application, program, since)
    over = last is not None and last < local_date(now)
    if over or not granted.get("category") or not _is_public(application, program):
        return None
    today = {
        "category": granted["category"], "people": granted.get("people") or 1,
        "amount": heard.paid(session, application),
    }  # fmt: skip
    return _write(session, application, program, DECISION, today, last, actor="portal", now=now)


def post_stop(
    session: Session, application: Application, program: Program, *, actor: Actor, now: datetime
) -> Publication:
    """Seven days in the village before a 特困 stop, once the person was heard.

    43号 第24、26条. Raises Forbidden, Conflict (not_posted, hearing_needed, posted_already).
    """
    standing.check_role(actor, application, *_POSTERS)
    events.lock(session, application)
    if not needs_stop_posting(program):
        raise Conflict("这一项停发前不用公示。", code="not_posted")
    if application.status not in (Status.REVIEWING, Status.GRADUATING):
        raise Conflict("案件现在不在这一步。", code="move_not_allowed")
    if not _nobody_left(session, application):
        heard.check_heard(session, application, heard.STOPPED)
    if stop_posting(session, application) is not None:
        raise Conflict("已经在公示。请刷新。", code="posted_already")
    last = clocks.period_end(now, NOTICE_DAYS)
    granted = _granted(session, application)
    return _write(session, application, program, STOP, granted, last, actor=actor, now=now)


def check_stop_posted(
    session: Session, application: Application, program: Program, *, now: datetime
) -> None:
    """Raises Conflict (notice_needed, notice_not_over) before a 特困 stop hung out its days."""
    if not needs_stop_posting(program):
        return
    found = stop_posting(session, application)
    if found is None:
        raise Conflict("停发特困前要先公示7天。", code="notice_needed")
    if found.last_day is None or local_date(now) <= found.last_day:
        raise Conflict("公示还没满期。", code="notice_not_over")


def stop_posting(session: Session, application: Application) -> Publication | None:
    """That of the stop proposed now: one proposed anew, or objected to, is posted anew."""
    found, asked = latest(session, application, STOP), heard.open_one(session, application)
    if (
        found is None
        or found.ended_at is not None
        or (asked is not None and found.posted_at < asked.opened_at)
    ):
        return None
    return found


def needs_stop_posting(program: Program) -> bool:
    """特困 only: the one program whose objections are posted anew has this as well."""
    return standing.needs_new_notice(program)


def take_down(session: Session, application: Application, kind: str, *, now: datetime) -> None:
    """What hangs of this kind hangs no longer."""
    rows = select(Publication).where(
        Publication.application_id == application.id, Publication.kind == kind,
        Publication.ended_at.is_(None),
    )  # fmt: skip
    for found in session.scalars(rows):
        found.ended_at = now


def latest(session: Session, application: Application, kind: str) -> Publication | None:
    found = of(session, application, kind)
    return found[-1] if found else None


def of(session: Session, application: Application, kind: str) -> Sequence[Publication]:
    """First to last."""
    rows = select(Publication).where(
        Publication.application_id == application.id, Publication.kind == kind
    )
    return session.scalars(rows.order_by(Publication.posted_at, Publication.id)).all()


def every(session: Session, application: Application) -> list[Publication]:
    """Grants and stops, first to last."""
    found = [one for kind in (DECISION, STOP) for one in of(session, application, kind)]
    return sorted(found, key=lambda one: one.posted_at)


def content(session: Session, application: Application, posted: Publication) -> dict[str, str]:
    """What stands on it, {name of notice.ALLOWED: words}, in its order; empty once erased."""
    found = sealed.unseal(session, application, _BODY, posted.id, posted.body_sealed)
    return {name: str(found[name]) for name in notice.ALLOWED if name in found}


def _is_public(application: Application, program: Program) -> bool:
    return application.machine == "standard" and standing.needs_notice(program)


def _last_day(application: Application, program: Program, since: datetime) -> date | None:
    """By the place's own rule; None where it says nothing."""
    rule = limits.limit(program, application.region_path or "", (STEP,), {"approved": since})
    return rule.on if rule is not None else None


def _nobody_left(session: Session, application: Application) -> bool:
    words_of = partial(events.said, session, application)
    return heard_first.nobody_left(events.of(session, application), words_of)


def _granted(session: Session, application: Application) -> dict[str, Any]:
    """What is received now: {category, people}; a stop names no sum."""
    made = [one for one in letters.of(session, application) if one.kind == "approved"]
    body = letters.body(session, application, made[-1]) if made else {}
    return {"category": body.get("category", ""), "people": body.get("people") or 1, "amount": None}


def _write(
    session: Session,
    application: Application,
    program: Program,
    kind: str,
    granted: Mapping[str, Any],
    last: date | None,
    *,
    actor: Actor | str,
    now: datetime,
) -> Publication:
    take_down(session, application, kind, now=now)
    new, declared = uuid4(), facts.declared(session, application)
    body = notice.fields(session, application, program, declared, granted, local_date(now), last)
    made = Publication(
        id=new, application_id=application.id, kind=kind, posted_by=str(actor), posted_at=now,
        region_code=notice.village(session, application, declared), last_day=last,
        body_sealed=sealed.seal(session, application, _BODY, new, body),
    )  # fmt: skip
    session.add(made)
    session.flush()
    detail = {"publication": str(new), "kind": kind}
    audit.record(
        session, "post.publication", actor=str(actor), subject=application.id, detail=detail,
        now=now,
    )  # fmt: skip
    return made
