"""转办: a file in the wrong place is passed on, sent back at most once, then the county decides."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import clocks, duties, events, front_door, queue
from portal.casework.limits import OUR_TARGET_DAYS
from portal.casework.tables import CaseEvent
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.handover import embedded
from portal.people import access
from portal.people.access import Actor
from portal.policy import regions
from portal.policy.lifecycle import Party, Status
from portal.policy.tables import Region

MOST_BOUNCES = 2
"""So often townships may pass a file on between them; then the county names the place."""


def transfer(
    session: Session,
    application: Application,
    place: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """转办 to the right township; the first filing time stays (社会救助法 第64条).

    The same way twice is refused, so that nobody is sent in circles. Raises Invalid,
    Conflict (sent_there_before, county_decides, county_decided, not_delivered).
    """
    front_door.check_window(actor)
    there = _township(session, application, place)
    return _pass_on(session, application, there, sentence, actor=actor, now=now)


def send_back(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> CaseEvent:
    """退回原处: it came here by a transfer and does not belong here either.

    Raises Conflict (never_transferred, and as transfer does).
    """
    front_door.check_window(actor)
    ways = of(session, application)
    if not ways or not ways[-1].get("from_place"):
        raise Conflict("它不是转办来的。", code="never_transferred")
    there = regions.find(session, ways[-1]["from_place"])
    return _pass_on(session, application, there, sentence, actor=actor, now=now)


def settle(
    session: Session,
    application: Application,
    place: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """县里指定: the township this file stays in, told to both and to the applicant.

    Any file of the county that waits; afterwards no township passes it on again. Raises
    Forbidden for others than the county, Invalid, Conflict.
    """
    if not actor.holds(*duties.COUNTY):
        raise Forbidden("受理地由县民政局定。", code="party_not_allowed")
    if not access.covers(actor.region_code, application.region_path or ""):
        raise NotFound("没有找到这份申请。")
    events.lock(session, application)
    region = _township(session, application, place, here_too=True)
    event = _record(session, application, region, sentence, Party.COUNTY, actor=actor, now=now)
    application.bounces = 0
    return event


def of(session: Session, application: Application) -> list[dict[str, Any]]:
    """From where to where and why, first to last; `until` our target, `by_county` who said it."""
    return [
        {**events.said(session, application, event), "by_county": event.party == Party.COUNTY}
        for event in events.of(session, application)
        if event.kind == "transferred"
    ]


def _pass_on(
    session: Session,
    application: Application,
    region: Region,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """By the township's clerk, who must have it as for every act at the front door."""
    ways = of(session, application)
    _check_ways(application, ways, region.code)
    front_door.take(session, application, actor=actor, now=now)
    event = _record(session, application, region, sentence, Party.TOWNSHIP, actor=actor, now=now)
    application.bounces += 1
    return event


def _check_ways(application: Application, ways: list[dict[str, Any]], code: str) -> None:
    if ways and ways[-1]["by_county"]:
        raise Conflict("县里已定在这里办。", code="county_decided")
    before = [(way.get("from_place"), way.get("place")) for way in ways]
    if (application.region_code, code) in before:
        raise Conflict("已经转去过那里。请联系县民政局。", code="sent_there_before")
    if application.bounces >= MOST_BOUNCES:
        raise Conflict("已经转过两次。请等县里定。", code="county_decides")


def _record(
    session: Session,
    application: Application,
    region: Region,
    sentence: str,
    party: Party,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    if queue.current(session, application) is None:
        raise Conflict("材料还在路上，请过一会儿再转。", code="not_delivered")
    come_from = application.region_code or ""
    until, _provisional = clocks.add_workdays(local_date(now), OUR_TARGET_DAYS)
    said = {
        "place": region.code, "place_name": region.name, "from_place": come_from,
        "from_name": regions.find(session, come_from).name, "sentence": sentence,
        "until": until.isoformat(),
    }  # fmt: skip
    event = events.record(
        session, application, "transferred", after=None, party=party, actor=str(actor),
        said=said, now=now,
    )  # fmt: skip
    application.region_code = region.code
    application.region_path = regions.path(session, region.code)
    application.routed_by = applications.TRANSFERRED
    application.held_by = application.held_duty = application.held_until = None
    embedded.move(session, application, actor=str(actor), now=now)
    return event


def _township(
    session: Session, application: Application, place: str, *, here_too: bool = False
) -> Region:
    try:
        region = regions.find(session, place)
    except NotFound as fault:
        raise _wrong_place("没有这个地方。请重新选。") from fault
    if region.level != "township":
        raise _wrong_place("请选到乡镇（街道）。")
    if region.code == application.region_code and not here_too:
        raise _wrong_place("它现在就在这里。")
    if application.status != Status.SUBMITTED:
        raise Conflict("这份申请已经办过这一步。请刷新。", code="move_not_allowed")
    return region


def _wrong_place(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"place": [sentence]})
