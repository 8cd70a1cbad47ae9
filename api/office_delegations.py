"""/api/office/applications/…: who helps a file's household; every act stands on a desk page too."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import delegating, desk_reading, office
from api.context import actor, now, session
from api.office_schemas import OfficeFileSchema
from api.schemas import Strict
from portal.casework.survey import delegations, taking_back
from portal.filing.tables import Application
from portal.people.mandate_terms import FLAGS

blp = Blueprint("office_delegations", __name__, url_prefix="/api/office", description="代办")

_AT = "/applications/<uuid:application_id>"
_MANDATE = f"{_AT}/mandates/<uuid:mandate_id>"
_WORDS = validate.Length(max=500)


class OfficeMandateSchema(Schema):
    id = fields.UUID()
    kind = fields.String()
    kind_text = fields.String()
    relation = fields.String()
    person = fields.String()
    helper = fields.String()
    why = fields.String()
    basis = fields.String(metadata={"description": "empty: still to be signed"})
    basis_text = fields.String()
    witnesses = fields.List(fields.Dict())
    state = fields.String()
    live = fields.Boolean()
    since_text = fields.String()
    told_text = fields.String(metadata={"description": "empty: the person was never told"})
    voice = fields.Boolean()
    papers = fields.List(fields.Dict())
    asked = fields.List(fields.Dict())
    payee_until = fields.String()
    payee = fields.List(fields.Dict())


class OfficeAskSchema(Schema):
    code = fields.String()
    sentence = fields.String()
    about = fields.String(metadata={"description": "who helps"})
    mandate = fields.UUID(allow_none=True)


class OfficeMandatesSchema(Schema):
    mandates = fields.List(fields.Nested(OfficeMandateSchema))
    asks = fields.List(
        fields.Nested(OfficeAskSchema), metadata={"description": "left to ask face to face"}
    )


class OfficeAskedSchema(Strict):
    code = fields.String(required=True, validate=validate.OneOf(list(FLAGS)))
    sentence = fields.String(required=True, validate=_WORDS)


class OfficePayeeSchema(Strict):
    reason = fields.String(required=True, validate=_WORDS)
    seen = fields.Boolean(required=True, metadata={"description": "the person, face to face"})


class OfficeTakenBackSchema(Strict):
    signer = fields.String(required=True, validate=validate.Length(max=64))
    how = fields.String(required=True, validate=validate.OneOf(list(taking_back.HOW)))
    on = fields.Date(required=True)


@blp.get(f"{_AT}/mandates")
@blp.response(200, OfficeMandatesSchema)
def read(application_id: UUID) -> dict[str, Any]:
    """As they stand now, live and earlier. That it was read is recorded."""
    desk_reading.note("read.file", application_id, part="mandates")
    found = delegating.panel(desk_reading.opened(application_id))
    return found or {"mandates": [], "asks": []}


@blp.get(f"{_MANDATE}/voice")
@blp.response(200, content_type="audio/mp4")
def voice(application_id: UUID, mandate_id: UUID) -> Response:
    """The person saying yes; that it was listened to is recorded."""
    return delegating.heard(application_id, mandate_id)


@blp.post(f"{_MANDATE}/answers")
@blp.arguments(OfficeAskedSchema)
@blp.response(201, OfficeFileSchema)
def answer(said: dict[str, str], application_id: UUID, mandate_id: UUID) -> Application:
    """The person was asked and said this; the question goes."""
    application = office.find(application_id)
    delegations.answer(session(), application, mandate_id, **said, actor=actor(), now=now())
    return application


@blp.post(f"{_MANDATE}/payee-openings")
@blp.arguments(OfficePayeeSchema)
@blp.response(201, OfficeFileSchema)
def open_payee(said: dict[str, Any], application_id: UUID, mandate_id: UUID) -> Application:
    """Until the end of the day another payee account may be entered; the person is told."""
    application = office.find(application_id)
    delegations.open_payee(session(), application, mandate_id, **said, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/signature-withdrawals")
@blp.arguments(OfficeTakenBackSchema)
@blp.response(201, OfficeFileSchema)
def take_back(said: dict[str, Any], application_id: UUID) -> Application:
    """Somebody takes the consent back without a phone: how and on which day they said so."""
    application = office.find(application_id)
    delegating.taken_back(application, said["signer"], said["how"], said["on"].isoformat())
    return application
