"""催办: one button, when a time limit has passed."""

from uuid import UUID

from flask import Response

from api import clocks
from api.pages import go, mine

pages = mine.room("nudging")


@pages.post("/applications/<uuid:application_id>/nudges")
def nudge(application_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    clocks.nudge(application)
    return go(f"{mine.at(application)}#clock")
