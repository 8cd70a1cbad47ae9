"""审核确认: the county grants, refuses, or sends back; nobody confirms what they prepared."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.after import rechecks
from portal.casework.decision import letters, notice, reasons, review, standing
from portal.casework.decision.assessment import ONCE
from portal.casework.decision.tables import Decision
from portal.casework.publicity import publishing
from portal.casework.stages import REMEDY
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.people.access import Actor
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Party, Status

RECHECKS: Mapping[str, str] = {"yearly": "每年核查一次", "half_yearly": "每半年核查一次"}
"""民发〔2021〕57号 第31条; other classes are local and were not found."""
_MOST_DAYS = 366
"""刚性支出困难家庭 is recognised for twelve months at most (认定办法 第10条)."""


def approve(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    wanted: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Decision:
    """予以确认, with its letter: what, how much from next month on, for how many people.

    `wanted` {"category", "amount": 分 a month or None, "people", "recheck": a key of
    RECHECKS, "sentence", "basis", "until": date or None for what is not paid}. Money begins
    in the month after (民发〔2021〕57号 第21、25条). Raises Invalid by field, Forbidden
    (party_not_allowed, own_preparation), Conflict (two_investigators, county_visit_needed,
    opinion_missing, notice_needed, notice_not_over, objection_open).
    """
    _check_may_decide(session, application, catalogue, actor=actor)
    _check_posted(session, application, program, now=now)
    wanted = _with_basis(session, application, wanted)
    trace = _trace(session, application, program, catalogue, wanted, now=now)
    _check_wanted(program, trace, wanted, now=now)
    monthly = trace["method"] not in ("none", ONCE)
    starts = next_month(local_date(now)) if monthly else local_date(now)
    said = {
        "amount": wanted.get("amount"), "from": starts.isoformat(), "people": wanted["people"],
        "sentence": wanted["sentence"], "basis": wanted.get("basis"),
        "until": wanted["until"].isoformat() if wanted.get("until") else None,
    }  # fmt: skip
    event = _record(session, application, "approved", said, actor=actor, now=now)
    opinion = review.body(session, application, review.latest(session, application))
    body = {
        **said, "plain": f"{opinion.get('sentence', '')}{wanted['sentence']}",
        "below": review.is_below(trace, wanted.get("amount")), "category": wanted["category"], "recheck": wanted.get("recheck") or "",
        "recheck_text": RECHECKS.get(wanted.get("recheck") or "", ""), "computed": trace,
    }  # fmt: skip
    made = letters.write(
        session, application, program, catalogue, "approved", body, event, actor=actor, now=now
    )
    publishing.decided(session, application, program, body, actor=actor, now=now)
    rechecks.plan(session, application, body["recheck"], since=local_date(now))
    return made


def deny(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    wanted: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Decision:
    """不予确认, in writing, with the reason in law, in plain words, and the way to contest it.

    `wanted` {"rules": keys of the trace, "law": own words, "sentence"}. 社会救助法 第45、76条.
    Raises like approve; a refusal needs no posting.
    """
    _check_may_decide(session, application, catalogue, actor=actor)
    trace = _trace(session, application, program, catalogue, wanted, now=now)
    law, errors = reasons.in_law(trace, wanted.get("rules") or (), wanted.get("law") or "")
    if not (wanted.get("sentence") or "").strip():
        errors["sentence"] = ["请用大白话写清为什么。"]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    said = {"sentence": wanted["sentence"], "law": law, "remedy": "".join(REMEDY)}
    event = _record(session, application, "denied", said, actor=actor, now=now)
    return letters.write(
        session, application, program, catalogue, "denied", {**said, "computed": trace}, event,
        actor=actor, now=now,
    )  # fmt: skip


def give_back(
    session: Session,
    application: Application,
    catalogue: Catalogue,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """退回补充调查, saying what is to be looked at (民发〔2021〕57号 第20条)."""
    standing.check_confirmer(session, application, catalogue, actor=actor)
    return _record(
        session, application, "county_returned", {"sentence": sentence}, actor=actor, now=now
    )


def obstacles(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    *,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Why this person cannot grant it now, each in a sentence; empty when nothing is in the way."""
    checks: tuple[Callable[[], None], ...] = (
        partial(standing.check_confirmer, session, application, catalogue, actor=actor),
        partial(standing.check_prepared, session, application),
        partial(_check_opinion, session, application),
        partial(_check_posted, session, application, program, now=now),
    )
    found = []
    for check in checks:
        try:
            check()
        except (Conflict, Forbidden) as refusal:
            found.append(refusal.message)
    return found


def _check_may_decide(
    session: Session, application: Application, catalogue: Catalogue, *, actor: Actor
) -> None:
    standing.check_confirmer(session, application, catalogue, actor=actor)
    events.lock(session, application)
    if application.status != Status.COUNTY_REVIEW:
        raise Conflict("案件现在不在审核确认这一步。", code="move_not_allowed")
    standing.check_prepared(session, application)
    _check_opinion(session, application)


def _check_opinion(session: Session, application: Application) -> None:
    needed = standing.needs_survey(session, application)
    if needed and review.latest(session, application) is None:
        raise Conflict("还没有乡镇的初审意见。", code="opinion_missing")


def _check_posted(
    session: Session, application: Application, program: Program, *, now: datetime
) -> None:
    if standing.needs_survey(session, application):
        notice.check_posted(session, application, program, now=now)


def _trace(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    wanted: Mapping[str, Any],
    *,
    now: datetime,
) -> dict[str, Any]:
    category = wanted.get("category") or ""
    return review.computed(session, application, program, catalogue, category=category, now=now)


def _with_basis(
    session: Session, application: Application, wanted: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The township's figure stands on the township's basis, unless the county writes its own."""
    opinion = review.body(session, application, review.latest(session, application))
    if wanted.get("basis") or wanted.get("amount") != opinion.get("amount"):
        return wanted
    return {**wanted, "basis": opinion.get("basis", "")}


def _check_wanted(
    program: Program, trace: Mapping[str, Any], wanted: Mapping[str, Any], *, now: datetime
) -> None:
    errors = review.check_sum(program, trace, wanted)
    if trace["method"] != ONCE and wanted.get("recheck") not in RECHECKS:
        errors["recheck"] = ["请选多久核查一次。"]
    if not (wanted.get("sentence") or "").strip():
        errors["sentence"] = ["请写一句说明。"]
    until = wanted.get("until")
    if until is not None and not _is_soon(local_date(now), until):
        errors["until"] = ["到期日要在一年以内。"]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)


def _is_soon(today: date, until: date) -> bool:
    return today < until <= today + timedelta(days=_MOST_DAYS)


def next_month(today: date) -> date:
    """下月起."""
    after = today.year * 12 + today.month
    return date(after // 12, after % 12 + 1, 1)


def _record(
    session: Session,
    application: Application,
    kind: str,
    said: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """For the deciding office: the county, or whoever the province lets decide in its place."""
    return events.record(
        session, application, kind, after=events.KINDS[kind], party=Party.COUNTY,
        actor=str(actor), said=said, now=now,
    )  # fmt: skip
