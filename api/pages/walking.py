"""The walk through all forms of one household: one topic a screen, each question once."""

from typing import Any
from uuid import UUID

from flask import Response, request

from api.context import actor, now, portal, session
from api.pages import answers, counted, go, jointly, mine, places, show, steps, together
from api.pages.together import Together
from portal.filing import sharing
from portal.filing.walk import Page
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.policy import conditions

pages = mine.room("walking")

_PATH = "/household/<uuid:household_id>/steps/<key>"
_MICROSECONDS = 18


@pages.get("/household/<uuid:household_id>/tasks")
def tasks(household_id: UUID) -> Response:
    walk = together.load(household_id)
    if not walk.drafts:
        return go(together.at(walk))
    return show(
        "pages/walk.html",
        walk=walk,
        name=together.name_of(walk.household),
        todo=jointly.todo(session(), walk, now=now()),
        at=together.at,
    )


@pages.get(_PATH)
def read(household_id: UUID, key: str) -> Response:
    walk = together.load(household_id)
    page = walk.page(key)
    return _page(walk, page, answers.write(page.fields, walk.context(page)))


@pages.post(_PATH)
def save(household_id: UUID, key: str) -> Response:
    walk, raw = together.load(household_id), answers.typed(request.form)
    page = walk.page(key)
    if answers.press(page.fields, raw) or places.press(page.fields, raw):
        return _page(walk, page, raw)
    before = walk.context(page)
    raw = answers.laid_over(page.fields, raw, before)
    reading = answers.read(page.fields, raw, before)
    if reading.errors:
        return _page(walk, page, raw, errors=reading.errors, status=422)
    try:
        sharing.save_page(
            session(), walk.household, portal().catalogue, page, reading.values,
            since=steps.revision_given(_MICROSECONDS), actor=actor(), now=now(),
        )  # fmt: skip
    except (Invalid, Forbidden) as refused:
        if not refused.fields:
            raise
        return _page(walk, page, raw, errors=refused.fields, status=refused.status)
    except Conflict as refused:
        if refused.code != "answers_conflict":
            raise
        return _conflict_page(walk, page, raw, refused)
    scripted, back = "js" in request.form, request.form.get("back", "")
    return go(onward(together.of(walk.household), page, before, scripted=scripted, back=back))


def onward(walk: Together, page: Page, before: dict[str, Any], *, scripted: bool, back: str) -> str:
    """The same page when it now asks more than it showed, else the next, else photos."""
    after = walk.context(page)
    if not scripted:
        for asked in page.fields:
            shown = conditions.holds(asked.when, before)
            if not shown and conditions.holds(asked.when, after) and asked.name not in after:
                return together.at(walk, "steps", f"{page.key}?more=1#{asked.name}")
    if back == "check":
        return together.at(walk, "check")
    keys = [one.key for one in walk.open_pages()]
    following = keys[keys.index(page.key) + 1 :] if page.key in keys else keys
    return together.at(walk, *(("steps", following[0]) if following else ("photos",)))


def _conflict_page(walk: Together, page: Page, raw: answers.Raw, refused: Conflict) -> Response:
    """Both values in words; saving once more keeps what stands on the page."""
    errors = steps.other_words(page.fields, walk.context(page), refused)
    return _page(walk, page, raw, errors=errors, status=409)


def _page(
    walk: Together,
    page: Page,
    raw: answers.Raw,
    *,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    known, keys = walk.context(page), [one.key for one in walk.open_pages()]
    number = keys.index(page.key) if page.key in keys else 0
    return show(
        "pages/step.html",
        status,
        application=walk,
        step=page,
        number=number + 1,
        count=len(keys),
        previous=keys[number - 1] if number else None,
        page=steps.page_knows(page.fields, raw, errors or {}, known),
        errors=errors or {},
        conflict=status == 409,
        known=steps.needed_here(page.fields, known),
        carried=walk.is_carried(page),
        used_in=_used_in(walk, page),
        **counted.people(walk.files(), page.fields, known, _register(walk, page)),
        back="check" if request.values.get("back") == "check" else "",
        sheet=together.sheet(walk.programs),
        at=together.at,
    )


def _register(walk: Together, page: Page) -> str:
    return together.at(walk, "photos", f"{counted.REGISTER}?back={page.key}")


def _used_in(walk: Together, page: Page) -> str:
    """Which 事项 a page is for, where it is not for all."""
    asking = [p.short for p in walk.programs if p.id in page.programs]
    return "、".join(asking) if len(asking) < len(walk.programs) else ""
