"""What the desk shows of a decision in the making: the figures, and what this person can do now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import duties, events, heard_first, limits
from portal.casework.decision import (
    aborting,
    adjusting,
    confirming,
    evidence,
    facts,
    heard,
    hearing,
    letters,
    near_kin,
    notice,
    objections,
    reasons,
    review,
    standing,
    told,
)
from portal.casework.decision.letter_paper import day_text
from portal.filing.tables import Application
from portal.foundation.clock import local_date, spoken
from portal.people.access import Actor, Role
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import FINAL, NOTES, Status

_S = Status
_BEFORE = frozenset({_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.NOT_ACCEPTED, _S.WITHDRAWN})
_WEIGHED = frozenset({_S.FIRST_REVIEW, _S.PUBLIC_NOTICE, _S.REINVESTIGATING, _S.COUNTY_REVIEW})
"""Where the figures are looked at."""
_PAID = frozenset({_S.APPROVED, _S.PAYING, _S.REVIEWING, _S.GRADUATING})
_OBJECTED = frozenset({_S.PUBLIC_NOTICE, _S.APPROVED, _S.PAYING})
_LOOKED_INTO = frozenset({_S.REINVESTIGATING, _S.REVIEWING, _S.GRADUATING})


def at_desk(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    *,
    actor: Actor,
    now: datetime,
) -> dict[str, Any] | None:
    """Everything on one screen, or None where nothing is decided: before 受理 and for what other
    roads decide.

    {"may": {act: True}, "traces": [{"label", "category", "trace"}], "opinion", "warnings",
    "obstacles", "kin", "notice", "objections", "hearing", "letters", "paid", "categories"}.
    """
    status = Status(application.status)
    if application.machine == "referral" or status in _BEFORE:
        return None
    surveyed = evidence.two_investigators(session, application)
    weighed = status in _WEIGHED or (status is _S.SURVEYING and surveyed)
    can = _may(session, application, program, catalogue, actor, surveyed=surveyed)
    shown: dict[str, Any] = {
        "may": {act: True for act, open_now in can.items() if open_now},
        "traces": _traces(session, application, program, catalogue, now) if weighed else [],
        "opinion": review.body(session, application, review.latest(session, application)),
        "warnings": _warnings(session, application, actor) if can["opinion"] else [],
        "obstacles": [],
        "kin": _kin(session, application),
        "notice": _notice(session, application, now),
        "objections": _objections(session, application, program),
        "hearing": _hearing(session, application),
        "letters": _letters(session, application, program, now),
        "paid": heard.paid(session, application),
        "gone": adjusting.is_gone(session, application),
        "today": local_date(now).isoformat(),
        "categories": review.categories(program),
        "people": _people(session, application),
    }
    if status is _S.COUNTY_REVIEW and can["decide"]:
        shown["obstacles"] = confirming.obstacles(
            session, application, program, catalogue, actor=actor, now=now
        )
    return shown


def _may(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    actor: Actor,
    *,
    surveyed: bool,
) -> dict[str, bool]:
    """Which forms to show: by role and place of the file. The verbs check again."""
    delegated = standing.delegated(catalogue, application) is not None
    reviewer = actor.holds(Role.TOWNSHIP_REVIEWER)
    confirms = actor.holds(Role.COUNTY_CONFIRMER) or (delegated and reviewer)
    return {
        **_township_may(session, application, program, actor, surveyed=surveyed),
        **_county_may(session, application, actor, confirms=confirms),
        "abort": confirms and application.status == _S.SURVEYING,
        **_both_may(session, application, actor, confirms=confirms),
    }


def _township_may(
    session: Session, application: Application, program: Program, actor: Actor, *, surveyed: bool
) -> dict[str, bool]:
    """First review, posting, objections."""
    status, reviewer = Status(application.status), actor.holds(Role.TOWNSHIP_REVIEWER)
    posts = reviewer or actor.holds(Role.TOWNSHIP_CLERK)
    looks = reviewer or actor.holds(Role.TOWNSHIP_INVESTIGATOR)
    opinion = review.body(session, application, review.latest(session, application))
    fit = bool(opinion) and opinion["opinion"] == review.FIT
    posted = fit and standing.needs_notice(program)
    unsettled = bool(objections.open_ones(session, application))
    again = status is _S.REINVESTIGATING and not unsettled
    ready = status is _S.FIRST_REVIEW or again
    straight = not posted or (again and not standing.needs_new_notice(program))
    return {
        "hand_in": actor.holds(*duties.TOWNSHIP) and status is _S.SURVEYING and surveyed,
        "opinion": reviewer and (ready or (status is _S.SURVEYING and surveyed)),
        "post": posts and posted and ready,
        "end": posts and status is _S.PUBLIC_NOTICE and not unsettled,
        "send_up": reviewer and bool(opinion) and ready and straight,
        "object": actor.holds(*duties.TOWNSHIP) and objections.is_posted(session, application),
        "reinvestigate": looks and status in _OBJECTED and unsettled,
        "settle": looks and status in _LOOKED_INTO and unsettled,
    }


def _county_may(
    session: Session, application: Application, actor: Actor, *, confirms: bool
) -> dict[str, bool]:
    """Deciding, and deciding anew."""
    status = Status(application.status)
    flagged = near_kin.is_flagged(session, application)
    adjusts = confirms and status in (_S.REVIEWING, _S.GRADUATING)
    return {
        "decide": confirms and status is _S.COUNTY_REVIEW,
        "start_paying": confirms
        and status is _S.APPROVED
        and heard.paid(session, application) is not None,
        "keep": adjusts,
        "change": adjusts,
        "graduate": confirms and status is _S.REVIEWING,
        "kin_visit": actor.holds(*duties.COUNTY) and status in NOTES["visit"].at and flagged,
    }


def _both_may(
    session: Session, application: Application, actor: Actor, *, confirms: bool
) -> dict[str, bool]:
    """Hearing, delivery, and what is only written down."""
    status, town = Status(application.status), actor.holds(*duties.TOWNSHIP)
    anybody = town or actor.holds(*duties.COUNTY)
    asked = heard.open_one(session, application) is not None
    return {
        "review_again": town and status in (_S.PAYING, _S.APPROVED),
        "ask": (town or confirms) and status in _PAID and not asked,
        "note": (town or confirms) and asked,
        "deliver": anybody,
        "kin": anybody and status not in FINAL,
        "death": anybody and status in _PAID,
    }


def _traces(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    now: datetime,
) -> list[dict[str, Any]]:
    """The computation, one for each kind the application may turn out to be."""
    found = review.computed(session, application, program, catalogue, now=now)
    areas = {k: v for k, v in review.categories(program).items() if k in ("urban", "rural")}
    if found["area"] != "unsure" or not areas:
        return [{"label": "", "category": "", "trace": found}]
    return [
        {
            "label": label,
            "category": category,
            "trace": review.computed(
                session, application, program, catalogue, category=category, now=now
            ),
        }
        for category, label in areas.items()
    ]


def _warnings(session: Session, application: Application, actor: Actor) -> list[str]:
    """Told, never blocking: 受理、调查 and 初审 by different people, when the office has them."""
    others = [one for one in standing.reviewers(session, application) if one.id != actor.id]
    if not others or not standing.prepared(session, application, actor=actor):
        return []
    names = "、".join(one.display_name for one in others)
    return [f"您经手过这一件。最好请{names}写初审意见。"]


def _people(session: Session, application: Application) -> dict[str, str]:
    """Who may have died: the person the file is about, and the household by name."""
    members = facts.declared(session, application).get("members") or []
    names = [str(m.get("name") or "") for m in members]
    return {heard_first.APPLICANT: "申请人本人", **{name: name for name in names if name}}


def _kin(session: Session, application: Application) -> dict[str, Any]:
    said = [
        events.said(session, application, event).get("sentence", "")
        for event in events.of(session, application)
        if event.kind == "near_kin"
    ]
    return {
        "flagged": near_kin.is_flagged(session, application),
        "registered": said,
        "visited": near_kin.visited(session, application),
    }


def _notice(session: Session, application: Application, now: datetime) -> dict[str, Any] | None:
    found = notice.latest(session, application)
    if found is None:
        return None
    content = notice.content(session, application, found)
    return {
        "round": found.round,
        "rows": [[notice.ALLOWED[name], words] for name, words in content.items()],
        "until_text": day_text(found.last_day),
        "hangs": found.ended_at is None,
        "over": local_date(now) > found.last_day,
    }


def _objections(
    session: Session, application: Application, program: Program
) -> list[dict[str, Any]]:
    """As objections.shown, with "due_text": the last day to look into it, where a law has one."""
    path, found = application.region_path or "", []
    for one in objections.of(session, application):
        timed = objections.about(session, one) != objections.DECISION
        since = {"objected": one.received_at}
        rule = limits.limit(program, path, ("objection",), since) if timed else None
        due = day_text(rule.on) if rule is not None and rule.on is not None else ""
        shown = objections.shown(session, application, one, for_desk=True)
        found.append({**shown, "due_text": due})
    return found


def _hearing(session: Session, application: Application) -> dict[str, Any] | None:
    found = heard.open_one(session, application)
    if found is None:
        return None
    shown = told.proposal(session, application, found)
    body = heard.body(session, application, found)
    not_met = [
        {"on_text": day_text(line.day), **heard.words(session, application, line)}
        for line in heard.lines(session, found)
        if line.kind == "not_met"
    ]
    vain = heard.tried_in_vain(session, found)
    return {**shown, "amount": body.get("amount"), "not_met": not_met, "in_vain": vain}


def _letters(
    session: Session, application: Application, program: Program, now: datetime
) -> list[dict[str, Any]]:
    found = []
    for decision in reversed(letters.of(session, application)):
        due = letters.deliver_by(decision)
        shown = told.letter(session, application, program, decision)
        late = not shown["delivered"] and local_date(now) > due.on
        opened = spoken(decision.opened_at) if decision.opened_at else ""
        found.append({**shown, "opened_text": opened, "due_text": day_text(due.on), "late": late})
    return found


CHOICES: Mapping[str, Mapping[str, str]] = {
    "rechecks": confirming.RECHECKS,
    "changes": heard.CHANGES,
    "how_objected": {k: v for k, v in objections.HOW.items() if k != "portal"},
    "how_delivered": letters.BY_HAND,
}
"""What the forms offer."""
LIMITS = {"law": reasons.MOST, "ours": hearing.OURS, "abort_law": aborting.LAW}
