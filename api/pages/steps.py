"""One topic a screen: shown, saved, and on to the next."""

from typing import Any
from uuid import UUID

from flask import Response, request

from api.context import actor, now, session
from api.pages import answers, go, mine, overview, places, show
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.handover.frozen import spoken_value
from portal.policy import conditions
from portal.policy.catalogue import Field, Program, Step

pages = mine.room("steps")

_PATH = "/applications/<uuid:application_id>/steps/<key>"
_BACK = {"check": ("check",), "case": ()}
"""Where a step goes on when it was opened to change one thing."""


@pages.get(_PATH)
def read(application_id: UUID, key: str) -> Response:
    application, program = mine.my(application_id)
    if not mine.editable(application):
        return go(mine.at(application))
    step = _find(program, key)
    raw = answers.write(step.fields, applications.answers(session(), application))
    return _page(application, program, step, raw)


@pages.post(_PATH)
def save(application_id: UUID, key: str) -> Response:
    application, program = mine.my(application_id)
    step, raw = _find(program, key), answers.typed(request.form)
    if answers.press(step.fields, raw) or places.press(step.fields, raw):
        return _page(application, program, step, raw)
    before = applications.answers(session(), application)
    reading = answers.read(step.fields, raw, before)
    if reading.errors:
        return _page(application, program, step, raw, errors=reading.errors, status=422)
    try:
        _keep(application, program, reading.values)
    except Invalid as refused:
        return _page(application, program, step, raw, errors=refused.fields, status=422)
    except Conflict as refused:
        if refused.code != "answers_conflict":
            raise
        return _conflict_page(application, program, step, raw, refused)
    return go(_onward(application, program, step, before))


def _keep(application: Application, program: Program, values: dict[str, Any]) -> None:
    given = request.form.get("revision", "")
    revision = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
    applications.save_answers(
        session(), application, program, values, revision=revision, actor=actor(), now=now()
    )


def _onward(application: Application, program: Program, step: Step, before: dict[str, Any]) -> str:
    """The same step when it now asks more than the page showed, else the next, else photos."""
    after = applications.answers(session(), application)
    if "js" not in request.form:
        for asked in step.fields:
            shown = conditions.holds(asked.when, before)
            if not shown and conditions.holds(asked.when, after) and asked.name not in after:
                return mine.at(application, "steps", f"{step.key}?more=1#{asked.name}")
    back = request.form.get("back")
    if back in _BACK:
        return mine.at(application, *_BACK[back])
    keys = [s.key for s in overview.steps(program, after)]
    following = keys[keys.index(step.key) + 1 :]
    return mine.at(application, *(("steps", following[0]) if following else ("photos",)))


def _conflict_page(
    application: Application, program: Program, step: Step, raw: answers.Raw, refused: Conflict
) -> Response:
    """Both values in words; saving once more keeps what stands on the page."""
    kept = applications.answers(session(), application)
    errors = {
        f.name: [f"另一处填的是：{spoken_value(session(), f, kept.get(f.name))}。"]
        for f in step.fields
        if f.name in refused.fields
    }
    return _page(application, program, step, raw, errors=errors, status=409)


def _page(
    application: Application,
    program: Program,
    step: Step,
    raw: answers.Raw,
    *,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    known = applications.answers(session(), application)
    keys = [s.key for s in overview.steps(program, known)]
    number = keys.index(step.key) if step.key in keys else 0
    return show(
        "pages/step.html",
        status,
        application=application,
        step=step,
        number=number + 1,
        count=len(keys),
        previous=keys[number - 1] if number else None,
        page=_page_knows(step, raw, errors or {}, known),
        errors=errors or {},
        conflict=status == 409,
        known=_needed_here(step, known),
        back=back if (back := request.values.get("back")) in _BACK else "",
        at=mine.at,
    )


def _page_knows(
    step: Step, raw: answers.Raw, errors: dict[str, list[str]], known: dict[str, Any]
) -> dict[str, Any]:
    """What the macros of fields.html look at."""
    return {
        "raw": raw,
        "errors": errors,
        "hidden": _hidden(step.fields, raw, known),
        "spot": places.spots(session(), raw),
        "inside": answers.inside,
        "row": "",
    }


def _hidden(fields: tuple[Field, ...], raw: answers.Raw, known: dict[str, Any]) -> set[str]:
    """Names of the questions that do not apply to what is typed."""
    typed = {**known, **answers.read(fields, raw, known).values}
    hidden = {f.name for f in fields if not conditions.holds(f.when, typed)}
    for group in (f for f in fields if f.kind == "people"):
        people = {person["row"]: person for person in typed.get(group.name) or []}
        for row in [*raw.getlist(f"{group.name}.row"), "~row~"]:
            inner = answers.inside(group, row)
            hidden |= {f.name for f in inner if not conditions.holds(f.when, people.get(row, {}))}
    return hidden


def _needed_here(step: Step, known: dict[str, Any]) -> dict[str, Any]:
    """The answers of other pages that this page's conditions look at."""
    own = {f.name for f in step.fields}
    looked_at = {name for f in step.fields for name in conditions.names(f.when)} - own
    return {name: known[name] for name in sorted(looked_at) if name in known}


def _find(program: Program, key: str) -> Step:
    for step in program.form.steps:
        if step.key == key:
            return step
    raise NotFound("没有这一步。")
