"""What is read at the desk, by page and by program: recorded first, shown with a watermark."""

from typing import Any
from uuid import UUID

from flask import Response, make_response

from api.context import actor, now, portal, session
from portal.casework import copying, office, queue, watermark
from portal.filing import documents
from portal.filing.tables import Application
from portal.foundation.errors import Invalid, NotFound
from portal.handover import dossier, embedded, form_pdf, frozen, paper
from portal.policy import regions

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def opened(application_id: UUID) -> Application:
    """The file; for a supervisor only with a reason given before. Raises NotFound, Forbidden."""
    return office.opened(session(), application_id, actor=actor(), now=now())


def note(what: str, application_id: UUID, **detail: Any) -> None:
    """Recorded and committed before anything is shown."""
    with portal().database.writing() as short:
        application = office.opened(short, application_id, actor=actor(), now=now())
        office.note_reading(short, application, what, actor=actor(), now=now(), **detail)
        queue.keep(short, application, actor=actor(), now=now())


def photo(application_id: UUID, document_id: UUID, *, small: bool) -> Response:
    size: documents.Which = "thumbnail" if small else "prepared"
    note("read.photo", application_id, document=str(document_id), size=size)
    found = documents.find(session(), opened(application_id), document_id)
    copy = documents.open_copy(session(), portal().blobs, found, size)
    return as_file(copy if small else watermark.on_photo(copy, mark()), "image/jpeg", "photo.jpg")


def form(application_id: UUID) -> Response:
    """The form as it lies in the dossier that was handed over, and whose copy this is."""
    note("read.form", application_id)
    application = opened(application_id)
    row = queue.current(session(), application)
    if row is None:
        raise NotFound("材料还在路上，请过一会儿再看。")
    data = embedded.open_dossier(session(), portal().blobs, row)
    photos = dossier.contents(data)["documents"]
    body = frozen.contents(session(), application, row.version)
    pdf = form_pdf.render(paper.of(body, photos) | {"watermark": mark()})
    return as_file(pdf, "application/pdf", "form.pdf")


def table(files: list[UUID], kind: str, reason: str, words: str, *, whole: bool) -> Response:
    """The table as a file to keep. Raises Invalid, NotFound, Forbidden."""
    if kind not in KINDS:
        raise Invalid("请选CSV或XLSX。", fields={"format": ["请选一种。"]})
    found = [office.find(session(), one, actor=actor()) for one in dict.fromkeys(files)]
    lines = copying.table(
        session(), found, portal().catalogue, reason, words, whole=whole, actor=actor(), now=now()
    )
    data = copying.as_csv(lines, mark()) if kind == "csv" else copying.as_xlsx(lines, mark())
    return as_file(data, KINDS[kind], f"files-{now():%Y%m%d%H%M}.{kind}", leaves=True)


def mark() -> str:
    """Office, person and minute, for a copy that leaves."""
    place = regions.full_name(session(), actor().region_code)
    return watermark.words(place, actor().name, now=now())


def as_file(data: bytes, kind: str, name: str, *, leaves: bool = False) -> Response:
    """Never kept by a browser; `leaves` offers it to be saved."""
    answer = make_response(data)
    answer.content_type = kind
    answer.headers["Cache-Control"] = "no-store"
    way = "attachment" if leaves else "inline"
    answer.headers["Content-Disposition"] = f'{way}; filename="{name}"'
    return answer
