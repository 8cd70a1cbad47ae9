"""初审公示: posted in the village for the days of the program, with the least possible data."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import clocks, events, limits, sealed
from portal.casework.decision import facts, objections, review, standing
from portal.casework.decision.tables import PublicNotice
from portal.casework.moves import NOTICE_DAYS
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy import directory, regions
from portal.policy.catalogue import Program
from portal.policy.eligibility.words import yuan
from portal.policy.lifecycle import Party, Status

ALLOWED: Mapping[str, str] = {
    "name": "申请人", "people": "保障人数", "village": "村（社区）", "category": "拟定类别",
    "amount": "拟定金额", "from": "公示开始", "until": "公示到", "phone": "有意见打电话",
}  # fmt: skip
"""All that may stand on a posting, and how it is called. 民发〔2021〕57号 第24条, facts 11.2:
no identity number, phone, account, address, illness, disability, child's name, check result."""
_BODY = "public_notices.body_sealed"
_POSTERS = (Role.TOWNSHIP_REVIEWER, Role.TOWNSHIP_CLERK)


def post(
    session: Session, application: Application, program: Program, *, actor: Actor, now: datetime
) -> PublicNotice:
    """Post a favourable first review; after an objection, post it anew.

    Raises Conflict (opinion_missing, not_posted for an unfavourable one), Forbidden.
    """
    standing.check_role(actor, application, *_POSTERS)
    events.lock(session, application)
    opinion = review.body(session, application, review.latest(session, application))
    if not opinion:
        raise Conflict("还没有初审意见，不能公示。", code="opinion_missing")
    if opinion["opinion"] != review.FIT or not standing.needs_notice(program):
        raise Conflict("这一件不用公示，直接报县里。", code="not_posted")
    if application.status == Status.REINVESTIGATING:
        objections.check_settled(session, application)
    last_day = _last_day(program, application, now)
    content = _content(session, application, program, opinion, local_date(now), last_day)
    events.record(
        session, application, "public_notice", after=Status.PUBLIC_NOTICE, party=Party.TOWNSHIP,
        actor=str(actor), said={"until": last_day.isoformat()}, now=now,
    )  # fmt: skip
    new, before = uuid4(), of(session, application)
    for earlier in before:
        earlier.ended_at = earlier.ended_at or now
    notice = PublicNotice(
        id=new, application_id=application.id, round=len(before) + 1,
        region_code=village(session, application, facts.declared(session, application)),
        posted_by=str(actor), posted_at=now,
        body_sealed=sealed.seal(session, application, _BODY, new, content), last_day=last_day,
    )  # fmt: skip
    session.add(notice)
    session.flush()
    return notice


def end(session: Session, application: Application, *, actor: Actor, now: datetime) -> PublicNotice:
    """The days are over and nobody objected: take it down, and the file goes to the county.

    Raises Conflict (notice_not_over, objection_open), Forbidden.
    """
    standing.check_role(actor, application, *_POSTERS)
    events.lock(session, application)
    notice = latest(session, application)
    if notice is None or application.status != Status.PUBLIC_NOTICE:
        raise Conflict("现在没有在公示。请刷新。", code="move_not_allowed")
    check_over(notice, now=now)
    if objections.open_ones(session, application):
        raise Conflict("有人提了意见，要先重新调查。", code="objection_open")
    notice.ended_at = now
    events.record(
        session, application, "notice_over", after=None, party=Party.TOWNSHIP, actor=str(actor),
        said=None, now=now,
    )  # fmt: skip
    _to_county(session, application, actor=actor, now=now)
    return notice


def send_up(
    session: Session, application: Application, program: Program, *, actor: Actor, now: datetime
) -> None:
    """报县级: an unfavourable opinion, a program without posting, or after a reinvestigation.

    Raises Conflict (opinion_missing, notice_needed, notice_not_over, objection_open,
    opinion_too_old), Forbidden.
    """
    standing.check_role(actor, application, Role.TOWNSHIP_REVIEWER)
    events.lock(session, application)
    opinion = review.latest(session, application)
    said = review.body(session, application, opinion)
    if opinion is None:
        raise Conflict("还没有初审意见，不能上报。", code="opinion_missing")
    again = application.status == Status.REINVESTIGATING
    if again:
        _check_reinvestigated(session, application, opinion.made_at, now=now)
    posted = said["opinion"] == review.FIT and standing.needs_notice(program)
    if posted and (not again or standing.needs_new_notice(program)):
        raise Conflict("拟符合的要先公示。", code="notice_needed")
    _to_county(session, application, actor=actor, now=now)


