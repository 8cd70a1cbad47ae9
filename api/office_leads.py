"""/api/office/leads: households somebody found, seen to by the township; lists taken in."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import leading
from api.context import actor, session
from api.office_schemas import OfficeFileSchema
from api.schemas import Strict
from portal.casework.leads import seeing
from portal.casework.leads.tables import Lead
from portal.filing.tables import Application
from portal.policy import signals
from portal.policy.lifecycle import LeadStatus

blp = Blueprint("office_leads", __name__, url_prefix="/api/office", description="线索")

_AT = "/leads/<uuid:lead_id>"
_SHORT, _LONG = validate.Length(max=64), validate.Length(max=1000)


class LeadListedSchema(Schema):
    id = fields.UUID()
    signal = fields.String()
    region_code = fields.String()
    status = fields.String(metadata={"enum": list(LeadStatus)})
    created_at = fields.AwareDateTime()
    done_at = fields.AwareDateTime(allow_none=True)


class LeadsSchema(Schema):
    open = fields.List(fields.Nested(LeadListedSchema))
    done = fields.List(fields.Nested(LeadListedSchema))


class LeadStepSchema(Schema):
    label = fields.String()
    words = fields.String()
    at = fields.AwareDateTime()


class LeadSchema(Schema):
    """Who reported it stands nowhere."""

    id = fields.UUID()
    signal = fields.String()
    status = fields.String()
    label = fields.String()
    place = fields.String()
    what = fields.String()
    find = fields.String()
    why = fields.String(metadata={"description": "why a list made it a lead"})
    may = fields.List(fields.String(), metadata={"description": "which states may follow"})
    steps = fields.List(fields.Nested(LeadStepSchema))
    application_id = fields.UUID(allow_none=True)
    mandate_id = fields.UUID(allow_none=True)
    created_at = fields.AwareDateTime()


class LeadMoveSchema(Strict):
    after = fields.String(
        required=True,
        validate=validate.OneOf(
            [LeadStatus.VERIFIED, LeadStatus.INFORMED, LeadStatus.NOT_ELIGIBLE]
        ),
    )
    sentence = fields.String(required=True, validate=_LONG)


class LeadEmergencySchema(Strict):
    person = fields.String(required=True, validate=_SHORT)
    sentence = fields.String(required=True, validate=_LONG)


class LeadLinkSchema(Strict):
    reference_no = fields.String(required=True, validate=_SHORT)
    sentence = fields.String(required=True, validate=_LONG)


class LeadHelpSchema(Strict):
    """主动帮助: who helps, by the number they sign in with."""

    person = fields.String(required=True, validate=_SHORT)
    phone = fields.String(load_default="", validate=_SHORT)
    helper = fields.String(required=True, validate=_SHORT)
    helper_phone = fields.String(required=True, validate=_SHORT)
    role = fields.String(required=True, validate=validate.OneOf(["cadre", "assistant", "township"]))
    why = fields.String(load_default="", validate=_SHORT)


class ListQuerySchema(Strict):
    signal = fields.String(
        required=True, validate=_SHORT, metadata={"enum": list(signals.load().kinds)}
    )
    dry_run = fields.Boolean(load_default=False)


class ListFaultSchema(Schema):
    line = fields.Integer(metadata={"description": "as the spreadsheet counts it"})
    words = fields.String()


class ListTakenInSchema(Schema):
    taken_in = fields.Boolean()
    leads = fields.Integer()
    below = fields.Integer(metadata={"description": "lines under the place's threshold"})
    known = fields.Integer(metadata={"description": "lines that were leads already"})
    faults = fields.List(fields.Nested(ListFaultSchema))


@blp.get("/leads")
@blp.response(200, LeadsSchema)
def every() -> seeing.Waiting:
    return seeing.lists(session(), actor=actor())


@blp.get(_AT)
@blp.response(200, LeadSchema)
def one(lead_id: UUID) -> dict[str, Any]:
    """That it was read is recorded."""
    return leading.read(lead_id)


@blp.post(f"{_AT}/steps")
@blp.arguments(LeadMoveSchema)
@blp.response(201, LeadListedSchema)
def step(said: dict[str, str], lead_id: UUID) -> Lead:
    return leading.move(lead_id, said)


@blp.post(f"{_AT}/applications")
@blp.arguments(LeadEmergencySchema)
@blp.response(201, OfficeFileSchema)
def file_emergency(said: dict[str, str], lead_id: UUID) -> Application:
    """The township files 临时救助 for them."""
    return leading.file_emergency(lead_id, said)


@blp.post(f"{_AT}/links")
@blp.arguments(LeadLinkSchema)
@blp.response(201, OfficeFileSchema)
def link(said: dict[str, str], lead_id: UUID) -> Application:
    """They applied themselves."""
    return leading.link(lead_id, said)


@blp.post(f"{_AT}/mandates")
@blp.arguments(LeadHelpSchema)
@blp.response(201, LeadListedSchema)
def assist(said: dict[str, str], lead_id: UUID) -> Lead:
    """主动帮助: the helper named finds the household after signing in."""
    leading.assist(lead_id, said)
    return leading.find(lead_id)


@blp.post("/lead-files")
@blp.arguments(ListQuerySchema, location="query")
@blp.response(200, ListTakenInSchema)
def take_in(how: dict[str, Any]) -> dict[str, Any]:
    """multipart: file, CSV or XLSX. All of it or nothing; every line in the way is named."""
    made = leading.take_in(how["signal"], dry_run=how["dry_run"])
    return {
        "taken_in": not made.faults and not how["dry_run"],
        "leads": len(made.lines),
        "below": made.below,
        "known": made.known,
        "faults": made.faults,
    }
