"""Photos in parts: after any break only what is missing is sent, from whatever network or tab."""

from dataclasses import replace
from uuid import UUID

from flask import request
from flask_smorest import Blueprint
from werkzeug.exceptions import ClientDisconnected

from api import acting, schemas, sealed
from api import applications as api
from api.context import actor, now, portal, reader, session
from portal.filing import documents, paper_items, photo_check, uploads
from portal.filing.tables import Application, Document
from portal.foundation.errors import Invalid
from portal.foundation.errors import TooLarge as PartTooLarge
from portal.people import access
from portal.people.access import Act

blp = Blueprint("uploads", __name__, url_prefix="/api/applications", description="照片分段上传")

MOST_BYTES_A_PART = 1024 * 1024


@blp.get("/<uuid:application_id>/uploads/<digest>")
@blp.response(200, schemas.UploadSchema)
def reached(application_id: UUID, digest: str) -> dict[str, object]:
    """How much of the photo is safely here. `document` is there once all of it is."""
    application = _open(application_id)
    found = _document(application, digest, request.headers.get("Upload-Item"))
    offset = found.sent_size if found else uploads.safe(reader(), application_id, digest)
    return {"offset": offset, "document": found}


@blp.put("/<uuid:application_id>/uploads/<digest>")
@blp.response(200, schemas.UploadSchema)
def put(application_id: UUID, digest: str) -> dict[str, object]:
    """A part: its bytes as the body; headers Upload-Offset, Upload-Length, Upload-Item.

    The address ends in the SHA-256 (hex) of the whole photo as sent; of its envelope, where the
    phone had sealed it (then the item is named inside). The same part twice is one. A part that leaves a gap is answered 409 wrong_offset: ask with GET, go on there.
    """
    application = _open(application_id)
    access.check_act(actor(), Act.FILL)
    item = None if sealed.is_sealed() else request.headers.get("Upload-Item", documents.OTHER)
    found = _document(application, digest, item)
    if found is not None:
        return {"offset": found.sent_size, "document": found}
    sent = _read(digest)
    uploads.check_next(reader(), application_id, sent)
    if not sent.is_last:
        return {"offset": _keep(application, sent), "document": None}
    return {"offset": sent.length, "document": _take_in(application, sent, item)}


def _open(application_id: UUID) -> Application:
    """The own file, or one of a household helped."""
    api.resident()
    return acting.find(reader(), application_id)


def _read(digest: str) -> uploads.Part:
    """The body as far as it came: what a cut connection brought is not asked for again."""
    if (request.content_length or 0) > MOST_BYTES_A_PART:
        raise PartTooLarge("照片太大了。请分段传。", code="part_too_large")
    data = bytearray()
    try:
        while chunk := request.stream.read(16 * 1024):
            data += chunk
    except ClientDisconnected:
        pass
    headers = request.headers
    length, start = headers.get("Upload-Length", ""), headers.get("Upload-Offset", "0")
    return uploads.part(digest, length, start, bytes(data))


def _keep(application: Application, sent: uploads.Part) -> int:
    blob = uploads.keep_part(reader(), portal().blobs, application, sent)
    locked = acting.find(session(), application.id, lock=True)
    return uploads.note_part(session(), locked, sent, blob=blob, now=now())


def _take_in(application: Application, last: uploads.Part, item: str | None) -> Document:
    """All of it is here. A photo whose digest is not what was said, or whose envelope does not
    open, is begun anew. No item: an envelope."""
    data = uploads.whole(reader(), portal().blobs, application, last)
    try:
        if item is None:
            photo_check.check_digest(data, last.digest)
            item, photo = sealed.photo(data)
            received = replace(documents.check(photo, None), envelope=last.digest)
        else:
            received = documents.check(data, last.digest)
    except Invalid as fault:
        if fault.code in ("digest_mismatch", sealed.UNREADABLE):
            uploads.close(session(), application.id, last.digest)
            fault.keeps = True
        raise
    document = api.keep_photo(application.id, received, item)
    uploads.close(session(), application.id, last.digest)
    return document


def _document(application: Application, digest: str, item: str | None) -> Document | None:
    for document in documents.of(reader(), application):
        same = digest in (document.sent_digest, document.envelope_digest)
        if same and item in (None, document.item, paper_items.UNSORTED):
            return document
    return None
