"""/api/applications/{id}/documents/{document_id}: a photo put under another paper."""

from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import fields, validate

from api import applications as api
from api import schemas
from api.context import actor, now, portal, session
from api.schemas import Strict
from portal.filing import documents, shared_papers
from portal.filing.tables import Document

blp = Blueprint("sorting", __name__, url_prefix="/api/applications", description="分照片")


class ItemSchema(Strict):
    item = fields.String(
        required=True, validate=validate.Length(max=64),
        metadata={"description": "a paper of the program, other, or unsorted"},
    )  # fmt: skip


@blp.put("/<uuid:application_id>/documents/<uuid:document_id>")
@blp.arguments(ItemSchema)
@blp.response(200, schemas.DocumentSchema)
def sort(wanted: dict[str, str], application_id: UUID, document_id: UUID) -> Document:
    """Nothing is sent again. Where the same photo lies under that paper, it is that one."""
    return move(application_id, document_id, wanted["item"])


def move(application_id: UUID, document_id: UUID, item: str) -> Document:
    application, catalogue = api.find(application_id), portal().catalogue
    document = documents.find(session(), application, document_id)
    return shared_papers.move_photo(
        session(), application, document, catalogue, item=item, actor=actor(), now=now()
    )
