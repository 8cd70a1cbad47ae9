"""/api/office/…: printed boards, reported changes, rechecks, households kept off every board."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import desk_reading, opening
from api.changes import ChangeSchema, RecheckSchema
from api.context import actor, session
from api.office_schemas import OfficeFileSchema
from api.schemas import Strict
from portal.casework.after import changes, rechecks
from portal.filing.tables import Application

blp = Blueprint("office_open", __name__, url_prefix="/api/office", description="公开和变化")

_AT = "/applications/<uuid:application_id>"
_WORDS = validate.Length(max=2000)


class BoardPlaceSchema(Schema):
    region = fields.String()
    name = fields.String()
    notices = fields.Integer()


class ChangeWaitingSchema(Schema):
    id = fields.UUID()
    application_id = fields.UUID()
    kind = fields.String()
    reported_at = fields.AwareDateTime()


class ChangeAnswerSchema(Strict):
    sentence = fields.String(required=True, validate=_WORDS)


class KeepOffSchema(Strict):
    keep = fields.Boolean(required=True)
    sentence = fields.String(required=True, validate=_WORDS)


class RecheckNotedSchema(Strict):
    how = fields.String(required=True, validate=validate.OneOf(list(rechecks.ANOTHER_WAY)))
    changed = fields.List(
        fields.String(validate=validate.OneOf(list(rechecks.QUESTIONS))), load_default=list
    )


class OfficeAfterSchema(Schema):
    reports = fields.List(fields.Nested(ChangeSchema))
    recheck = fields.Nested(RecheckSchema, allow_none=True)
    links = fields.List(fields.Dict(), metadata={"description": "一户一条救助帮扶链"})


@blp.get("/boards")
@blp.response(200, BoardPlaceSchema(many=True))
def boards() -> list[dict[str, Any]]:
    """Places of this division where something hangs now."""
    return [{"region": code, "name": name, "notices": n} for code, name, n in opening.places()]


@blp.get("/boards/<string:code>/board.pdf")
@blp.response(200, content_type="application/pdf")
def paper(code: str) -> Response:
    """What is hung up in the village: the same allow-list as online."""
    return desk_reading.as_file(opening.paper(code), "application/pdf", "board.pdf")


@blp.get("/changes")
@blp.response(200, ChangeWaitingSchema(many=True))
def waiting() -> list[Any]:
    return [one for one, _file in changes.waiting(session(), actor=actor())]


@blp.post("/changes/<uuid:report_id>/answers")
@blp.arguments(ChangeAnswerSchema)
@blp.response(204)
def answer(said: dict[str, str], report_id: UUID) -> None:
    opening.answer(report_id, said["sentence"])


@blp.get(f"{_AT}/after")
@blp.response(200, OfficeAfterSchema)
def after(application_id: UUID) -> dict[str, Any]:
    """Reports, the next recheck and the household's chain. That it was read is recorded."""
    desk_reading.note("read.file", application_id)
    application = desk_reading.opened(application_id)
    return opening.panel(application, opening.program(application))


@blp.post(f"{_AT}/unlisted")
@blp.arguments(KeepOffSchema)
@blp.response(201, OfficeFileSchema)
def keep_off(said: dict[str, Any], application_id: UUID) -> Application:
    """On no page and no printed board, with a reason; or shown again."""
    application = opening.find(application_id)
    opening.keep_off(application, said["sentence"], keep=said["keep"])
    return application


@blp.post(f"{_AT}/rechecks")
@blp.arguments(RecheckNotedSchema)
@blp.response(201, OfficeFileSchema)
def note_recheck(said: dict[str, Any], application_id: UUID) -> Application:
    application = opening.find(application_id)
    opening.note_recheck(application, said["how"], said["changed"])
    return application


@blp.post(f"{_AT}/stop-notices")
@blp.response(201, OfficeFileSchema)
def post_stop(application_id: UUID) -> Application:
    """特困: seven days in the village before the stop, once the person was heard."""
    application = opening.find(application_id)
    opening.post_stop(application)
    return application
