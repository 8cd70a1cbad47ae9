"""What a resident reads of posting and decision, and says before anything is reduced or stopped."""

from uuid import UUID

from flask import Response, request

from api import deciding, decisions
from api.context import actor, now, session
from api.pages import go, mine, show
from portal.casework.decision import hearing, letters, objections, told
from portal.foundation.errors import Conflict, Invalid, Refusal
from portal.people import access
from portal.people.access import Act

pages = mine.room("my_decisions")

_AT = "/applications/<uuid:application_id>"


@pages.get(f"{_AT}/decisions/<uuid:decision_id>")
def one(application_id: UUID, decision_id: UUID) -> Response:
    decisions.note_opened(application_id, decision_id)
    application, program = mine.my(application_id)
    access.check_act(actor(), Act.FOLLOW)
    found = letters.find(session(), application, decision_id)
    return show(
        "pages/decision.html", application=application, program=program, at=mine.at,
        letter=told.letter(session(), application, program, found),
    )  # fmt: skip


@pages.get(f"{_AT}/decisions/<uuid:decision_id>/letter.pdf")
def letter(application_id: UUID, decision_id: UUID) -> Response:
    decisions.note_opened(application_id, decision_id)
    application, _program = mine.my(application_id)
    access.check_act(actor(), Act.FOLLOW)
    return deciding.letter(application, decision_id)


@pages.get(f"{_AT}/hearing")
def ask(application_id: UUID) -> Response:
    return _hearing_page(application_id)


@pages.post(f"{_AT}/hearing")
def answer(application_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    sentence = request.form.get("sentence", "")
    try:
        hearing.answer(session(), application, sentence, actor=actor(), now=now())
    except (Invalid, Conflict) as refusal:
        session().rollback()
        return _hearing_page(application_id, refusal, sentence)
    return go(mine.at(application))


@pages.get(f"{_AT}/objections")
def objected(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    every = objections.of(session(), application)
    found = [objections.shown(session(), application, one, for_desk=False) for one in every]
    return show(
        "pages/objections.html", application=application, program=program, at=mine.at, found=found
    )


def _hearing_page(
    application_id: UUID, refusal: Refusal | None = None, typed: str = ""
) -> Response:
    application, program = mine.my(application_id)
    return show(
        "pages/hearing.html", refusal.status if refusal else 200, application=application,
        program=program, at=mine.at, h=told.asked(session(), application), typed=typed,
        error=refusal.message if refusal else "",
    )  # fmt: skip
