"""单独登记备案: files of kin of those in office; the county looks itself before it decides.

民发〔2021〕57号 第11条、第20条.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import duties, events
from portal.casework.decision import facts
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date, spoken
from portal.foundation.errors import Forbidden, Invalid
from portal.people.access import Actor
from portal.policy.lifecycle import Party

_DECLARED = "present"


def flag(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> CaseEvent:
    """Register it: who is kin of whom, in a sentence. It delays nothing and is no reproach.

    Raises Forbidden for anybody but the township's and county's staff, Invalid.
    """
    return events.record(
        session, application, "near_kin", after=None, party=_party(actor), actor=str(actor),
        said={"sentence": sentence}, now=now,
    )  # fmt: skip


def note_visit(
    session: Session,
    application: Application,
    names: Sequence[str],
    on: date,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """The county has been to the home: two people, the day, what they saw.

    Raises Forbidden for the township, Invalid (investigators, on, sentence), Conflict.
    """
    if _party(actor) is not Party.COUNTY:
        raise Forbidden("这一步由县民政局办理。", code="party_not_allowed")
    if on > local_date(now):
        raise Invalid("日期还没有到。", fields={"on": ["日期还没有到。"]})
    said = {"investigators": list(names), "on": on.isoformat(), "sentence": sentence}
    return events.record(
        session, application, "visit", after=None, party=Party.COUNTY, actor=str(actor),
        said=said, now=now,
    )  # fmt: skip


def is_flagged(session: Session, application: Application) -> bool:
    """Registered by an office, or declared in the application itself."""
    if any(event.kind == "near_kin" for event in events.of(session, application)):
        return True
    return facts.declared(session, application).get("near_kin") == _DECLARED


def visited(session: Session, application: Application) -> bool:
    """Whether the county has been to the home."""
    return any(
        event.kind == "visit" and event.party == Party.COUNTY
        for event in events.of(session, application)
    )


def register(session: Session, *, actor: Actor) -> list[dict[str, Any]]:
    """备案册 of the actor's division, newest first: {"application", "on_text", "sentence",
    "visited"}. Raises Forbidden for anybody who may not open files."""
    duties.check_reader(actor)
    rows = (
        select(CaseEvent, Application)
        .join(Application, Application.id == CaseEvent.application_id)
        .where(duties.scope(actor), CaseEvent.kind == "near_kin")
        .order_by(CaseEvent.at.desc(), CaseEvent.id)
        .limit(500)
    )
    return [
        {
            "application": application,
            "on_text": spoken(event.at),
            "sentence": events.said(session, application, event).get("sentence", ""),
            "visited": visited(session, application),
        }
        for event, application in session.execute(rows)
    ]


def _party(actor: Actor) -> Party:
    duties.check_staff(actor)
    if actor.holds(*duties.COUNTY):
        return Party.COUNTY
    if actor.holds(*duties.TOWNSHIP):
        return Party.TOWNSHIP
    raise Forbidden("这一步由乡镇或县民政局办理。", code="party_not_allowed")
