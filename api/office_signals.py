"""/api/office/signals: what the county may want to look at about helpers; nothing is decided."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from api.context import actor, now, portal, session
from portal.casework import signals
from portal.foundation import audit

blp = Blueprint("office_signals", __name__, url_prefix="/api/office", description="代办情况")


class SharedSchema(Schema):
    kind = fields.String(metadata={"description": "account · phone · photo"})
    text = fields.String()
    helper = fields.UUID()
    applications = fields.List(fields.UUID())
    households = fields.Integer()


class HelperCountsSchema(Schema):
    account = fields.UUID()
    called = fields.String(metadata={"description": "half a name, the number's end"})
    households = fields.Integer()
    applications = fields.Integer()
    submitted = fields.Integer()
    returned = fields.Integer()
    declined = fields.Integer()
    denied = fields.Integer()
    unsigned = fields.Integer()
    not_me = fields.Integer(metadata={"description": "said: this was not me"})
    own_number = fields.Integer()
    most_in_a_day = fields.Integer()
    many = fields.Boolean()


class SignalsSchema(Schema):
    note = fields.String()
    shared = fields.List(fields.Nested(SharedSchema))
    helpers = fields.List(fields.Nested(HelperCountsSchema))


@blp.get("/signals")
@blp.response(200, SignalsSchema)
def read() -> dict[str, Any]:
    """Coincidences across the files one helper handed in, and plain counts. No verdict."""
    found, named = looked()
    helpers = [{**vars(h), "many": h.many, "called": named[h.account]} for h in found.helpers]
    return {"note": signals.NOT_A_VERDICT, "shared": found.shared, "helpers": helpers}


def looked() -> tuple[signals.Signals, dict[Any, str]]:
    """The signals of the division and what each helper is called; who looked is on record."""
    found = signals.read(session(), actor=actor())
    with portal().database.writing() as short:
        detail = {"division": actor().region_code}
        audit.record(short, "signals.looked", actor=str(actor()), detail=detail, now=now())
    return found, {h.account: signals.called(session(), h.account) for h in found.helpers}
