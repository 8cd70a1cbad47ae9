"""Sorting photos taken in one go: under each photo the papers, one tap each, saved together."""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from flask import Response, request

from api import sorting as api
from api.context import actor, session
from api.pages import go, mine, photos, show
from portal.filing import documents, paper_items, sorting
from portal.filing.tables import Application, Document
from portal.foundation.errors import Refusal
from portal.policy.catalogue import Program

pages = mine.room("sorting_page")

_AT = "/applications/<uuid:application_id>/sorting"
_FIELD = "to."


@dataclass(frozen=True)
class Choice:
    """A paper a photo may be put under."""

    item: str
    title: str


@pages.get(_AT)
def ask(application_id: UUID) -> Response:
    """Every photo not sorted yet; or one, to be put under another paper."""
    application, program = mine.my(application_id)
    return _page(application, program)


@pages.post(_AT)
def sort(application_id: UUID) -> Response:
    """What was chosen is sorted; the rest waits, and blocks nothing."""
    chosen = {k.removeprefix(_FIELD): v for k, v in request.form.items() if k.startswith(_FIELD)}
    try:
        for document_id, item in chosen.items():
            api.move(application_id, _uuid(document_id), item)
    except Refusal as refused:
        if refused.status in (401, 403):
            raise
        session().rollback()
        application, program = mine.my(application_id)
        return _page(application, program, refused)
    application, _program = mine.my(application_id)
    left = "one" not in request.form and chosen and sorting.unsorted(session(), application)
    return go(_address(application, "sorting") if left else _address(application, "photos"))


def choices(application: Application, program: Program, document: Document) -> list[Choice]:
    """The papers that help, 其他材料, and where the photo lies now."""
    found = [Choice(s.item, s.title) for s in photos.sections(application, program)]
    more = [paper_items.SIGNED_PAGE, paper_items.OTHER]
    if actor().grant is not None:
        more.insert(0, paper_items.MANDATE_PAPER)
    if document.item != paper_items.UNSORTED:
        more.append(document.item)
    there = {one.item for one in found}
    return found + [
        Choice(item, paper_items.title(program, item))
        for item in dict.fromkeys(more)
        if item not in there
    ]


def _page(application: Application, program: Program, refused: Refusal | None = None) -> Response:
    one = request.values.get("photo", type=_uuid)
    if one is not None:
        waiting = [documents.find(session(), application, one)]
    else:
        waiting = list(sorting.unsorted(session(), application))
    return show(
        "pages/sorting.html", refused.status if refused else 200, application=application,
        waiting=[(p, choices(application, program, p)) for p in waiting], one=one,
        wrong=refused.message if refused else "", field=_FIELD, home=_home(), states=photos.STATES,
        at=mine.at, back=_address(application, "photos"), typed=request.form, seen=photos.seen,
    )  # fmt: skip


def _address(application: Application, page: str) -> str:
    """Back to the household's photos, where one came from there."""
    home = _home()
    if home and page == "photos":
        return f"/household/{home}/photos"
    return mine.at(application, page) + (f"?home={quote(str(home))}" if home else "")


def _home() -> UUID | None:
    return request.values.get("home", type=_uuid)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
