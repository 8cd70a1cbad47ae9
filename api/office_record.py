"""/api/office/applications/…: what is noted in a file's record, on a desk page as well."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import fields, validate

from api.context import actor, now, session
from api.office_schemas import OfficeFileSchema
from api.schemas import Strict
from portal.casework import amending, office, own_word
from portal.casework.said import MOST_CHARACTERS, SPOKEN_HOW
from portal.filing.tables import Application

blp = Blueprint("office_record", __name__, url_prefix="/api/office", description="办理记录")

_AT = "/applications/<uuid:application_id>"
_WORDS = validate.Length(max=MOST_CHARACTERS)


class AmendmentInSchema(Strict):
    corrects = fields.UUID(required=True, metadata={"description": "a line of the history"})
    sentence = fields.String(required=True, validate=_WORDS)


class OwnWordInSchema(Strict):
    """`sentence`: the person's own words."""

    how = fields.String(required=True, validate=validate.OneOf(list(SPOKEN_HOW)))
    day = fields.Date(required=True)
    sentence = fields.String(required=True, validate=_WORDS)


@blp.post(f"{_AT}/corrections")
@blp.arguments(AmendmentInSchema)
@blp.response(201, OfficeFileSchema)
def amend(said: dict[str, Any], application_id: UUID) -> Application:
    """更正: one line of the own office, never changed, said to be wrong by a later one."""
    application = find(application_id)
    amending.amend(
        session(), application, said["corrects"], said["sentence"], actor=actor(), now=now()
    )
    return application


@blp.post(f"{_AT}/own-withdrawals")
@blp.arguments(OwnWordInSchema)
@blp.response(201, OfficeFileSchema)
def withdraw(said: dict[str, Any], application_id: UUID) -> Application:
    """本人要撤回: the person said so; in their own words, and they are told."""
    application = find(application_id)
    own_word.withdraw(session(), application, **said, actor=actor(), now=now())
    return application


@blp.post(f"{_AT}/own-disputes")
@blp.arguments(OwnWordInSchema)
@blp.response(201, OfficeFileSchema)
def dispute(said: dict[str, Any], application_id: UUID) -> Application:
    """本人对核对有异议: in their own words; the township looks again and answers."""
    application = find(application_id)
    own_word.dispute(session(), application, **said, actor=actor(), now=now())
    return application


def find(application_id: UUID) -> Application:
    return office.find(session(), application_id, actor=actor())
