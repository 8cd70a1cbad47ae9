"""/api/office/…: the clocks of the office: what is late, the daily digest, the extension."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import clocks, office
from api.office_schemas import OfficeFileSchema
from api.schemas import Strict
from portal.casework.said import MOST_CHARACTERS
from portal.filing.tables import Application

blp = Blueprint("office_clock", __name__, url_prefix="/api/office", description="时限")

_AT = "/applications/<uuid:application_id>"


class ClockSchema(Schema):
    """One clock; `used` of `whole` in `unit` (hour · day · workday · month)."""

    key = fields.String()
    title = fields.String()
    basis = fields.String()
    start = fields.String(allow_none=True)
    due = fields.String(allow_none=True)
    due_text = fields.String()
    used = fields.Integer()
    whole = fields.Integer()
    unit = fields.String()
    percent = fields.Integer()
    state = fields.String(metadata={"description": "running · done · late · not_started"})
    ours = fields.Boolean(metadata={"description": "our own target; the law counts nothing"})
    provisional = fields.Boolean(metadata={"description": "holidays are still to be published"})
    at_least = fields.Boolean()
    words = fields.String()


class ClocksSchema(Schema):
    clocks = fields.List(fields.Nested(ClockSchema))


class ClockLineSchema(Schema):
    application_id = fields.UUID()
    reference_no = fields.String()
    program = fields.String()
    status = fields.String()
    step = fields.String()
    title = fields.String()
    due_on = fields.Date()
    ours = fields.Boolean()
    over = fields.Integer(metadata={"description": "working days past the last day"})


class ClockToldSchema(Schema):
    application_id = fields.UUID()
    reference_no = fields.String()
    program = fields.String()
    status = fields.String()
    title = fields.String()
    levels = fields.List(fields.String(), metadata={"description": "township · county"})
    due_on = fields.Date()
    told_at = fields.AwareDateTime()


class ParkedEventSchema(Schema):
    """An event from outside that waits; its words stay under seal."""

    client = fields.String()
    seq = fields.Integer()
    kind = fields.String()
    why = fields.String()
    reference_no = fields.String()
    received_at = fields.AwareDateTime()


class ClockDigestSchema(Schema):
    day = fields.Date()
    figures = fields.Dict(keys=fields.String(), values=fields.Integer())
    texts = fields.Integer()
    made_text = fields.String()


class ClockBoardSchema(Schema):
    figures = fields.Dict(keys=fields.String(), values=fields.Integer())
    overdue = fields.List(fields.Nested(ClockLineSchema))
    soon = fields.List(fields.Nested(ClockLineSchema))
    told = fields.List(fields.Nested(ClockToldSchema))
    parked = fields.List(fields.Nested(ParkedEventSchema))
    digests = fields.List(fields.Nested(ClockDigestSchema))


class ExtensionInSchema(Strict):
    reason = fields.String(required=True, validate=validate.Length(max=64))
    sentence = fields.String(required=True, validate=validate.Length(max=MOST_CHARACTERS))


@blp.get("/clock")
@blp.response(200, ClockBoardSchema)
def board() -> dict[str, Any]:
    """What is late, what ends soon, who was told, what waits from outside. Nothing personal."""
    return clocks.as_json(clocks.read_board())


@blp.get(f"{_AT}/clocks")
@blp.response(200, ClocksSchema)
def of_case(application_id: UUID) -> dict[str, Any]:
    """Every clock of one case, as its applicant sees it too."""
    return {"clocks": clocks.of(office.find(application_id))}


@blp.post(f"{_AT}/extensions")
@blp.arguments(ExtensionInSchema)
@blp.response(201, OfficeFileSchema)
def extend(wanted: dict[str, str], application_id: UUID) -> Application:
    """延长, once, for a listed reason, before the time is over; the applicant is told."""
    return clocks.extend(application_id, wanted["reason"], wanted["sentence"])
