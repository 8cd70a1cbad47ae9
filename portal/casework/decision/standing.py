"""Who may act here, and what must stand before a decision: asked in one place."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import duties, events
from portal.casework.decision import evidence, near_kin
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, NotFound
from portal.people import access
from portal.people.access import Actor, Role
from portal.people.tables import Staff
from portal.policy.catalogue import Catalogue, Program, Source
from portal.policy.lifecycle import Party, Status

TOWNSHIP_ROLES = tuple(duties.TOWNSHIP)
COUNTY_ROLES = tuple(duties.COUNTY)
_COUNTYS_OWN = frozenset({"check_result"})
"""Preparation although the county makes it."""


def check_role(actor: Actor, application: Application, *roles: Role) -> None:
    """Raises Forbidden without one of the roles, NotFound for a file of another division."""
    duties.check_staff(actor)
    if not actor.holds(*roles):
        raise Forbidden("这一步不由您这个岗位办理。", code="party_not_allowed")
    path = application.region_path or ""
    if not application.submission_no or not access.covers(actor.region_code, path):
        raise NotFound("没有找到这份申请。")


def party(actor: Actor) -> Party:
    """For which office somebody of the desk speaks."""
    return Party.COUNTY if actor.holds(*COUNTY_ROLES) else Party.TOWNSHIP


def delegated(catalogue: Catalogue, application: Application) -> Source | None:
    """Where it stands that townships decide here (社会救助法 第44条); None: the county does."""
    codes = (application.region_path or "").split("/")
    found = [catalogue.township_decides[c] for c in codes if c in catalogue.township_decides]
    return found[-1] if found else None


def check_confirmer(
    session: Session, application: Application, catalogue: Catalogue, *, actor: Actor
) -> None:
    """Only who confirms, and never what they prepared themselves.

    社会救助法 第44条: the county; a township's reviewer where the province has said so.
    Raises Forbidden (party_not_allowed, own_preparation), NotFound.
    """
    roles = [Role.COUNTY_CONFIRMER]
    if delegated(catalogue, application) is not None:
        roles.append(Role.TOWNSHIP_REVIEWER)
    check_role(actor, application, *roles)
    if prepared(session, application, actor=actor):
        raise Forbidden("您经手过这一件，要由别人确认。", code="own_preparation")


def prepared(session: Session, application: Application, *, actor: Actor) -> bool:
    """Whether this person accepted, surveyed, checked or reviewed the file."""
    if actor.id in evidence.investigators(session, application):
        return True
    return any(
        event.actor == str(actor) and (event.party == Party.TOWNSHIP or event.kind in _COUNTYS_OWN)
        for event in events.of(session, application)
    )


def reviewers(session: Session, application: Application) -> list[Staff]:
    """Active staff of the township who may write the first review."""
    rows = select(Staff).where(Staff.active, Staff.region_code == application.region_code)
    found = session.scalars(rows.order_by(Staff.display_name, Staff.username))
    return [one for one in found if Role.TOWNSHIP_REVIEWER in (one.role, *one.also.split(","))]


def check_prepared(session: Session, application: Application) -> None:
    """What every decision needs, for and against: two investigators, and the county's own look
    where kin of those in office are concerned (民发〔2021〕57号 第16、20条).

    Raises Conflict two_investigators or county_visit_needed.
    """
    if needs_survey(session, application) and not evidence.two_investigators(session, application):
        raise Conflict("入户调查要有两个不同的人。", code="two_investigators")
    if near_kin.is_flagged(session, application) and not near_kin.visited(session, application):
        raise Conflict("近亲属备案件，县里要先入户。", code="county_visit_needed")


def needs_survey(session: Session, application: Application) -> bool:
    """Everything but an emergency that went to the county without one (社会救助法 第50条)."""
    happened = events.of(session, application)
    return application.machine != "emergency" or any(
        event.after == Status.SURVEYING for event in happened
    )


def needs_notice(program: Program) -> bool:
    """Whether the first review is posted in the village (低保 57号 第19条, 特困 43号 第15条)."""
    return any(d.step == "public_notice" for d in program.deadlines)


def needs_new_notice(program: Program) -> bool:
    """Whether it is posted anew after an objection (特困: 43号 第15条)."""
    return any(d.step == "objection" for d in program.deadlines)


def since_status(happened: list[CaseEvent], *kinds: str) -> datetime | None:
    """When one of these last happened."""
    return next((e.at for e in reversed(happened) if e.kind in kinds), None)
