"""/api/roster/tasks: an assistant tells people in the own villages what no phone could."""

from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import roster
from api.context import actor, now, portal, session
from api.schemas import Strict
from portal.casework.talk import village_errands
from portal.casework.talk.village_errands import Call
from portal.contact import in_person
from portal.contact.tables import Errand

blp = Blueprint("roster_tasks", __name__, url_prefix="/api/roster", description="协理员当面告知")


class AskSchema(Schema):
    name = fields.String()
    phone = fields.String()


class VillageErrandSchema(Schema):
    """Names no program and no outcome."""

    id = fields.UUID()
    name = fields.String(metadata={"description": "on the own roster; empty: ask the township"})
    where = fields.String()
    sayings = fields.List(fields.String())
    why = fields.String()
    created_at = fields.AwareDateTime()
    tries = fields.Integer(metadata={"description": "how often nobody was found"})
    ask = fields.Nested(AskSchema)
    last_four = fields.String(metadata={"description": "of the file's number, for the township"})


class ToldHowSchema(Strict):
    how = fields.String(
        required=True, validate=validate.OneOf([*village_errands.HOW, in_person.NOT_FOUND])
    )


class ToldSchema(Schema):
    id = fields.UUID()
    how = fields.String(allow_none=True)
    tries = fields.Integer()
    done_at = fields.AwareDateTime(allow_none=True)


@blp.get("/tasks")
@blp.response(200, VillageErrandSchema(many=True))
def every() -> list[Call]:
    """Who is still to be told, longest wait first. That it was read is recorded."""
    return opened()


@blp.post("/tasks/<uuid:errand_id>/completions")
@blp.arguments(ToldHowSchema)
@blp.response(201, ToldSchema)
def finish(said: dict[str, str], errand_id: UUID) -> Errand:
    """Told, and how; `not_found` leaves it open and counts the try."""
    return finished(errand_id, said["how"])


def count() -> int:
    return len(shown())


def opened() -> list[Call]:
    """For a look: recorded and committed before anything is shown."""
    account, held = roster.assistant()
    with portal().database.writing() as short:
        for call in village_errands.waiting(short, held, account):
            village_errands.note_reading(short, call, actor=actor(), now=now())
    return shown()


def shown() -> list[Call]:
    account, held = roster.assistant()
    return village_errands.waiting(session(), held, account)


def finished(errand_id: UUID, how: str) -> Errand:
    account, held = roster.assistant()
    return village_errands.finish(
        session(), errand_id, how, held, account, actor=actor(), now=now()
    )
