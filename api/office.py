"""/api/office: the desk for programs; every act stands on a desk page as well."""

from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from api import desk_reading
from api import office_schemas as schemas
from api.context import actor, now, portal, session
from portal.casework import (
    colleagues,
    copying,
    office,
    openings,
    photo_marks,
    queue,
    readers,
    sheet,
    transfers,
)
from portal.filing.tables import Application
from portal.policy import copy_order
from portal.policy.catalogue import Program

blp = Blueprint("office", __name__, url_prefix="/api/office", description="受理台")


@blp.get("/queue")
@blp.arguments(schemas.OfficeWantedSchema, location="query")
@blp.response(200, schemas.OfficeQueueSchema)
def lists(filters: dict[str, Any]) -> queue.Queue:
    """What waits for this person in this division; with filters, one list of what they find."""
    wanted = queue.Wanted(**filters)
    return queue.lists(
        session(), actor=actor(), now=now(), wanted=wanted, catalogue=portal().catalogue
    )


@blp.post("/next")
@blp.arguments(schemas.OfficeNextSchema)
@blp.response(200, schemas.OfficeTakenSchema)
def take_next(wanted: dict[str, str]) -> dict[str, Any]:
    """The file to work on now, theirs alone for half an hour; null when nothing waits."""
    found = office.take_next(session(), actor=actor(), duty=wanted["duty"], now=now())
    return {"application": found}


@blp.get("/applications/<uuid:application_id>")
@blp.response(200, schemas.OfficeReadingSchema)
def read(application_id: UUID) -> dict[str, Any]:
    """The file as submitted, numbers masked. That it was read is recorded."""
    desk_reading.note("read.file", application_id)
    return _reading(desk_reading.opened(application_id))


@blp.post("/applications/<uuid:application_id>/numbers")
@blp.arguments(schemas.OfficeReasonSchema)
@blp.response(200, schemas.OfficeReadingSchema)
def reveal(why: dict[str, str], application_id: UUID) -> dict[str, Any]:
    """The file with whole numbers, once; the reason is kept and shown to the applicant."""
    application = find(application_id)
    office.reveal(session(), application, **why, actor=actor(), now=now())
    return _reading(application, revealed=True)


@blp.post("/applications/<uuid:application_id>/openings")
@blp.arguments(schemas.OfficeWordsSchema)
@blp.response(201, schemas.OfficeFileSchema)
def open_with_reason(why: dict[str, str], application_id: UUID) -> Application:
    """A supervisor's written reason opens one file for half an hour."""
    return office.open_with_reason(
        session(), application_id, why["words"], actor=actor(), now=now()
    )


@blp.get("/applications/<uuid:application_id>/photos/<uuid:document_id>")
@blp.response(200, content_type="image/jpeg")
def photo(application_id: UUID, document_id: UUID) -> Response:
    """The prepared copy under a watermark, `?size=small` a thumbnail; never the bytes as sent."""
    small = request.args.get("size") == "small"
    return desk_reading.photo(application_id, document_id, small=small)


@blp.get("/applications/<uuid:application_id>/form.pdf")
@blp.response(200, content_type="application/pdf")
def form(application_id: UUID) -> Response:
    """The form under a watermark."""
    return desk_reading.form(application_id)


@blp.post("/applications/<uuid:application_id>/photos/<uuid:document_id>/acceptances")
@blp.response(201, schemas.OfficeFileSchema)
def accept_photo(application_id: UUID, document_id: UUID) -> Application:
    application = find(application_id)
    photo_marks.accept(session(), application, document_id, actor=actor(), now=now())
    return application


@blp.post("/applications/<uuid:application_id>/photos/<uuid:document_id>/retakes")
@blp.arguments(schemas.OfficeSentenceSchema)
@blp.response(201, schemas.OfficeFileSchema)
def ask_again(said: dict[str, str], application_id: UUID, document_id: UUID) -> Application:
    """One photo once more; it is no second list and stops no clock."""
    application = find(application_id)
    photo_marks.ask_again(
        session(), application, document_id, said["sentence"], actor=actor(), now=now()
    )
    return application


@blp.post("/applications/<uuid:application_id>/acceptances")
@blp.response(201, schemas.OfficeFileSchema)
def accept(application_id: UUID) -> Application:
    """受理."""
    application = find(application_id)
    office.accept(session(), application, actor=actor(), now=now())
    return application


@blp.post("/applications/<uuid:application_id>/returns")
@blp.arguments(schemas.OfficeReturnSchema)
@blp.response(201, schemas.OfficeFileSchema)
def ask_for(said: dict[str, Any], application_id: UUID) -> Application:
    """一次性告知; a second one needs `again` and the superior who agreed."""
    application = find(application_id)
    items = [(one["item"], one["sentence"]) for one in said["items"]]
    office.ask_for(
        session(), application, _program(application), items, again=said["again"],
        superior=said["superior"], actor=actor(), now=now(),
    )  # fmt: skip
    return application


