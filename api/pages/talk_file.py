"""The talk with the office about one file, on the applicant's phone."""

from secrets import token_hex
from uuid import UUID

from flask import Response, request

from api import messages
from api.context import actor, now, portal, reader, session
from api.pages import go, mine, show
from portal.casework.talk import audio, thread
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.clock import spoken
from portal.foundation.errors import Invalid, Refusal, TooLarge, WrongType
from portal.people import access
from portal.people.access import Act
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status

pages = mine.room("talk_file")


@pages.get("/applications/<uuid:application_id>/messages")
def read(application_id: UUID) -> Response:
    """What the office wrote counts as seen once it was shown."""
    application, program = mine.my(application_id)
    if application.status == Status.DRAFT:
        return go(mine.at(application, "tasks"))
    access.check_act(actor(), Act.FOLLOW)
    page = _page(application, program)
    if thread.unseen(session(), application, actor=actor()):
        with portal().database.writing() as short:
            thread.mark_seen(short, application, actor=actor(), now=now())
    return page


@pages.post("/applications/<uuid:application_id>/messages")
def write(application_id: UUID) -> Response:
    """Words or a recording; what was refused comes back with what was typed."""
    try:
        file = applications.find(reader(), application_id, actor=actor(), now=now())
        stored = messages.stored(file)
        application, _program = mine.my(application_id)
        access.check_act(actor(), Act.FOLLOW)
        messages.say(application, stored)
    except (Invalid, TooLarge, WrongType) as refusal:
        session().rollback()
        application, program = mine.my(application_id)
        return _page(application, program, refusal)
    return go(mine.at(application, "messages") + "#last")


def _page(application: Application, program: Program, refusal: Refusal | None = None) -> Response:
    return show(
        "pages/thread.html", refusal.status if refusal else 200,
        application=application, program=program, **messages.talk(application),
        error=refusal and refusal.message, typed=request.form.get("text", ""),
        most=thread.MOST_CHARACTERS, seconds=audio.MOST_SECONDS, key=token_hex(12),
        spoken=spoken, at=mine.at,
    )  # fmt: skip
