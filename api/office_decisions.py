"""/api/office/applications/…: first review, posting, decision, hearing; on a desk page as well."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from api import deciding
from api import decision_schemas as schemas
from api.context import actor, now, portal, session
from api.office_schemas import OfficeFileSchema
from portal.casework import office
from portal.casework.decision import adjusting, hearing, near_kin, notice, objections, review
from portal.casework.decision.tables import Decision
from portal.filing.tables import Application

blp = Blueprint("office_decisions", __name__, url_prefix="/api/office", description="审核确认")

_AT = "/applications/<uuid:application_id>"


@blp.get(f"{_AT}/decision")
@blp.response(200, schemas.DeskDecisionSchema)
def one(application_id: UUID) -> dict[str, Any]:
    """Figures with their sources, and what this person can do now. That it was read is recorded."""
    return {"decision": deciding.read(application_id)}


@blp.post(f"{_AT}/first-reviews")
@blp.response(201, OfficeFileSchema)
def hand_in(application_id: UUID) -> Application:
    """调查齐了，交初审. 409 two_investigators without a finished survey of two."""
    application = find(application_id)
    review.hand_in(session(), application, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/opinions")
@blp.arguments(schemas.OpinionInSchema)
@blp.response(201, OfficeFileSchema)
def give_opinion(wanted: dict[str, Any], application_id: UUID) -> Application:
    """初审意见; the opinion is the reviewer's, the computation is kept beside it."""
    return deciding.give_opinion(find(application_id), wanted)