@blp.post("/applications/<uuid:application_id>/refusals")
@blp.arguments(schemas.OfficeDeclineSchema)
@blp.response(201, schemas.OfficeFileSchema)
def decline(said: dict[str, str], application_id: UUID) -> Application:
    """不予受理, only as duplicate · withdrawn · not_assistance."""
    application = find(application_id)
    office.decline(session(), application, **said, actor=actor(), now=now())
    return application


@blp.post("/applications/<uuid:application_id>/transfers")
@blp.arguments(schemas.OfficePlaceSchema)
@blp.response(201, schemas.OfficeFileSchema)
def transfer(said: dict[str, str], application_id: UUID) -> Application:
    """转办 to the right township."""
    application = find(application_id)
    transfers.transfer(session(), application, **said, actor=actor(), now=now())
    return application


@blp.post("/applications/<uuid:application_id>/send-backs")
@blp.arguments(schemas.OfficeSentenceSchema)
@blp.response(201, schemas.OfficeFileSchema)
def send_back(said: dict[str, str], application_id: UUID) -> Application:
    """退回 to the township it was passed on by."""
    application = find(application_id)
    transfers.send_back(session(), application, said["sentence"], actor=actor(), now=now())
    return application


@blp.post("/applications/<uuid:application_id>/settlements")
@blp.arguments(schemas.OfficePlaceSchema)
@blp.response(201, schemas.OfficeFileSchema)
def settle(said: dict[str, str], application_id: UUID) -> Application:
    """县里指定受理地."""
    application = find(application_id)
    transfers.settle(session(), application, **said, actor=actor(), now=now())
    return application


@blp.post("/applications/<uuid:application_id>/releases")
@blp.response(204)
def release(application_id: UUID) -> None:
    office.release(session(), find(application_id), actor=actor(), now=now())


@blp.post("/applications/<uuid:application_id>/alert-answers")
@blp.arguments(schemas.OfficeAlertSchema)
@blp.response(201, schemas.OfficeFileSchema)
def answer_alert(said: dict[str, str], application_id: UUID) -> Application:
    application = find(application_id)
    office.answer_alert(session(), application, **said, actor=actor(), now=now())
    return application


@blp.post("/applications/<uuid:application_id>/assignments")
@blp.arguments(schemas.OfficeAssignmentSchema)
@blp.response(201, schemas.OfficeFileSchema)
def assign(said: dict[str, UUID | None], application_id: UUID) -> Application:
    """Who of the township goes to see the household; null: whoever takes it up."""
    application = find(application_id)
    office.assign(session(), application, said["investigator"], actor=actor(), now=now())
    return application


@blp.get("/applications/<uuid:application_id>/readers")
@blp.response(200, schemas.OfficeReadersSchema)
def who_looked(application_id: UUID) -> dict[str, Any]:
    """谁看过: what the applicant is shown about the office's looks."""
    return {"readers": readers.of(session(), desk_reading.opened(application_id))}


@blp.post("/applications/<uuid:application_id>/copies")
@blp.arguments(schemas.OfficeReasonSchema)
@blp.response(200, schemas.OfficeCopySchema)
def copy(why: dict[str, str], application_id: UUID) -> dict[str, Any]:
    """Whole answers in the order of the place's other system; the reason is kept."""
    application = find(application_id)
    copying.note_copying(session(), application, **why, actor=actor(), now=now())
    program = _program(application)
    order = copy_order.of(application.region_path or "").title
    return {"order": order, "rows": copying.rows(session(), application, program, revealed=True)}


@blp.post("/exports")
@blp.arguments(schemas.OfficeExportSchema)
@blp.response(200, content_type="text/csv")
def export(wanted: dict[str, Any]) -> Response:
    """Chosen files as one table, CSV or XLSX; each of them remembers that it left and why."""
    return desk_reading.table(
        wanted["applications"], wanted["format"], wanted["reason"], wanted["words"],
        whole=wanted["whole"],
    )  # fmt: skip


@blp.get("/reasons")
@blp.response(200)
def reasons() -> dict[str, str]:
    """The reasons to choose from before whole numbers are shown."""
    return dict(openings.REASONS)


def find(application_id: UUID) -> Application:
    return office.find(session(), application_id, actor=actor())


def _reading(application: Application, *, revealed: bool = False) -> dict[str, Any]:
    reader = queue.reader(session(), application, now=now())
    who = "nobody" if reader is None else "me" if reader == str(actor()) else "colleague"
    return {
        "file": application,
        "sheet": sheet.read(session(), application, _program(application), revealed=revealed),
        "reader": who,
        "transfers": transfers.of(session(), application),
        "superiors": colleagues.superiors(session(), application, actor=actor()),
        "investigators": colleagues.investigators(session(), application),
    }


def _program(application: Application) -> Program:
    return portal().catalogue.find(application.program_id)
