"""The page of who opened my file."""

from uuid import UUID

from flask import Response

from api import readers as api
from api.context import session
from api.pages import mine, show
from portal.casework import readers

pages = mine.room("readers_page")


@pages.get("/applications/<uuid:application_id>/readers")
def who_looked(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    found = readers.of(session(), api.own(application_id))
    return show(
        "pages/readers.html", application=application, program=program, readers=found, at=mine.at
    )
