"""One topic a screen: shown, saved, and on to the next."""

from typing import Any
from uuid import UUID

from flask import Response, request

from api.context import actor, now, portal, session
from api.pages import answers, counted, go, mine, overview, places, show
from portal.filing import applications, sharing
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
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
    step = find(program, key)
    raw = answers.write(step.fields, mine.answers(application, program))
    return _page(application, program, step, raw)


@pages.post(_PATH)
def save(application_id: UUID, key: str) -> Response:
    application, program = mine.my(application_id)
    step, raw = find(program, key), answers.typed(request.form)
    if answers.press(step.fields, raw) or places.press(step.fields, raw):
        return _page(application, program, step, raw)
    before = applications.answers(session(), application)
    raw = answers.laid_over(step.fields, raw, mine.answers(application, program))
    reading = answers.read(step.fields, raw, before)
    if reading.errors:
        return _page(application, program, step, raw, errors=reading.errors, status=422)
    try:
        _keep(application, reading.values)
    except (Invalid, Forbidden) as refused:
        if not refused.fields:
            raise
        errors, status = refused.fields, refused.status
        return _page(application, program, step, raw, errors=errors, status=status)
    except Conflict as refused:
        if refused.code != "answers_conflict":
            raise
        return _conflict_page(application, program, step, raw, refused)
    scripted, back = "js" in request.form, request.form.get("back", "")
    return go(onward(application, program, step, before, scripted=scripted, back=back))


def _keep(application: Application, values: dict[str, Any]) -> None:
    revision = revision_given(9)
    sharing.save(
        session(), application, portal().catalogue, values, revision=revision, actor=actor(),
        now=now(),
    )  # fmt: skip


def revision_given(digits: int) -> int:
    """The number the page was drawn with; 0 for none or nonsense."""
    given = request.form.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < digits else 0


def onward(
    application: Application, program: Program, step: Step, before: dict[str, Any], *,
    scripted: bool, back: str,
) -> str:  # fmt: skip
    """The same step when it now asks more than the page showed, else the next, else photos."""
    after = applications.answers(session(), application)
    if not scripted:
        for asked in step.fields:
            shown = conditions.holds(asked.when, before)
            if not shown and conditions.holds(asked.when, after) and asked.name not in after:
                return mine.at(application, "steps", f"{step.key}?more=1#{asked.name}")
    if back in _BACK:
        return mine.at(application, *_BACK[back])
    keys = [s.key for s in overview.steps(program, after)]
    following = keys[keys.index(step.key) + 1 :] if step.key in keys else []
    return mine.at(application, *(("steps", following[0]) if following else ("photos",)))


def _conflict_page(
    application: Application, program: Program, step: Step, raw: answers.Raw, refused: Conflict
) -> Response:
    """Both values in words; saving once more keeps what stands on the page."""
    errors = other_words(step.fields, mine.answers(application, program), refused)
    return _page(application, program, step, raw, errors=errors, status=409)


def other_words(
    fields: tuple[Field, ...], kept: dict[str, Any], refused: Conflict
) -> dict[str, list[str]]:
    """What stands in the other place, for each question answered in two ways."""
    return {
        f.name: [f"另一处填的是：{spoken_value(session(), f, kept.get(f.name))}。"]
        for f in fields
        if f.name in refused.fields
    }


def _page(
    application: Application,
    program: Program,
    step: Step,
    raw: answers.Raw,
    *,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    known = mine.answers(application, program)
    keys = [s.key for s in overview.steps(program, known)]
    number = keys.index(step.key) if step.key in keys else 0
    return show(
        "pages/step.html",
        status,
        application=application,
        program=program,
        step=step,
        number=number + 1,
        count=len(keys),
        previous=keys[number - 1] if number else None,
        page=page_knows(step.fields, raw, errors or {}, known),
        errors=errors or {},
        conflict=status == 409,
        known=needed_here(step.fields, known),
        carried=_carried(application, step),
        **counted.people(
            [(application, program)], step.fields, known, _register(application, step)
        ),
        back=back if (back := request.values.get("back")) in _BACK else "",
        at=mine.at,
    )


def page_knows(
    fields: tuple[Field, ...],
    raw: answers.Raw,
    errors: dict[str, list[str]],
    known: dict[str, Any],
) -> dict[str, Any]:
    """What the macros of fields.html look at."""
    return {
        "raw": raw,
        "errors": errors,
        "hidden": _hidden(fields, raw, known),
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


def needed_here(fields: tuple[Field, ...], known: dict[str, Any]) -> dict[str, Any]:
    """The answers of other pages that this page's conditions look at."""
    own = {f.name for f in fields}
    looked_at = {name for f in fields for name in conditions.names(f.when)} - own
    return {name: known[name] for name in sorted(looked_at) if name in known}


def _register(application: Application, step: Step) -> str:
    return mine.at(application, "photos", f"{counted.REGISTER}?back={step.key}")


def _carried(application: Application, step: Step) -> bool:
    """Whether something here was said for an earlier file, and nobody has looked yet."""
    kept = applications.kept_answers(session(), application)
    return any(f.name in kept and kept[f.name].carried for f in step.fields)


def find(program: Program, key: str) -> Step:
    """What of it this actor may answer. Raises NotFound."""
    for step in program.form.steps:
        if step.key == key:
            return mine.step_of(step)
    raise NotFound("没有这一步。")
