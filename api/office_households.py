"""/api/office/applications/{id}/matters: a further 事项 for the household of a file."""

from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import fields, validate

from api import schemas
from api.context import actor, now, portal, session
from api.schemas import Strict
from portal.casework import matters, office
from portal.casework.said import MOST_CHARACTERS
from portal.filing.tables import Application
from portal.handover import carrying
from portal.people import access

blp = Blueprint("office_households", __name__, url_prefix="/api/office", description="窗口：家庭")


class MatterInSchema(Strict):
    program_id = fields.String(required=True, validate=validate.Length(max=64))
    sentence = fields.String(
        required=True, validate=validate.Length(max=MOST_CHARACTERS),
        metadata={"description": "tells the person why"},
    )  # fmt: skip


@blp.post("/applications/<uuid:application_id>/matters")
@blp.arguments(MatterInSchema)
@blp.response(201, schemas.ApplicationSchema)
def add(wanted: dict[str, str], application_id: UUID) -> Application:
    """Carried from what the household handed in last and filed now; the person may say no."""
    return add_matter(find(application_id), wanted["program_id"], wanted["sentence"])


def find(application_id: UUID) -> Application:
    return office.find(session(), application_id, actor=actor())


def add_matter(application: Application, program_id: str, sentence: str) -> Application:
    catalogue = portal().catalogue
    household = carrying.household_of(session(), application, catalogue, now=now())
    return matters.add_matter(
        session(), household, catalogue, catalogue.find(program_id), sentence=sentence,
        actor=actor(), now=now(),
    )  # fmt: skip


def is_ours(application: Application) -> bool:
    """Whether who is signed in may open it."""
    return access.may_read(
        actor(), owner=application.account_id, region_path=application.region_path
    )
