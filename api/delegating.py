"""What the desk's pages and its JSON share about 代办: the panel, the recording, answers given."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, request

from api import desk_reading
from api.context import actor, now, portal, session
from portal.casework.survey import delegations, taking_back
from portal.filing.tables import Application
from portal.foundation.errors import Invalid
from portal.people.access import Role
from portal.policy.lifecycle import FINAL


def panel(application: Application) -> dict[str, Any] | None:
    """None where nobody helps and nothing is left to ask."""
    found = delegations.of(session(), application, now=now())
    asks = delegations.questions(session(), application)
    if not found and not asks:
        return None
    return {
        "mandates": found, "asks": asks, "most": delegations.MOST,
        "open": application.status not in FINAL,
        "may_ask": actor().holds(Role.TOWNSHIP_CLERK, Role.TOWNSHIP_INVESTIGATOR),
    }  # fmt: skip


def heard(application_id: UUID, mandate_id: UUID) -> Response:
    """The recording; that it was listened to is recorded first."""
    desk_reading.note("read.mandate_voice", application_id, mandate=str(mandate_id))
    application = desk_reading.opened(application_id)
    found = delegations.recording(session(), portal().blobs, application, mandate_id)
    answer = desk_reading.as_file(found.data, found.media_type, f"voice.{found.kind}")
    answer.make_conditional(request, accept_ranges=True, complete_length=len(found.data))
    return answer


def answered(application: Application, form: Mapping[str, str]) -> None:
    """What the person said, from the boxes of the survey form. Raises what answer raises."""
    for name, sentence in form.items():
        if name.startswith("ask.") and sentence.strip():
            _word, code, mandate = f"{name}..".split(".")[:3]
            delegations.answer(
                session(), application, _id(mandate), code, sentence, actor=actor(), now=now()
            )


def taken_back(application: Application, key: str, how: str, on: str) -> None:
    """`on` as ISO. Raises what taking_back.take_back raises."""
    program = portal().catalogue.find(application.program_id)
    taking_back.take_back(
        session(), application, program, key, how, _day(on), actor=actor(), now=now()
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("请填哪一天。", fields={"on": ["请填哪一天。"]}) from None
