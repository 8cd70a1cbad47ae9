"""/api/office/applications/…: visits, surveys, means checks; every act stands on a desk page too."""

from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from api import investigating, office
from api import survey_schemas as schemas
from api.context import actor, now, portal, session
from api.office_schemas import OfficeFileSchema
from portal.casework.survey import checks, disputes, obligors, visits
from portal.casework.survey.tables import CheckRequest
from portal.filing.tables import Application

blp = Blueprint("office_survey", __name__, url_prefix="/api/office", description="入户调查、核对")

_AT = "/applications/<uuid:application_id>"


@blp.get(f"{_AT}/survey-panel")
@blp.response(200, schemas.PanelSchema)
def panel(application_id: UUID) -> dict[str, Any]:
    """Where survey and check stand, and what this person can do now. Reading is recorded."""
    application = investigating.read_survey(application_id)
    return {
        "survey": investigating.survey_panel(application),
        "check": investigating.check_panel(application),
    }


@blp.post(f"{_AT}/visits")
@blp.arguments(schemas.VisitInSchema)
@blp.response(201, OfficeFileSchema)
def plan(wanted: dict[str, Any], application_id: UUID) -> Application:
    """An appointment with two different investigators; the applicant is told."""
    application = office.find(application_id)
    visits.plan(
        session(), application, wanted["at"], wanted["investigators"], actor=actor(), now=now()
    )
    return application


@blp.get(f"{_AT}/survey")
@blp.response(200, schemas.SurveySchema)
def read(application_id: UUID) -> dict[str, Any]:
    """The form, what the applicant declared beside it. That it was read is recorded."""
    return {"survey": investigating.survey(investigating.read_survey(application_id))}


@blp.put(f"{_AT}/survey")
@blp.arguments(schemas.SurveyInSchema)
@blp.response(200, schemas.SurveySchema)
def save(body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Keep what is filled in so far; 409 survey_conflict when a colleague saved meanwhile."""
    revision = body.pop("revision")
    application = investigating.save(office.find(application_id), body, revision)
    return {"survey": investigating.survey(application)}


@blp.post(f"{_AT}/survey-completions")
@blp.response(201, OfficeFileSchema)
def finish(application_id: UUID) -> Application:
    """办结调查表: 422 two_investigators with fewer than two different people."""
    return investigating.finish(office.find(application_id))


@blp.get(f"{_AT}/survey.pdf")
@blp.response(200, content_type="application/pdf")
def sheet(application_id: UUID) -> Response:
    """入户调查表 on one page; `?blank=1` to write on."""
    application = investigating.read_survey(application_id)
    return investigating.sheet(application, blank="blank" in request.args)


@blp.post(f"{_AT}/visit-photos")
@blp.response(201, OfficeFileSchema)
def add_photos(application_id: UUID) -> Application:
    """multipart: photo, once or more. Optional."""
    office.find(application_id)
    received = investigating.receive_photos(application_id)
    application = office.find(application_id)
    investigating.add_photos(application, received)
    return application


@blp.get(f"{_AT}/visit-photos/<uuid:photo_id>")
@blp.response(200, content_type="image/jpeg")
def photo(application_id: UUID, photo_id: UUID) -> Response:
    """The prepared copy; looking is recorded."""
    return investigating.photo(application_id, photo_id)


@blp.post(f"{_AT}/visit-signatures")
@blp.arguments(schemas.SignerInSchema)
@blp.response(201, OfficeFileSchema)
def sign(said: dict[str, str], application_id: UUID) -> Application:
    """Somebody signs the consent in front of the investigators; a running check takes them in."""
    application = office.find(application_id)
    program = portal().catalogue.find(application.program_id)
    checks.sign_at_visit(session(), application, program, said["signer"], actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/obligors")
@blp.arguments(schemas.ObligorInSchema)
@blp.response(201, OfficeFileSchema)
def add_obligor(said: dict[str, Any], application_id: UUID) -> Application:
    """`consent`: paper · link (they stand on the household's signing board) · none."""
    application, consent = office.find(application_id), said.pop("consent")
    obligors.add(session(), application, said, consent, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/obligors/<uuid:obligor_id>/end")
@blp.response(200, OfficeFileSchema)
def let_off(application_id: UUID, obligor_id: UUID) -> Application:
    """Their signature is no longer needed: the link ends, they are not checked."""
    application = office.find(application_id)
    obligors.let_off(session(), application, obligor_id, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/check-requests")
@blp.response(201, schemas.CheckRequestSchema)
def ask(application_id: UUID) -> CheckRequest:
    """The township asks the county; the county's checker begins at once."""
    application = office.find(application_id)
    program = portal().catalogue.find(application.program_id)
    return checks.request(session(), application, program, actor=actor(), now=now())


@blp.post(f"{_AT}/check-starts")
@blp.response(201, schemas.CheckRequestSchema)
def start(application_id: UUID) -> CheckRequest:
    application = office.find(application_id)
    program = portal().catalogue.find(application.program_id)
    return checks.start(session(), application, program, actor=actor(), now=now())


@blp.get(f"{_AT}/check")
@blp.response(200, schemas.CheckSchema)
def details(application_id: UUID) -> dict[str, Any]:
    """Every line of every report. That it was read is recorded."""
    return {"check": investigating.details(investigating.read_check(application_id))}


@blp.post(f"{_AT}/check-results")
@blp.arguments(schemas.CheckResultInSchema)
@blp.response(201, schemas.CheckRequestSchema)
def tell(said: dict[str, str], application_id: UUID) -> CheckRequest:
    """The county says what came out; the applicant is told and may dispute it."""
    application = office.find(application_id)
    return checks.tell(session(), application, **said, actor=actor(), now=now())


@blp.post(f"{_AT}/recognitions")
@blp.response(201, schemas.CheckRequestSchema)
def leave_out(application_id: UUID) -> CheckRequest:
    """社会救助法 第42条: what is recognised already is not checked again."""
    return checks.leave_out(session(), office.find(application_id), actor=actor(), now=now())


@blp.post(f"{_AT}/dispute-answers")
@blp.arguments(schemas.DisputeAnswerInSchema)
@blp.response(201, OfficeFileSchema)
def answer(said: dict[str, Any], application_id: UUID) -> Application:
    """The township's answer after looking again; back to the survey."""
    application = office.find(application_id)
    lines = [(str(one["record"]), one["item"]) for one in said["lines"]]
    disputes.answer(
        session(), application, said["outcome"], said["sentence"], lines, actor=actor(), now=now()
    )
    return application
