"""初审: the township's opinion on a surveyed household; for and against both go to the county."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.decision import assessment, evidence, facts, reasons, standing
from portal.casework.decision.tables import Opinion
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid
from portal.people.access import Actor, Role
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Party, Status

FIT, UNFIT = "fit", "unfit"
_BODY = "opinions.body_sealed"
_CATEGORY_FIELDS = ("apply_type", "support_form")
_TERMS = {"home": "特困分散供养", "institution": "特困集中供养"}
"""The field's own term (社会救助法 第16条) beside the plain words of the form."""
_AREAS = ("urban", "rural")
_MOST_PEOPLE = 30


def computed(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    *,
    category: str = "",
    now: datetime,
) -> dict[str, Any]:
    """The trace of assessment.assess for this file today: the survey's findings over the
    declared answers. `category` urban or rural where the application left it open."""
    found = evidence.findings(session, application)
    if category in _AREAS:
        found["area"] = category
    return assessment.assess(
        catalogue, program, application.region_path or "", facts.declared(session, application),
        found, on=local_date(now),
    )  # fmt: skip


def give_opinion(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    wanted: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Opinion:
    """Write the first review; a later one takes its place until the file goes on.

    `wanted` {"opinion": fit · unfit, "category", "amount": 分 a month or None, "people",
    "sentence", "basis", "rules": keys of the trace, "law"}. The opinion is a person's: the
    trace is kept beside it and decides nothing. A figure that cannot be computed, or differs
    from the computed one, needs its basis; an unfavourable opinion names its rules.
    社会救助法 第44条. Raises Invalid by field, Conflict (two_investigators), Forbidden.
    """
    standing.check_role(actor, application, Role.TOWNSHIP_REVIEWER)
    events.lock(session, application)
    if not evidence.two_investigators(session, application):
        raise Conflict("入户调查要有两个不同的人。", code="two_investigators")
    trace = computed(
        session, application, program, catalogue, category=wanted.get("category") or "", now=now
    )
    body = _checked(program, trace, wanted)
    body["own_survey"] = actor.id in evidence.investigators(session, application)
    body["below"] = is_below(trace, body["amount"])
    body["computed"] = trace
    _begin(session, application, actor=actor, now=now)
    said = {k: body[k] for k in ("opinion", "amount", "people", "sentence", "basis", "law")}
    event = events.record(
        session, application, "first_reviewed", after=None, party=Party.TOWNSHIP,
        actor=str(actor), said=said, now=now,
    )  # fmt: skip
    new = uuid4()
    opinion = Opinion(
        id=new, application_id=application.id, event_id=event.id, author=str(actor),
        body_sealed=sealed.seal(session, application, _BODY, new, body), made_at=now,
    )  # fmt: skip
    session.add(opinion)
    session.flush()
    return opinion


def hand_in(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """调查齐了，交初审. Raises Conflict (two_investigators, move_not_allowed), Forbidden."""
    standing.check_role(actor, application, *standing.TOWNSHIP_ROLES)
    events.lock(session, application)
    if not evidence.two_investigators(session, application):
        raise Conflict("入户调查要有两个不同的人。", code="two_investigators")
    if application.status != Status.SURVEYING:
        raise Conflict("案件现在不在调查这一步。", code="move_not_allowed")
    _begin(session, application, actor=actor, now=now)


def latest(session: Session, application: Application) -> Opinion | None:
    """The opinion that counts."""
    written = of(session, application)
    return written[-1] if written else None


def body(session: Session, application: Application, opinion: Opinion | None) -> dict[str, Any]:
    """{opinion, category, amount, people, sentence, basis, law, own_survey, below, computed}."""
    if opinion is None:
        return {}
    return sealed.unseal(session, application, _BODY, opinion.id, opinion.body_sealed)


def categories(program: Program) -> dict[str, str]:
    """What may be granted, {value: label}, from the form's own question; else the program."""
    for field in program.form.fields:
        if field.name in _CATEGORY_FIELDS:
            given = {o.value: o.label.split("（")[0] for o in field.options if o.value != "unsure"}
            return {
                k: f"{_TERMS[k]}（{plain}）" if k in _TERMS else plain for k, plain in given.items()
            }
    return {"household": program.short}


def check_sum(
    program: Program, trace: Mapping[str, Any], wanted: Mapping[str, Any]
) -> dict[str, list[str]]:
    """What is wrong with category, amount, people and basis of a grant: a sentence a field."""
    errors: dict[str, list[str]] = {}
    amount, people = wanted.get("amount"), wanted.get("people")
    if wanted.get("category") not in categories(program):
        errors["category"] = ["请选类别。"]
    if not isinstance(people, int) or not 1 <= people <= _MOST_PEOPLE:
        errors["people"] = ["请填保障几个人。"]
    if trace["method"] == "none":
        return errors | ({"amount": ["这一项没有每月发的钱。"]} if amount else {})
    if not isinstance(amount, int) or amount <= 0:
        errors["amount"] = ["请填每月多少元。"]
    elif amount != trace["exact"] and not (wanted.get("basis") or "").strip():
        errors["basis"] = ["和试算不同或算不出，请写依据。"]
    return errors


def is_below(trace: Mapping[str, Any], amount: int | None) -> bool:
    """Whether a figure lies under what the published minimum surely gives; shown, never refused."""
    least = trace["amount"]["low"]
    return amount is not None and least is not None and amount < least


def _checked(
    program: Program, trace: Mapping[str, Any], wanted: Mapping[str, Any]
) -> dict[str, Any]:
    fit = wanted.get("opinion") == FIT
    errors = check_sum(program, trace, wanted) if fit else {}
    if wanted.get("opinion") not in (FIT, UNFIT):
        errors["opinion"] = ["请选符合或不符合。"]
    if not (wanted.get("sentence") or "").strip():
        errors["sentence"] = ["请写理由，一两句话。"]
    law = ""
    if wanted.get("opinion") == UNFIT:
        law, faults = reasons.in_law(trace, wanted.get("rules") or (), wanted.get("law") or "")
        errors |= faults
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return {
        "opinion": wanted["opinion"],
        "category": wanted["category"] if fit else "",
        "amount": wanted.get("amount") if fit else None,
        "people": wanted.get("people") if fit else None,
        "sentence": wanted["sentence"].strip(),
        "basis": (wanted.get("basis") or "").strip(),
        "law": law,
    }


def _begin(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """调查核对 → 初审 with the opinion itself, if nobody has said so before."""
    if application.status == Status.SURVEYING:
        events.record(
            session, application, "first_review", after=Status.FIRST_REVIEW, party=Party.TOWNSHIP,
            actor=str(actor), said=None, now=now,
        )  # fmt: skip


def of(session: Session, application: Application) -> Sequence[Opinion]:
    """First to last."""
    rows = (
        select(Opinion)
        .join(CaseEvent, CaseEvent.id == Opinion.event_id)
        .where(Opinion.application_id == application.id)
        .order_by(CaseEvent.seq)
    )
    return session.scalars(rows).all()
