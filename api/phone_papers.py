"""/api/applications/…: what a phone reads before signing, and keeps after handing in."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.applications import find
from api.context import actor, portal, session
from api.schemas import Strict
from portal.filing import signing_words
from portal.handover import receipt_picture, submission
from portal.people import access
from portal.people.access import Act

blp = Blueprint(
    "phone_papers", __name__, url_prefix="/api/applications", description="手机上看的、存的"
)


class SignerQuerySchema(Strict):
    signer = fields.String(load_default="", validate=validate.Length(max=64))


class SigningTextSchema(Schema):
    version = fields.String(metadata={"description": "goes into POST …/signatures as text_version"})
    title = fields.String()
    lines = fields.List(fields.String())


@blp.get("/<uuid:application_id>/signing-text")
@blp.arguments(SignerQuerySchema, location="query")
@blp.response(200, SigningTextSchema)
def signing_text(wanted: dict[str, str], application_id: UUID) -> dict[str, Any]:
    """The 授权书 this signer reads before signing."""
    find(application_id)
    title, *lines = signing_words.words_for(wanted["signer"]).split("\n")
    version = signing_words.TEXT_VERSION
    return {"version": version, "title": title, "lines": [line for line in lines if line]}


@blp.get("/<uuid:application_id>/receipt.png")
@blp.response(200, content_type="image/png")
def receipt_picture_of(application_id: UUID) -> Response:
    """The receipt to keep in the album, 750 pixels wide."""
    application = find(application_id)
    access.check_act(actor(), Act.SUBMIT, Act.FOLLOW)
    receipt = submission.receipt(session(), application)
    picture = receipt_picture.draw(receipt, url=portal().settings.public_url)
    return Response(picture, content_type="image/png")
