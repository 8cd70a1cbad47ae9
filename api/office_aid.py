"""/api/office/…: 小额快救, aid first, petty fund; every act stands on a desk page as well."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from api import aid_schemas as schemas
from api import aiding, desk_reading
from api.context import actor, session
from api.office_schemas import OfficeFileSchema
from portal.casework.aid import ledger
from portal.casework.aid.tables import PettyFund, PettyFundRequest
from portal.filing.tables import Application

blp = Blueprint("office_aid", __name__, url_prefix="/api/office", description="急难救助和备用金")

_AT = "/applications/<uuid:application_id>"
_FUND = "/petty-funds/<uuid:fund_id>"


@blp.post("/small-aid")
@blp.arguments(schemas.SmallAtWindowSchema)
@blp.response(201, OfficeFileSchema)
def small_at_window(said: dict[str, Any]) -> Application:
    """小额快救 for somebody at the window: no application before, no name needed."""
    return aiding.small_at_window(said)


@blp.post("/first-aid")
@blp.arguments(schemas.FirstAtWindowSchema)
@blp.response(201, OfficeFileSchema)
def first_at_window(said: dict[str, Any]) -> Application:
    """先行救助 for somebody at the window."""
    return aiding.first_at_window(said)


@blp.get(f"{_AT}/aid")
@blp.response(200, schemas.AidSchema)
def one(application_id: UUID) -> dict[str, Any]:
    """What was given, what is to be made up, what may be done now. That it was read is recorded."""
    return {"aid": aiding.read(application_id)}


@blp.post(f"{_AT}/small-aid")
@blp.arguments(schemas.SmallAidSchema)
@blp.response(201, OfficeFileSchema)
def give_small(said: dict[str, Any], application_id: UUID) -> Application:
    """Accepted, its alert answered, registered and given, in one act."""
    return aiding.give_small(aiding.find(application_id), said)


@blp.post(f"{_AT}/first-aid")
@blp.arguments(schemas.FirstAidSchema)
@blp.response(201, OfficeFileSchema)
def give_first(said: dict[str, Any], application_id: UUID) -> Application:
    """409 over_ceiling: the county's road, or a conference; never a refusal."""
    return aiding.give_first(aiding.find(application_id), said)


@blp.post(f"{_AT}/county-road")
@blp.arguments(schemas.AidSentenceSchema)
@blp.response(201, OfficeFileSchema)
def send_up(said: dict[str, str], application_id: UUID) -> Application:
    return aiding.send_up(aiding.find(application_id), said["sentence"])


@blp.post(f"{_AT}/aid-plans")
@blp.arguments(schemas.PlanSchema)
@blp.response(201, OfficeFileSchema)
def plan(said: dict[str, Any], application_id: UUID) -> Application:
    """一次审批、分阶段发放 of what the county decided."""
    return aiding.plan(aiding.find(application_id), said["parts"])


@blp.post(f"{_AT}/aid-parts/<uuid:part_id>/payments")
@blp.arguments(schemas.HandingSchema)
@blp.response(201, OfficeFileSchema)
def hand_out(said: dict[str, Any], application_id: UUID, part_id: UUID) -> Application:
    return aiding.hand_out(aiding.find(application_id), part_id, said)


@blp.post(f"{_AT}/aid-parts/<uuid:part_id>/drops")
@blp.arguments(schemas.DropSchema)
@blp.response(201, OfficeFileSchema)
def drop(said: dict[str, str], application_id: UUID, part_id: UUID) -> Application:
    """Not given any more: the person died, or does not want it."""
    return aiding.drop(aiding.find(application_id), part_id, said["reason"])


@blp.post(f"{_AT}/aid-papers")
@blp.arguments(schemas.PaperSchema)
@blp.response(201, OfficeFileSchema)
def settle(said: dict[str, str], application_id: UUID) -> Application:
    return aiding.settle(aiding.find(application_id), said)