@blp.post(f"{_AT}/notices")
@blp.response(201, OfficeFileSchema)
def post_notice(application_id: UUID) -> Application:
    application = find(application_id)
    program = portal().catalogue.find(application.program_id)
    notice.post(session(), application, program, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/notices/end")
@blp.response(200, OfficeFileSchema)
def end_notice(application_id: UUID) -> Application:
    """公示期满 and no objection left: to the county. 409 notice_not_over before its last day."""
    application = find(application_id)
    notice.end(session(), application, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/county-submissions")
@blp.response(201, OfficeFileSchema)
def send_up(application_id: UUID) -> Application:
    """报县级 without a posting: unfavourable, not posted in this program, or looked into again."""
    application = find(application_id)
    program = portal().catalogue.find(application.program_id)
    notice.send_up(session(), application, program, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/objections")
@blp.arguments(schemas.ObjectionInSchema)
@blp.response(201, OfficeFileSchema)
def receive_objection(said: dict[str, str], application_id: UUID) -> Application:
    """With or without a name; the applicant never learns who it was."""
    application = find(application_id)
    objections.receive(session(), application, **said, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/reinvestigations")
@blp.response(201, OfficeFileSchema)
def reinvestigate(application_id: UUID) -> Application:
    application = find(application_id)
    objections.reinvestigate(session(), application, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/objections/<uuid:objection_id>/outcomes")
@blp.arguments(schemas.ObjectionOutcomeInSchema)
@blp.response(201, OfficeFileSchema)
def settle(said: dict[str, Any], application_id: UUID, objection_id: UUID) -> Application:
    application = find(application_id)
    objections.settle(session(), application, objection_id, **said, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/decisions")
@blp.arguments(schemas.DecisionInSchema)
@blp.response(201, OfficeFileSchema)
def decide(wanted: dict[str, Any], application_id: UUID) -> Application:
    """予以确认、不予确认、退回补充调查. 403 own_preparation for whoever worked on the file."""
    return deciding.decide(find(application_id), wanted)


@blp.get(f"{_AT}/decisions")
@blp.response(200, schemas.DecisionMadeSchema(many=True))
def decisions(application_id: UUID) -> list[Decision]:
    return deciding.decisions(find(application_id))


@blp.get(f"{_AT}/decisions/<uuid:decision_id>/letter.pdf")
@blp.response(200, content_type="application/pdf")
def letter(application_id: UUID, decision_id: UUID) -> Response:
    """决定书, as it is printed and delivered. That it was opened is recorded."""
    return deciding.letter_for_desk(application_id, decision_id)


@blp.post(f"{_AT}/decisions/<uuid:decision_id>/deliveries")
@blp.arguments(schemas.DeliveryInSchema)
@blp.response(201, OfficeFileSchema)
def deliver(said: dict[str, Any], application_id: UUID, decision_id: UUID) -> Application:
    return deciding.deliver(find(application_id), decision_id, said)


@blp.post(f"{_AT}/payment-starts")
@blp.response(201, OfficeFileSchema)
def start_paying(application_id: UUID) -> Application:
    application, catalogue = find(application_id), portal().catalogue
    adjusting.start_paying(session(), application, catalogue, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/reviews")
@blp.response(201, OfficeFileSchema)
def review_again(application_id: UUID) -> Application:
    application = find(application_id)
    adjusting.review_again(session(), application, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/hearings")
@blp.arguments(schemas.HearingInSchema)
@blp.response(201, OfficeFileSchema)
def ask(wanted: dict[str, Any], application_id: UUID) -> Application:
    """听取意见: what is proposed, why, and by when an answer is asked for."""
    application = find(application_id)
    hearing.ask(session(), application, **wanted, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/hearings/statements")
@blp.arguments(schemas.StatementInSchema)
@blp.response(201, OfficeFileSchema)
def note_statement(said: dict[str, Any], application_id: UUID) -> Application:
    application = find(application_id)
    hearing.note_statement(session(), application, **said, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/hearings/visits")
@blp.arguments(schemas.NotMetInSchema)
@blp.response(201, OfficeFileSchema)
def note_not_met(said: dict[str, Any], application_id: UUID) -> Application:
    """上门未见: two people, the day. However often, it is no hearing."""
    application = find(application_id)
    hearing.note_not_met(session(), application, **said, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/hearings/withdrawals")
@blp.arguments(schemas.DecisionAnswerInSchema)
@blp.response(201, OfficeFileSchema)
def drop(said: dict[str, str], application_id: UUID) -> Application:
    application = find(application_id)
    hearing.drop(session(), application, said["sentence"], actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/adjustments")
@blp.arguments(schemas.AdjustmentInSchema)
@blp.response(201, OfficeFileSchema)
def adjust(wanted: dict[str, Any], application_id: UUID) -> Application:
    """维持、减发、停发、渐退. 409 hearing_needed where the person was not heard."""
    return deciding.adjust(find(application_id), wanted)


@blp.post(f"{_AT}/near-kin")
@blp.arguments(schemas.KinInSchema)
@blp.response(201, OfficeFileSchema)
def flag_kin(said: dict[str, str], application_id: UUID) -> Application:
    """单独登记备案; then the county looks itself before it decides."""
    application = find(application_id)
    near_kin.flag(session(), application, said["sentence"], actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/county-visits")
@blp.arguments(schemas.CountyVisitInSchema)
@blp.response(201, OfficeFileSchema)
def note_county_visit(said: dict[str, Any], application_id: UUID) -> Application:
    application, names = find(application_id), said["staff"]
    near_kin.note_visit(
        session(), application, names, said["day"], said["sentence"], actor=actor(), now=now()
    )
    return application


@blp.post(f"{_AT}/deaths")
@blp.arguments(schemas.DeathInSchema)
@blp.response(201, OfficeFileSchema)
def note_death(said: dict[str, Any], application_id: UUID) -> Application:
    application = find(application_id)
    adjusting.note_death(session(), application, **said, actor=actor(), now=now())
    return application


@blp.get("/near-kin")
@blp.response(200, schemas.KinLineSchema(many=True))
def kin_register() -> list[dict[str, Any]]:
    """备案册 of this division."""
    return near_kin.register(session(), actor=actor())


def find(application_id: UUID) -> Application:
    return office.find(session(), application_id, actor=actor())
