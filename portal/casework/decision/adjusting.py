"""动态管理: looked at again, kept, paid more, and less or no more only after a hearing."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import clocks, events, heard_first
from portal.casework.decision import (
    heard,
    hearing,
    letters,
    objections,
    reasons,
    review,
    standing,
)
from portal.casework.decision.confirming import next_month
from portal.casework.decision.tables import Decision
from portal.casework.publicity import publishing
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.people.access import Actor, Role
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Party, Status

GRADUATING_MONTHS = 6
"""渐退期: in principle six months at most (2022兜底通知 一（三）; 新法施行后是否继续有效，待核)."""


def review_again(
    session: Session, application: Application, *, actor: Actor, now: datetime
) -> CaseEvent:
    """开始动态复核 (社会救助法 第46、47条). Raises Forbidden, Conflict."""
    standing.check_role(actor, application, *standing.TOWNSHIP_ROLES)
    return _record(session, application, "reviewing", None, Party.TOWNSHIP, actor=actor, now=now)


def start_paying(
    session: Session, application: Application, catalogue: Catalogue, *, actor: Actor, now: datetime
) -> CaseEvent:
    """The granted amount is paid from now on. Raises Forbidden, Conflict."""
    _check_county(actor, application, catalogue)
    events.lock(session, application)
    if application.status != Status.APPROVED:
        raise Conflict("案件现在不在这一步。", code="move_not_allowed")
    said = {"amount": heard.paid(session, application)}
    return _record(session, application, "paying", said, Party.COUNTY, actor=actor, now=now)


def keep(
    session: Session,
    application: Application,
    catalogue: Catalogue,
    *,
    amount: int | None,
    sentence: str,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """After looking again: as before, or more. A lower amount is a reduction and is refused
    here (Conflict hearing_needed). An open proposal is given up with it. Raises Conflict
    objection_open while an objection is not looked into: meanwhile the money goes on."""
    standing.check_confirmer(session, application, catalogue, actor=actor)
    events.lock(session, application)
    objections.check_settled(session, application)
    before = heard.paid(session, application)
    if before is not None and amount is not None and amount < before:
        raise Conflict("减发要先听本人的意见。", code="hearing_needed")
    said = {"amount": amount if before is not None else None, "sentence": sentence}
    if before is not None and amount is None:
        said["amount"] = before
    kind = "kept" if before is None else "paying"
    event = _record(session, application, kind, said, Party.COUNTY, actor=actor, now=now)
    proposed = heard.open_one(session, application)
    if proposed is not None:
        hearing.close(session, application, proposed, "kept", actor=actor, now=now)
    return event


def graduate(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    *,
    until: date | None,
    sentence: str,
    law: str,
    actor: Actor,
    now: datetime,
) -> Decision:
    """渐退: paid on unchanged until a day the person is told, six months off at most.

    What comes after is another decision, after a hearing. Raises Invalid (until, sentence,
    law), Forbidden, Conflict.
    """
    standing.check_confirmer(session, application, catalogue, actor=actor)
    events.lock(session, application)
    errors = _missing({"sentence": sentence, "law": law})
    today = local_date(now)
    if until is None or not today < until <= clocks.months_on(today, GRADUATING_MONTHS):
        errors["until"] = [f"渐退期最多{GRADUATING_MONTHS}个月。"]
    if errors or until is None:
        raise Invalid("有几处需要改一下。", fields=errors)
    said = {"until": until.isoformat(), "sentence": sentence, "law": law}
    event = _record(session, application, "graduating", said, Party.COUNTY, actor=actor, now=now)
    return letters.write(
        session, application, program, catalogue, "graduating", said, event, actor=actor, now=now
    )


def reduce(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    wanted: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Decision:
    """减发, only after the person was heard about it, and never below what was proposed.

    `wanted` {"amount": 分 a month, "sentence", "rules", "law", "reply": what is answered to
    what the person said, "basis"}. From the month after. 社会救助法 第47、48条. Raises
    Conflict (hearing_needed, objection_open), Invalid by field, Forbidden.
    """
    standing.check_confirmer(session, application, catalogue, actor=actor)
    events.lock(session, application)
    objections.check_settled(session, application)
    proposed = heard.check_heard(session, application, heard.REDUCED)
    before = heard.paid(session, application) or 0
    trace = _trace(session, application, program, catalogue, now=now)
    law, errors = _reasons(trace, wanted)
    least = heard.body(session, application, proposed).get("amount") or 0
    amount = wanted.get("amount") or 0
    if not least <= amount < before:
        errors["amount"] = ["要比现在少，不能低于问过本人的数。"]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    said = {
        "amount": amount, "sentence": wanted["sentence"], "law": law,
        "from": next_month(local_date(now)).isoformat(),
    }  # fmt: skip
    event = _record(session, application, "reduced", said, Party.COUNTY, actor=actor, now=now)
    hearing.close(session, application, proposed, "reduced", actor=actor, now=now)
    body = {
        **said, "before": before, "reply": wanted["reply"], "basis": wanted.get("basis", ""),
        "computed": trace,
    }  # fmt: skip
    return letters.write(
        session, application, program, catalogue, "reduced", body, event, actor=actor, now=now
    )


def stop(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    wanted: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Decision:
    """停发, only after the person was heard about it, or when who lived alone has died.

    `wanted` {"sentence", "rules", "law", "reply"}. From the month after. 社会救助法
    第47、48条. Raises Conflict (hearing_needed, objection_open, notice_needed, notice_not_over),
    Invalid by field, Forbidden.
    """
    standing.check_confirmer(session, application, catalogue, actor=actor)
    events.lock(session, application)
    objections.check_settled(session, application)
    gone, before = is_gone(session, application), heard.paid(session, application)
    proposed = None if gone else heard.check_heard(session, application, heard.STOPPED)
    publishing.check_stop_posted(session, application, program, now=now)
    trace = _trace(session, application, program, catalogue, now=now)
    law, errors = _reasons(trace, wanted if not gone else {**wanted, "reply": "—"})
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    starts = next_month(local_date(now)).isoformat()
    said = {"sentence": wanted["sentence"], "law": law, "from": starts}
    event = _record(session, application, "stopped", said, Party.COUNTY, actor=actor, now=now)
    if proposed is not None:
        hearing.close(session, application, proposed, "stopped", actor=actor, now=now)
    body = {
        **said, "reply": "" if gone else wanted["reply"], "before": before, "gone": gone,
        "computed": trace,
    }  # fmt: skip
    return letters.write(
        session, application, program, catalogue, "stopped", body, event, actor=actor, now=now
    )


def note_death(
    session: Session,
    application: Application,
    member: str,
    day: date,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """Somebody of the household has died: `member` heard_first.APPLICANT, or the name. To be looked at
    again within three months (2022兜底通知 一（三）). Raises Invalid, Forbidden."""
    standing.check_role(
        actor, application, *standing.TOWNSHIP_ROLES, Role.COUNTY_CONFIRMER, Role.COUNTY_CLERK
    )
    if day > local_date(now):
        raise Invalid("日期还没有到。", fields={"day": ["日期还没有到。"]})
    said = {"member": member, "on": day.isoformat()}
    return _record(session, application, "death", said, standing.party(actor), actor=actor, now=now)


def is_gone(session: Session, application: Application) -> bool:
    """Whether who it was granted to, alone, has died: nobody is left to hear."""
    words_of = partial(events.said, session, application)
    return heard_first.nobody_left(events.of(session, application), words_of)


def _trace(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    *,
    now: datetime,
) -> dict[str, Any]:
    """As for the category that was granted."""
    granted = [d for d in letters.of(session, application) if d.kind == "approved"]
    body = letters.body(session, application, granted[-1]) if granted else {}
    return review.computed(
        session, application, program, catalogue, category=body.get("category", ""), now=now
    )


def _check_county(actor: Actor, application: Application, catalogue: Catalogue) -> None:
    roles = [Role.COUNTY_CONFIRMER, Role.COUNTY_CLERK]
    if standing.delegated(catalogue, application) is not None:
        roles.append(Role.TOWNSHIP_REVIEWER)
    standing.check_role(actor, application, *roles)


def _reasons(
    trace: Mapping[str, Any], wanted: Mapping[str, Any]
) -> tuple[str, dict[str, list[str]]]:
    law, errors = reasons.in_law(trace, wanted.get("rules") or (), wanted.get("law") or "")
    return law, errors | _missing(
        {"sentence": wanted.get("sentence"), "reply": wanted.get("reply")}
    )


_LACKS = {
    "sentence": "请用大白话写清为什么。", "law": "请写明规定和条文。",
    "reply": "请写怎么考虑本人意见的。",
}  # fmt: skip


def _missing(words: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [_LACKS[name]] for name, text in words.items() if not (text or "").strip()}


def _record(
    session: Session,
    application: Application,
    kind: str,
    said: Mapping[str, Any] | None,
    party: Party,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    if actor.role is Role.APPLICANT:
        raise Forbidden("这一步由办事的人办理。", code="party_not_allowed")
    return events.record(
        session, application, kind, after=events.KINDS[kind], party=party, actor=str(actor),
        said=said, now=now,
    )  # fmt: skip
