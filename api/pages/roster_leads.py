"""Households somebody found in an assistant's own villages, and what was seen there."""

from uuid import UUID

from flask import Response, request

from api import roster_leads
from api.context import session
from api.pages import go, mine, show
from portal.casework.leads import seeing
from portal.foundation.clock import spoken
from portal.foundation.errors import Conflict, Invalid, Refusal

pages = mine.room("village_leads")


@pages.get("/roster/leads")
def every() -> Response:
    return _page()


@pages.post("/roster/leads/<uuid:lead_id>/steps")
def look(lead_id: UUID) -> Response:
    try:
        roster_leads.looked(lead_id, request.form.get("sentence", "")[:1000])
    except (Invalid, Conflict) as refusal:
        session().rollback()
        return _page(lead_id, refusal)
    return go("/roster/leads?done")


def _page(at: UUID | None = None, refusal: Refusal | None = None) -> Response:
    return show(
        "pages/roster_leads.html", refusal.status if refusal else 200,
        found=roster_leads.shown() if refusal else roster_leads.opened(), wrong=at, error=refusal.message if refusal else "",
        typed=request.form.get("sentence", ""), done="done" in request.args,
        most=seeing.MOST_CHARACTERS, spoken=spoken,
    )  # fmt: skip
