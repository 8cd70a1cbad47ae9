"""The bank's file at the desk: tried, taken in, and what was wrong with it, line by line."""

from flask import Response, request

from api import paying
from api.pages import desk_look, desk_room
from portal.casework.payment import importing
from portal.casework.payment.reading import COLUMNS, NEEDED
from portal.foundation.errors import Invalid

pages = desk_room.room("desk_payments")


@pages.get("/payments")
def first_page() -> Response:
    return _page()


@pages.post("/payments")
def take_in() -> Response:
    """Tried without a trace, or taken in; a file with a fault changes nothing."""
    dry_run = "try" in request.form
    try:
        made = paying.take_in(dry_run=dry_run)
    except Invalid as refusal:
        return _page(said=[refusal.message], good=False, status=422)
    said = importing.told(made, dry_run=dry_run)
    more = len(said) - paying.MOST_SHOWN
    if more > 0:
        said = [*said[: paying.MOST_SHOWN], f"还有{more}处，没有列出。"]
    return _page(said=said, good=not made.faults, status=422 if made.faults else 200)


def _page(*, said: list[str] | None = None, good: bool = True, status: int = 200) -> Response:
    titles = [(called[0], name in NEEDED) for name, called in COLUMNS.items()]
    page = desk_look.page(
        "desk/payments.html", files=paying.files(), said=said or [], good=good, titles=titles
    )
    page.status_code = status
    return page
