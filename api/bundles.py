"""GET …/bundle.zip: all papers of one's own file in one download, to contest a decision with."""

from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from api import applications as mine
from api.context import actor, now, portal, session
from portal.casework.talk import bundle
from portal.filing import applications
from portal.people import access
from portal.people.access import Never

blp = Blueprint("bundles", __name__, url_prefix="/api/applications", description="材料包")


@blp.get("/<uuid:application_id>/bundle.zip")
@blp.response(200, content_type="application/zip")
def take(application_id: UUID) -> Response:
    """Streamed: form, receipt, course, notices, letters, photos, talk, what came after. For the
    owner only: whole numbers and photos are in it."""
    application = mine.find(application_id)
    access.refuse_helper(actor(), Never.WHOLE_NUMBERS)
    made = bundle.parts(
        session(), application, portal().catalogue, portal().blobs, actor=actor(), now=now()
    )
    with portal().database.writing() as short:
        mine_again = applications.find(short, application_id, actor=actor(), now=now())
        bundle.note(short, mine_again, actor=actor(), now=now())
    answer = Response(bundle.stream(portal().database, made), content_type="application/zip")
    name = f"jiuzhutong-{application.reference_no}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
