"""Events from outside back offices: POST /intake/events, signed."""

from typing import Any

from flask import Response, make_response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from api.context import now, session
from api.schemas import ErrorSchema
from portal.casework import envelopes, intake_events
from portal.foundation.errors import TooLarge

blp = Blueprint("intake_events", __name__, url_prefix="/intake", description="后台回传")

_HEADERS = (
    ("X-Client", "the back office's enrolled name"),
    ("X-Timestamp", "Unix seconds, at most five minutes off"),
    ("X-Nonce", "16 to 64 letters, digits, - or _; never used before"),
    ("X-Signature", "base64 of the Ed25519 signature over timestamp \\n nonce \\n body, as sent"),
)


class OfficeEventSchema(Schema):
    """One event about one application."""

    id = fields.UUID(required=True, metadata={"description": "of this event, chosen by the office"})
    seq = fields.Integer(
        required=True,
        metadata={"description": "counts this office's events for this application from 1"},
    )
    kind = fields.String(required=True, metadata={"enum": sorted(envelopes.FROM_OUTSIDE)})
    at = fields.AwareDateTime(required=True, metadata={"description": "when the office did it"})
    application_id = fields.UUID(metadata={"description": "this, or reference_no"})
    reference_no = fields.String(metadata={"description": "ten digits"})
    said = fields.Dict(metadata={"description": "sentence, basis, reason, items, amount, heard_on"})


class OutcomeSchema(Schema):
    id = fields.UUID()
    state = fields.String(metadata={"enum": ["applied", "parked"]})
    again = fields.Boolean(metadata={"description": "it had come before; nothing was done"})


@blp.post("/events")
@blp.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": OfficeEventSchema}},
    },
    parameters=[
        {
            "in": "header", "name": name, "required": True, "description": text,
            "schema": {"type": "string"},
        }
        for name, text in _HEADERS
    ],
)  # fmt: skip
@blp.response(200, OutcomeSchema)
@blp.alt_response(202, schema=OutcomeSchema, description="kept until what it needs has come")
@blp.alt_response(401, schema=ErrorSchema, description="not signed by an enrolled office")
@blp.alt_response(403, schema=ErrorSchema, description="not this office's move")
@blp.alt_response(409, schema=ErrorSchema, description="the case is elsewhere; not recorded")
@blp.alt_response(422, schema=ErrorSchema, description="a value is wrong")
def receive() -> Any:
    """A signed event. Repeats are harmless; what comes too early is kept and applied in turn."""
    body = _body()
    signature, timestamp, nonce, client = (
        request.headers.get(f"X-{name}", "")
        for name in ("Signature", "Timestamp", "Nonce", "Client")
    )
    outcome = intake_events.receive(session(), client, body, signature, timestamp, nonce, now=now())
    return _answer(outcome)


def _body() -> bytes:
    """Read whole before the writer's session is opened."""
    if (request.content_length or 0) > envelopes.MOST_BYTES:
        raise TooLarge("内容太大了。")
    return request.get_data(cache=False)


def _answer(outcome: intake_events.Outcome) -> Response:
    status = 202 if outcome.state == intake_events.PARKED else 200
    return make_response(OutcomeSchema().dump(outcome), status)
