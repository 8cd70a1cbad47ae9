"""Who of the offices opened my file: for the owner only, offices and roles, no names."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from api import applications as mine
from api import office_schemas as schemas
from api.context import actor, session
from portal.casework import readers
from portal.filing.tables import Application
from portal.foundation.errors import NotFound

blp = Blueprint("readers", __name__, url_prefix="/api/applications", description="谁看过")


@blp.get("/<uuid:application_id>/readers")
@blp.response(200, schemas.OfficeReadersSchema)
def who_looked(application_id: UUID) -> dict[str, Any]:
    """谁看过我的材料, newest first; with the reason where whole numbers were shown."""
    return {"readers": readers.of(session(), own(application_id))}


def own(application_id: UUID) -> Application:
    """The owner's file; nobody who helps sees this list. Raises NotFound, SignInNeeded."""
    application = mine.find(application_id)
    if application.account_id != actor().id:
        raise NotFound("没有找到这份申请。")
    return application
