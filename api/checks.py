"""/api/…: what the person concerned sees of a visit and a means check, and says to it."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from api import applications, schemas
from api import survey_schemas as shapes
from api.context import actor, now, session
from api.idempotent import once
from portal.casework.survey import disputes, results, visits
from portal.filing.tables import Application

blp = Blueprint("checks", __name__, url_prefix="/api", description="核对结果")

_AT = "/applications/<uuid:application_id>"


@blp.get(f"{_AT}/check")
@blp.response(200, shapes.OwnCheckSchema)
def one(application_id: UUID) -> dict[str, Any]:
    """The own record only; never another's, and none for somebody who fills in for others."""
    application = applications.find(application_id)
    return {
        "check": results.for_applicant(session(), application, actor=actor(), now=now()),
        "own": results.own_record(session(), application, actor=actor()),
    }


@blp.post(f"{_AT}/disputes")
@once
@blp.arguments(shapes.DisputeInSchema)
@blp.response(201, schemas.ApplicationSchema)
def dispute(said: dict[str, str], application_id: UUID) -> Application:
    """核对异议: one sentence; photos are added as to any application. The township looks again."""
    application = applications.find(application_id)
    disputes.make(session(), application, said["sentence"], actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/visit-changes")
@once
@blp.arguments(shapes.VisitChangeInSchema)
@blp.response(201, schemas.ApplicationSchema)
def ask_other_time(said: dict[str, str], application_id: UUID) -> Application:
    """有事不在家可以改时间."""
    application = applications.find(application_id)
    visits.ask_other_time(session(), application, said["sentence"], actor=actor(), now=now())
    return application


@blp.get("/me/checks")
@blp.response(200, shapes.OwnRecordsSchema)
def mine() -> dict[str, Any]:
    """Own records in the files of others, found by the phone this person signed with."""
    applications.resident()
    return {"records": results.mine(session(), actor=actor())}
