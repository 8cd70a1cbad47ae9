"""Unhappy people at the desk of the county: spoken with, and what came of it."""

from uuid import UUID

from flask import Response, request

from api import opinions
from api.context import actor, now, session
from api.pages import desk_look, desk_room, go
from portal.casework.talk import answering, rating
from portal.foundation.errors import Invalid

pages = desk_room.room("desk_opinions")


@pages.get("/opinions")
def waiting() -> Response:
    return _page()


@pages.post("/opinions/<uuid:application_id>/follow-ups")
def follow_up(application_id: UUID) -> Response:
    sentence = request.form.get("sentence", "")[:1000]
    try:
        rating.follow_up(session(), application_id, sentence, actor=actor(), now=now())
    except Invalid as refusal:
        session().rollback()
        return _page(refusal, application_id)
    return go("/desk/opinions?done")


def _page(refusal: Invalid | None = None, wrong: UUID | None = None) -> Response:
    return desk_look.page(
        "desk/opinions.html", 422 if refusal else 200, waiting=opinions.low(), refusal=refusal,
        wrong=wrong, may_do=actor().holds(*answering.ANSWERING), done="done" in request.args,
        most=rating.MOST_CHARACTERS,
    )  # fmt: skip
