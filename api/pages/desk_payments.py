"""The bank's file at the desk: tried, taken in, and what was wrong with it, line by line."""

from flask import Response, request

from api import paying
from api.pages import desk_look, desk_room
from portal.casework.payment import importing
from portal.casework.payment.importing import Plan
from portal.casework.payment.reading import COLUMNS, NEEDED
from portal.foundation.errors import Invalid

pages = desk_room.room("desk_payments")


@pages.get("/payments")
def first_page() -> Response:
    return _page()


@pages.post("/payments")
def take_in() -> Response:
    """Tried without a trace, or taken in; a file with a fault changes nothing. All that was found
    may be taken along as a table instead: tried, too."""
    dry_run = bool({"try", "table"} & request.form.keys())
    try:
        made = paying.take_in(dry_run=dry_run)
    except Invalid as refusal:
        return _page(said=[refusal.message], good=False, status=422)
    if "table" in request.form:
        return _table(made)
    said = importing.told(made, dry_run=dry_run)
    more = len(said) - paying.MOST_SHOWN
    if more > 0:
        said = [*said[: paying.MOST_SHOWN], f"还有{more}处。点“下载查出的问题”看全部。"]
    return _page(said=said, good=not made.faults, status=422 if made.faults else 200)


def _table(made: Plan) -> Response:
    answer = Response(paying.as_csv(made), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="payments.csv"'
    return answer


def _page(*, said: list[str] | None = None, good: bool = True, status: int = 200) -> Response:
    titles = [(called[0], name in NEEDED) for name, called in COLUMNS.items()]
    page = desk_look.page(
        "desk/payments.html",
        files=paying.files(),
        said=said or [],
        good=good,
        titles=titles,
        not_paid=paying.not_paid(),
    )
    page.status_code = status
    return page
