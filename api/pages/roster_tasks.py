"""Who is to be told in person in an assistant's own villages, and what to say there."""

from uuid import UUID

from flask import Response, request

from api import roster_tasks
from api.context import session
from api.pages import go, mine, show
from portal.casework.talk import village_errands
from portal.contact import in_person
from portal.foundation.clock import spoken
from portal.foundation.errors import Conflict, Invalid, Refusal

pages = mine.room("village_tasks")


@pages.get("/roster/tasks")
def every() -> Response:
    return _page()


@pages.post("/roster/tasks/<uuid:errand_id>/completions")
def told(errand_id: UUID) -> Response:
    how = request.form.get("how", "")
    try:
        roster_tasks.finished(errand_id, how)
    except (Invalid, Conflict) as refusal:
        session().rollback()
        return _page(refusal)
    return go(f"/roster/tasks?done={'later' if how == in_person.NOT_FOUND else 'told'}")


def _page(refusal: Refusal | None = None) -> Response:
    return show(
        "pages/roster_tasks.html", refusal.status if refusal else 200,
        found=roster_tasks.shown() if refusal else roster_tasks.opened(), spoken=spoken,
        error=refusal.message if refusal else "", done=request.args.get("done", ""),
        how=village_errands.HOW, not_found=in_person.NOT_FOUND,
    )  # fmt: skip