@blp.post(f"{_AT}/aid-closings")
@blp.arguments(schemas.AidSentenceSchema)
@blp.response(201, OfficeFileSchema)
def finish(said: dict[str, str], application_id: UUID) -> Application:
    """With whatever papers there are; nothing is taken back."""
    return aiding.finish(aiding.find(application_id), said["sentence"])


@blp.post(f"{_AT}/conferences")
@blp.arguments(schemas.ConferenceSchema)
@blp.response(201, OfficeFileSchema)
def ask_conference(said: dict[str, str], application_id: UUID) -> Application:
    """一事一议."""
    return aiding.ask_conference(aiding.find(application_id), said["reason"])


@blp.post(f"{_AT}/conferences/<uuid:conference_id>/minutes")
@blp.arguments(schemas.MinutesSchema)
@blp.response(201, OfficeFileSchema)
def hold(said: dict[str, Any], application_id: UUID, conference_id: UUID) -> Application:
    return aiding.hold_conference(aiding.find(application_id), conference_id, said)


@blp.get("/petty-funds")
@blp.response(200, schemas.FundSchema(many=True))
def funds() -> list[PettyFund]:
    """Every book of this division."""
    return ledger.all_of(session(), actor=actor())


@blp.post("/petty-funds")
@blp.response(201, schemas.FundSchema)
def begin() -> PettyFund:
    """The own township's book, begun empty if there is none."""
    return aiding.begin_fund()


@blp.get(_FUND)
@blp.response(200, schemas.FundBookSchema)
def book(fund_id: UUID) -> dict[str, Any]:
    """Lines first to last; `faults` is empty as long as the book adds up."""
    return aiding.fund_book(aiding.fund(fund_id))


@blp.get(f"{_FUND}/lines.csv")
@blp.response(200, content_type="text/csv")
def table(fund_id: UUID) -> Response:
    """No cell is a formula. That it left is recorded."""
    data = aiding.as_table(aiding.fund(fund_id))
    return desk_reading.as_file(data, "text/csv; charset=utf-8", "petty-fund.csv", leaves=True)


@blp.post(f"{_FUND}/requests")
@blp.arguments(schemas.FundRequestInSchema)
@blp.response(201, schemas.FundRequestSchema)
def ask_money(said: dict[str, Any], fund_id: UUID) -> PettyFundRequest:
    """opening · top_up · difference; booked once the county confirms."""
    return aiding.ask_money(aiding.fund(fund_id), said)


@blp.post(f"{_FUND}/requests/<uuid:request_id>/confirmations")
@blp.response(201, schemas.FundSchema)
def grant_money(fund_id: UUID, request_id: UUID) -> PettyFund:
    """By the county, never by who asked."""
    return aiding.grant_money(aiding.fund(fund_id), request_id)


@blp.post(f"{_FUND}/requests/<uuid:request_id>/refusals")
@blp.arguments(schemas.FundReasonSchema)
@blp.response(201, schemas.FundSchema)
def refuse_money(said: dict[str, str], fund_id: UUID, request_id: UUID) -> PettyFund:
    return aiding.refuse_money(aiding.fund(fund_id), request_id, said["reason"])


@blp.post(f"{_FUND}/lines/<uuid:line_id>/corrections")
@blp.arguments(schemas.FundReasonSchema)
@blp.response(201, schemas.FundSchema)
def take_back(said: dict[str, str], fund_id: UUID, line_id: UUID) -> PettyFund:
    """冲正: one line of the opposite amount; the line itself stays."""
    return aiding.take_back(aiding.fund(fund_id), line_id, said["reason"])


@blp.post(f"{_FUND}/closings")
@blp.arguments(schemas.FundClosingInSchema)
@blp.response(201, schemas.FundSchema)
def close(said: dict[str, Any], fund_id: UUID) -> PettyFund:
    """月结: counted cash beside the book; a difference needs its explanation."""
    return aiding.close_month(aiding.fund(fund_id), said)
