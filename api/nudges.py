"""POST /api/applications/{id}/nudges: the person says that a time limit has passed."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from api import applications, clocks
from api.office_clock import ClockSchema

blp = Blueprint("nudges", __name__, url_prefix="/api/applications", description="催办")


class NudgeSchema(Schema):
    """`number`: how often since the case last moved on; from the second the county is told."""

    possible = fields.Boolean()
    text = fields.String()
    number = fields.Integer()


class MyClocksSchema(Schema):
    bar = fields.List(fields.Nested(ClockSchema))
    nudge = fields.Nested(NudgeSchema)


@blp.get("/<uuid:application_id>/clocks")
@blp.response(200, MyClocksSchema)
def read(application_id: UUID) -> dict[str, Any]:
    """Every clock of the case, as the office sees it too."""
    return clocks.mine(applications.find(application_id))


@blp.post("/<uuid:application_id>/nudges")
@blp.response(201, MyClocksSchema)
def nudge(application_id: UUID) -> dict[str, Any]:
    """Once a working day, and only past a limit: 409 not_late, nudged_today."""
    application = applications.find(application_id)
    clocks.nudge(application)
    return clocks.mine(application)
