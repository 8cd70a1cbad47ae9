"""After the decision, for a household: what changed, 「still true?」, not to be shown, its chain."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, request

from api import changes as api
from api.context import actor, now, portal, session
from api.pages import go, mine, show, together
from portal.casework import chain
from portal.casework.after import changes, rechecks
from portal.casework.publicity import unlisting
from portal.filing import family, guarding
from portal.foundation.errors import Conflict, Invalid, Refusal

pages = mine.room("after")

_AT = "/applications/<uuid:application_id>"
_SAME = {"same": True, "changed": False}


@pages.get(f"{_AT}/changes")
def ask_change(application_id: UUID) -> Response:
    return _changes(application_id)


@pages.post(f"{_AT}/changes")
def report(application_id: UUID) -> Response:
    kind, words = request.form.get("kind", "")[:16], request.form.get("sentence", "")[:2000]

    def act() -> None:
        api.reported(application_id, kind, words)

    return _done(application_id, act, _changes, "changes")


@pages.get(f"{_AT}/recheck")
def ask_recheck(application_id: UUID) -> Response:
    return _recheck(application_id)


@pages.post(f"{_AT}/recheck")
def answer(application_id: UUID) -> Response:
    """「都没变」 is one tap; else every question for itself."""
    form = request.form

    def act() -> None:
        given = {name: _SAME[form[name]] for name in rechecks.QUESTIONS if form.get(name) in _SAME}
        all_same = dict.fromkeys(rechecks.QUESTIONS, True)
        api.answered(application_id, all_same if "all" in form else given)

    return _done(application_id, act, _recheck, "recheck")


@pages.post(f"{_AT}/recheck/ways")
def ask_another_way(application_id: UUID) -> Response:
    def act() -> None:
        api.asked_another_way(application_id, request.form.get("how", "")[:16])

    return _done(application_id, act, _recheck, "recheck")


@pages.get(f"{_AT}/unlisted")
def ask_to_hide(application_id: UUID) -> Response:
    return _unlisted(application_id)


@pages.post(f"{_AT}/unlisted")
def hide(application_id: UUID) -> Response:
    def act() -> None:
        api.kept_off(application_id, request.form.get("sentence", "")[:2000])

    return _done(application_id, act, _unlisted, "unlisted")


@pages.get("/household/<uuid:household_id>/chain")
def links(household_id: UUID) -> Response:
    """Every aid, who answers for it, what comes next."""
    household = together.my(household_id)
    who = actor()
    seen = [
        one
        for one in family.of(session(), household)
        if guarding.open_to(one, actor=who, now=now())
    ]
    return show(
        "pages/chain.html", household=household, name=together.name_of(household), at=together.at,
        links=chain.links(session(), seen, portal().catalogue, now=now()),
    )  # fmt: skip


def _done(
    application_id: UUID,
    act: Callable[[], None],
    again: Callable[[UUID, Refusal], Response],
    where: str,
) -> Response:
    try:
        act()
    except (Invalid, Conflict) as refusal:
        session().rollback()
        return again(application_id, refusal)
    return go(f"/applications/{application_id}/{where}?done")


def _changes(application_id: UUID, refusal: Refusal | None = None) -> Response:
    application, program = mine.my(application_id)
    return show(
        "pages/changes.html", refusal.status if refusal else 200, application=application,
        program=program, at=mine.at, after=api.after(application_id), refusal=refusal,
        most=changes.MOST_CHARACTERS, typed=request.form, done="done" in request.args,
        open=application.status in changes.OPEN_IN,
    )  # fmt: skip


def _recheck(application_id: UUID, refusal: Refusal | None = None) -> Response:
    application, program = mine.my(application_id)
    return show(
        "pages/recheck.html", refusal.status if refusal else 200, application=application,
        program=program, at=mine.at, after=api.after(application_id), refusal=refusal,
        questions=rechecks.QUESTIONS, ways=rechecks.ANOTHER_WAY, typed=request.form,
        done="done" in request.args,
    )  # fmt: skip


def _unlisted(application_id: UUID, refusal: Refusal | None = None) -> Response:
    application, program = mine.my(application_id)
    found = unlisting.of(session(), application)
    return show(
        "pages/unlisted.html", refusal.status if refusal else 200, application=application,
        program=program, at=mine.at, found=found, hidden=api.after(application_id)["hidden"],
        said=unlisting.said(session(), application), refusal=refusal, typed=request.form,
        most=unlisting.MOST_CHARACTERS,
    )  # fmt: skip
