"""/self-check: questions that matter, then every program with its reasons. Nothing is stored."""

import json
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from api.context import actor, now, portal, session
from api.pages import answers, calling, go, mine, places, show
from api.self_checks import county, ready, today
from portal.filing import applications
from portal.foundation.errors import Invalid
from portal.policy.catalogue import Field
from portal.policy.conditions import holds
from portal.policy.eligibility import carrying, proposing, questions, words
from portal.policy.eligibility.questions import Question

pages = mine.room("self_check")
_LONGEST = 20000

PLACE = Field("place", "place", "家在哪个县？", hint="选到县就行。不选也能算。")
_AT_ONCE = 6
"""Questions asked together: one screen or two."""
_ORDER = ("may_fit", "cannot_tell", "covered_by", "does_not_seem_to")
_GIVEN_FREELY = "cishan"
"""Charity comes after what the state may owe, whatever the outcomes."""


@pages.get("/self-check")
def ask() -> Response:
    raw = answers.Raw({"place.code": request.args.get("place", calling.chosen())})
    raw.setlist("happened", request.args.getlist("happened"))
    with portal().database.reading() as short:
        return _page(short, raw, {})


@pages.post("/self-check")
def judge() -> Response:
    """A post that writes nothing: it reads in a short session of its own."""
    raw = answers.typed(request.form)
    with portal().database.reading() as short:
        if places.press([PLACE], raw):
            return _page(short, raw, {})
        facts, errors = _facts(raw)
        if errors:
            return _page(short, raw, errors, status=422)
        raw["place.code"] = _place(short, raw)
        rules, check = ready().at(county(raw["place.code"]), on=today())
        found = check(facts)
        found["proposed"] = proposing.propose(rules, facts, found["results"])
        return _page(short, raw, {}, found=found)


def _facts(raw: answers.Raw) -> tuple[dict[str, Any], dict[str, list[str]]]:
    asked = ready().questions
    given = answers.read(_fields(asked.all.values()), raw)
    said = {name: value for name, value in given.values.items() if value is not None}
    reading = questions.read(asked, said)
    return reading.facts, {**reading.errors, **given.errors}


@pages.post("/applications/<uuid:application_id>/from-self-check")
def carry(application_id: UUID) -> Response:
    """Answers kept on the phone, put into the questions of the own draft still unanswered."""
    application, program = mine.my(application_id)
    reading = questions.read(ready().questions, _sent())
    given = applications.answers(session(), application)
    said = {name: v for name, v in _sent().items() if name not in reading.errors}
    new = carrying.answers_for(program.form, said)
    new = {name: value for name, value in new.items() if name not in given}
    applications.save_answers(
        session(), application, program, new,
        revision=application.revision, actor=actor(), now=now(),
    )  # fmt: skip
    return go(mine.at(application, "tasks"))


def _sent() -> dict[str, Any]:
    """Raises Invalid for what is no JSON object."""
    try:
        sent = json.loads(request.form.get("said", "")[:_LONGEST])
    except (ValueError, RecursionError) as fault:
        raise Invalid("自测的回答读不出来。请自己填。") from fault
    if not isinstance(sent, dict):
        raise Invalid("自测的回答读不出来。请自己填。")
    return sent


def _place(short: Session, raw: answers.Raw) -> str:
    region = places.known(short, places.chosen(raw, "place"))
    return region.code if region else ""


def _page(
    short: Session,
    raw: answers.Raw,
    errors: dict[str, list[str]],
    *,
    found: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    """The questions asked so far, those that now matter, and the rest for the script."""
    raw["place.code"] = _place(short, raw)
    asked = ready().questions.all
    said = answers.read(_fields(asked.values()), raw).values
    given = [n for n, v in said.items() if v is not None and v != [] and holds(asked[n].when, said)]
    wanted = [n for n in asked if found and n in found["ask"] and n not in given]
    fresh = [n for n in wanted if holds(asked[n].when, said)][:_AT_ONCE]
    shown = [n for n in asked if asked[n].first or n in given or n in errors or n in fresh]
    spot = places.spots(short, raw)
    page = {"raw": raw, "errors": errors, "hidden": (), "spot": spot, "bare": True}
    return show(
        "pages/self_check.html",
        status,
        place=PLACE,
        fresh=_fields(asked[n] for n in fresh),
        before=_fields(asked[n] for n in shown if n not in fresh),
        more=_fields(asked[n] for n in asked if n not in shown),
        results=sorted(found["results"], key=_rank) if found else (),
        ways=found["proposed"] if found else {},
        said=json.dumps(_answered(said, given), ensure_ascii=False) if found else "",
        key=token_hex(12),
        steps=found["steps"] if found else (),
        programs=portal().catalogue.programs,
        yuan=_range,
        page=page,
        errors=errors,
    )


def _answered(said: Mapping[str, Any], given: Iterable[str]) -> dict[str, Any]:
    """What goes along, in the form's body, when a household begins from here."""
    return {name: said[name] for name in given}


def _fields(asked: Iterable[Question]) -> list[Field]:
    """As the pages draw them. What matters is decided here, not by `when`."""
    return [Field(q.name, q.kind, q.label, hint=q.hint, options=q.options) for q in asked]


def _range(low: int, high: int) -> str:
    """分, from nought down too: 「减0到600元」."""
    sign = "减" if low < 0 else ""
    small, large = sorted((abs(low), abs(high)))
    if small == large:
        return f"{sign}{words.yuan(large)}元"
    return f"{sign}{words.yuan(small)}元到{words.yuan(large)}元"


def _rank(result: dict[str, Any]) -> tuple[bool, int]:
    late = result["program"] == _GIVEN_FREELY or result["outcome"] not in _ORDER[:2]
    return late, _ORDER.index(result["outcome"])