def check_over(notice: PublicNotice, *, now: datetime) -> None:
    """Raises Conflict notice_not_over: a posting hangs its days out (57号 第19条)."""
    if local_date(now) <= notice.last_day:
        raise Conflict("公示还没满期。", code="notice_not_over")


def check_posted(
    session: Session, application: Application, program: Program, *, now: datetime
) -> None:
    """What a grant needs where the program is posted: hung out, and nothing left open.

    Raises Conflict (notice_needed, notice_not_over, objection_open).
    """
    if not standing.needs_notice(program):
        return
    notice = latest(session, application)
    if notice is None:
        raise Conflict("还没有公示，要先公示。", code="notice_needed")
    check_over(notice, now=now)
    objections.check_settled(session, application)


def of(session: Session, application: Application) -> Sequence[PublicNotice]:
    """First to last."""
    rows = select(PublicNotice).where(PublicNotice.application_id == application.id)
    return session.scalars(rows.order_by(PublicNotice.round)).all()


def latest(session: Session, application: Application) -> PublicNotice | None:
    found = of(session, application)
    return found[-1] if found else None


def content(session: Session, application: Application, notice: PublicNotice) -> dict[str, str]:
    """What stands on it, {name of ALLOWED: words}, in its order."""
    found = sealed.unseal(session, application, _BODY, notice.id, notice.body_sealed)
    return {name: str(found[name]) for name in ALLOWED if name in found}


def public(fields: Mapping[str, str]) -> dict[str, str]:
    """Only what may be posted. Raises ValueError for anything else: never quietly left out."""
    more = set(fields) - set(ALLOWED)
    if more:
        raise ValueError(f"{sorted(more)} may not be posted")
    return {name: fields[name] for name in ALLOWED if name in fields}


def masked(name: str) -> str:
    """刘某某: the first character, and 某 for each further one, two at most."""
    text = name.strip()
    return text[:1] + "某" * min(2, max(1, len(text) - 1)) if text else "某某"


def fields(
    session: Session,
    application: Application,
    program: Program,
    declared: Mapping[str, Any],
    granted: Mapping[str, Any],
    first: date,
    last: date | None,
) -> dict[str, str]:
    """All that is ever posted of one household: `granted` {category, people, amount: 分}."""
    category = review.categories(program).get(granted["category"], program.short)
    path = application.region_path or ""
    shown = {
        "name": masked(str(declared.get("applicant_name") or "")),
        "people": f"{granted['people']}人",
        "village": regions.find(session, village(session, application, declared)).name,
        "category": category if program.short in category else f"{program.short}（{category}）",
        "from": _day_text(first),
        "until": _day_text(last) if last else limits.NOBODY_SAID,
        "phone": directory.for_place(session, path, kinds=directory.OFFICES).phone,
    }
    if granted.get("amount"):
        shown["amount"] = f"每月{yuan(granted['amount'])}元"
    return public(shown)


def village(session: Session, application: Application, declared: Mapping[str, Any]) -> str:
    """The village of the household's place, if it lies in the township that has the file."""
    place = declared.get("household_place") or {}
    code = str(place.get("code") or "")
    try:
        found = regions.find(session, code)
    except (NotFound, Invalid):
        return application.region_code or ""
    inside = application.region_code in regions.path(session, found.code).split("/")
    return found.code if inside else application.region_code or ""


def _content(
    session: Session,
    application: Application,
    program: Program,
    opinion: Mapping[str, Any],
    first: date,
    last: date,
) -> dict[str, str]:
    found = facts.declared(session, application)
    return fields(session, application, program, found, opinion, first, last)


def _last_day(program: Program, application: Application, now: datetime) -> date:
    found = limits.limit(
        program, application.region_path or "", ("public_notice",), {"first_reviewed": now}
    )
    shortest = clocks.period_end(now, NOTICE_DAYS)
    return max(found.on, shortest) if found is not None and found.on else shortest


def _check_reinvestigated(
    session: Session, application: Application, written_at: datetime, *, now: datetime
) -> None:
    objections.check_settled(session, application)
    since = standing.since_status(events.of(session, application), "reinvestigating")
    if since is not None and written_at < since:
        raise Conflict("重新调查后，要重新写初审意见。", code="opinion_too_old")
    notice = latest(session, application)
    if notice is not None:
        check_over(notice, now=now)
        notice.ended_at = notice.ended_at or now


def _to_county(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    events.record(
        session, application, "county_review", after=Status.COUNTY_REVIEW, party=Party.TOWNSHIP,
        actor=str(actor), said=None, now=now,
    )  # fmt: skip


def _day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
