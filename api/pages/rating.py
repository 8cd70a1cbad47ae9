"""满意度: three faces and a sentence, on the applicant's phone."""

from uuid import UUID

from flask import Response, request

from api import opinions
from api.context import actor, now, session
from api.pages import go, mine, show
from portal.casework.talk import rating
from portal.filing.tables import Application
from portal.foundation.clock import spoken
from portal.foundation.errors import Invalid
from portal.policy.catalogue import Program

pages = mine.room("rating")


@pages.get("/applications/<uuid:application_id>/opinion")
def ask(application_id: UUID) -> Response:
    return _page(*mine.my(application_id))


@pages.post("/applications/<uuid:application_id>/opinion")
def give(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    face, words = request.form.get("face", ""), request.form.get("words", "")[:2000]
    try:
        number = int(face) if face in "123" and face else 0
        rating.give(session(), application, number, words, actor=actor(), now=now())
    except Invalid as refusal:
        session().rollback()
        return _page(*mine.my(application_id), refusal)
    return go(mine.at(application, "opinion") + "?done")


def _page(application: Application, program: Program, refusal: Invalid | None = None) -> Response:
    found = opinions.shown(application)
    return show(
        "pages/opinion.html", 422 if refusal else 200, application=application, program=program,
        found=found["opinion"], possible=found["possible"], faces=rating.FACES,
        done="done" in request.args, errors=refusal.fields if refusal else {},
        typed=request.form, most=rating.MOST_CHARACTERS, spoken=spoken, at=mine.at,
    )  # fmt: skip
