"""/api/applications/…: what the applicant reads of a decision, and says before a change."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from api import deciding, messages
from api import decision_schemas as schemas
from api.applications import find, program_of
from api.context import actor, now, portal, session
from api.idempotent import once
from portal.casework.decision import hearing, letters, told
from portal.filing import applications
from portal.filing.tables import Application

blp = Blueprint("decisions", __name__, url_prefix="/api/applications", description="决定和听取意见")


@blp.get("/<uuid:application_id>/decision")
@blp.response(200, schemas.DecisionToldSchema)
def one(application_id: UUID) -> dict[str, Any]:
    """Posting, objections without who objected, hearing, letters; null when there is none."""
    followed(application_id)
    return {"decision": shown(application_id)}


@blp.get("/<uuid:application_id>/decisions/<uuid:decision_id>/letter.pdf")
@blp.response(200, content_type="application/pdf")
def letter(application_id: UUID, decision_id: UUID) -> Response:
    """决定书. The person's own first opening is kept; it replaces no delivery."""
    note_opened(application_id, decision_id)
    return deciding.letter(followed(application_id), decision_id)


@blp.post("/<uuid:application_id>/hearing-statements")
@once
@blp.arguments(schemas.DecisionAnswerInSchema)
@blp.response(201, schemas.DecisionToldSchema)
def answer(said: dict[str, str], application_id: UUID) -> dict[str, Any]:
    """What the person says to a proposed change; also after the day it was asked for."""
    hearing.answer(session(), find(application_id), said["sentence"], actor=actor(), now=now())
    return {"decision": shown(application_id)}


def shown(application_id: UUID) -> dict[str, Any] | None:
    application = find(application_id)
    return told.for_applicant(session(), application, program_of(application), now=now())


def followed(application_id: UUID) -> Application:
    """Raises NotFound, Forbidden (out_of_scope) for a helper who may not follow it."""
    return messages.followed(application_id)


def note_opened(application_id: UUID, decision_id: UUID) -> None:
    """Committed before the letter is shown."""
    with portal().database.writing() as short:
        application = applications.find(short, application_id, actor=actor(), now=now())
        found = letters.find(short, application, decision_id)
        letters.note_opened(short, application, found, actor=actor(), now=now())
