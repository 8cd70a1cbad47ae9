"""/api/roster/leads: an assistant goes to see households somebody found in the own villages."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import roster
from api.context import actor, now, portal, session
from api.schemas import Strict
from portal.casework.leads import seeing
from portal.casework.leads.tables import Lead

blp = Blueprint("roster_leads", __name__, url_prefix="/api/roster", description="协理员去看线索")


class VillageLeadSchema(Schema):
    """Who reported it stands nowhere."""

    id = fields.UUID()
    place = fields.String()
    signal = fields.String()
    what = fields.String()
    find = fields.String()
    why = fields.String()
    created_at = fields.AwareDateTime()
    late = fields.Function(lambda found: found["late_since"] is not None)


class LookedSchema(Strict):
    sentence = fields.String(required=True, validate=validate.Length(max=1000))


class LookedAtSchema(Schema):
    status = fields.String()


@blp.get("/leads")
@blp.response(200, VillageLeadSchema(many=True))
def every() -> list[dict[str, Any]]:
    """What nobody has gone to see yet, oldest first. That it was read is recorded."""
    return opened()


@blp.post("/leads/<uuid:lead_id>/steps")
@blp.arguments(LookedSchema)
@blp.response(201, LookedAtSchema)
def look(said: dict[str, str], lead_id: UUID) -> Lead:
    """Somebody went there and says what they saw; the township goes on from it."""
    return looked(lead_id, said["sentence"])


def count() -> int:
    return len(seeing.of_villages(session(), _codes()))


def opened() -> list[dict[str, Any]]:
    """For a look: recorded and committed before anything is shown."""
    codes = _codes()
    with portal().database.writing() as short:
        for lead in seeing.of_villages(short, codes):
            seeing.note_reading(short, lead, actor=actor(), now=now())
    return shown()


def shown() -> list[dict[str, Any]]:
    """After a form that was refused: the page it was typed on has been recorded."""
    return [seeing.opened(session(), lead) for lead in seeing.of_villages(session(), _codes())]


def looked(lead_id: UUID, sentence: str) -> Lead:
    return seeing.look(session(), lead_id, _codes(), sentence, actor=actor(), now=now())


def _codes() -> set[str]:
    """The villages this assistant is appointed to now. Raises Forbidden."""
    return {one.village_code for one in roster.assistant()[1]}
