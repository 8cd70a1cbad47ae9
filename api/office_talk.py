"""/api/office: the desk's side of talk with people: messages, who is to be told in person."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import desk_reading, messages
from api.context import actor, now, reader, session
from api.schemas import Strict
from portal.casework import office
from portal.casework.talk import errands, thread
from portal.contact import in_person
from portal.contact.tables import Errand
from portal.filing.tables import Application

blp = Blueprint("office_talk", __name__, url_prefix="/api/office", description="受理台：留言")


class TalkWaitingSchema(Schema):
    application_id = fields.UUID()
    reference_no = fields.String()
    messages = fields.Integer(metadata={"description": "without an answer"})
    clock = fields.Dict()


class ErrandSchema(Schema):
    id = fields.UUID()
    application_id = fields.UUID()
    region_code = fields.String(metadata={"description": "the village, or the township"})
    why = fields.String(metadata={"enum": sorted(in_person.WHY)})
    say = fields.Function(in_person.sayings, metadata={"description": "what to say, no more"})
    tries = fields.Integer()
    created_at = fields.AwareDateTime()
    done_at = fields.AwareDateTime(allow_none=True)
    how = fields.String(allow_none=True)


class ErrandHowSchema(Strict):
    how = fields.String(
        required=True, validate=validate.OneOf([*in_person.HOW, in_person.NOT_FOUND])
    )


@blp.get("/messages")
@blp.response(200, TalkWaitingSchema(many=True))
def waiting() -> list[dict[str, Any]]:
    """Files whose people wait for an answer, the longest wait first."""
    return [
        {
            "application_id": file.id, "reference_no": file.reference_no, "messages": number,
            "clock": clock,
        }
        for file, number, clock in thread.waiting(session(), actor=actor(), now=now())
    ]  # fmt: skip


@blp.get("/applications/<uuid:application_id>/messages")
@blp.response(200, messages.TalkSchema)
def read(application_id: UUID) -> dict[str, Any]:
    """The talk about one file; that it was read is recorded."""
    desk_reading.note("read.file", application_id, part="messages")
    return messages.talk(desk_reading.opened(application_id))


@blp.post("/applications/<uuid:application_id>/messages")
@blp.response(201, messages.TalkSchema)
def write(application_id: UUID) -> dict[str, Any]:
    """multipart or form: `text`, or `voice`; the person is told that there is something new."""
    application = written(application_id)
    return messages.talk(application)


@blp.get("/applications/<uuid:application_id>/messages/<uuid:message_id>/voice")
@blp.response(200, content_type="audio/mp4")
def voice(application_id: UUID, message_id: UUID) -> Response:
    """That it was listened to is recorded."""
    return heard(application_id, message_id)


@blp.get("/tasks")
@blp.response(200, ErrandSchema(many=True))
def to_tell() -> list[Errand]:
    """Who is still to be told in person."""
    return [errand for errand, _file in errands.waiting(session(), actor=actor())]


@blp.post("/tasks/<uuid:errand_id>/completions")
@blp.arguments(ErrandHowSchema)
@blp.response(201, ErrandSchema)
def finish(said: dict[str, str], errand_id: UUID) -> Errand:
    """Told, and how; `not_found` leaves it open and counts the try."""
    return errands.finish(session(), errand_id, said["how"], actor=actor(), now=now())


def written(application_id: UUID) -> Application:
    """The file after this answer was written under it."""
    stored = messages.stored(office.find(reader(), application_id, actor=actor()))
    application = office.find(session(), application_id, actor=actor(), lock=True)
    messages.say(application, stored)
    return application


def heard(application_id: UUID, message_id: UUID) -> Response:
    desk_reading.note("read.voice", application_id, message=str(message_id))
    return messages.played(desk_reading.opened(application_id), message_id)
