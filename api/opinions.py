"""满意度: how the person found it, once decided; and the county follows unhappy ones up."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import applications as mine
from api.context import actor, now, session
from api.schemas import Strict
from portal.casework.talk import rating
from portal.filing.tables import Application

blp = Blueprint("opinions", __name__, url_prefix="/api", description="满意度")


class RatingInSchema(Strict):
    face = fields.Integer(
        required=True, strict=True, validate=validate.OneOf(list(rating.FACES)),
        metadata={"description": "3 glad, 2 so-so, 1 not"},
    )  # fmt: skip
    words = fields.String(load_default="", validate=validate.Length(max=1000))


class RatingSchema(Schema):
    face = fields.Integer()
    words = fields.String()
    at = fields.AwareDateTime()
    answered_at = fields.AwareDateTime(allow_none=True)
    answer = fields.String(metadata={"description": "what came of it, when it was a sad one"})


class MyRatingSchema(Schema):
    possible = fields.Boolean(metadata={"description": "decided, or over in another way"})
    opinion = fields.Nested(RatingSchema, allow_none=True)


class LowRatingSchema(RatingSchema):
    application_id = fields.UUID()
    reference_no = fields.String()


class RatingAnswerSchema(Strict):
    sentence = fields.String(required=True, validate=validate.Length(max=1000))


@blp.get("/applications/<uuid:application_id>/opinion")
@blp.response(200, MyRatingSchema)
def read(application_id: UUID) -> dict[str, Any]:
    return shown(mine.find(application_id))


@blp.put("/applications/<uuid:application_id>/opinion")
@blp.arguments(RatingInSchema)
@blp.response(200, MyRatingSchema)
def give(said: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Said again it takes the place of what was said before. Only by the person themselves."""
    application = mine.find(application_id)
    rating.give(session(), application, said["face"], said["words"], actor=actor(), now=now())
    return shown(application)


@blp.get("/office/opinions")
@blp.response(200, LowRatingSchema(many=True))
def waiting() -> list[dict[str, Any]]:
    """Unhappy people nobody has spoken with yet."""
    return low()


@blp.post("/office/opinions/<uuid:application_id>/follow-ups")
@blp.arguments(RatingAnswerSchema)
@blp.response(204)
def follow_up(said: dict[str, str], application_id: UUID) -> None:
    rating.follow_up(session(), application_id, said["sentence"], actor=actor(), now=now())


def shown(application: Application) -> dict[str, Any]:
    return {
        "possible": rating.may_rate(application),
        "opinion": rating.of(session(), application, actor=actor()),
    }


def low() -> list[dict[str, Any]]:
    found = []
    for row, file in rating.low(session(), actor=actor()):
        told = rating.of(session(), file, actor=actor()) or {}
        found.append(told | {
            "application_id": row.application_id, "reference_no": file.reference_no,
        })  # fmt: skip
    return found
