"""The dossier 材料包: everything about one submission in one file, checkable by anybody."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing import documents
from portal.filing.preparing import Stores
from portal.filing.tables import Application, Document
from portal.foundation.blobs import Blobs
from portal.foundation.errors import NotFound
from portal.handover import bag, delegation, form_pdf, frozen, paper, strokes

UNREADABLE_NOTE = "照片打不开，请当面看原件"
PENDING_NOTE = "照片待处理，请当面看原件"
GONE_NOTE = "照片已撤下"
_log = logging.getLogger(__name__)


def build(portal: Stores, application_id: UUID, version: int) -> bytes:
    """The BagIt zip of one submission; the same bytes as long as its photos stay the same.

    Holds prepared copies only, never a photo as sent. A photo that cannot be given is
    listed with a note and blocks nothing. Reads only; no transaction is held for writing.
    """
    with portal.database.reading() as session:
        application = session.get_one(Application, application_id)
        body = frozen.contents(session, application, version)
        receipt = frozen.receipt(session, application, version)
        photos, files = _photos(session, portal.blobs, body["documents"])
        files |= _mandate(session, portal.blobs, body["mandate"])
    files |= _signatures(body["signatures"])
    files["application.json"] = _readable(_without_strokes(body, photos))
    files["receipt.json"] = _readable(receipt)
    files["form.pdf"] = form_pdf.render(paper.of(body, photos))
    return bag.pack(f"{body['reference_no']}-v{version}", files, _info(body))


def pending(session: Session, application_id: UUID, version: int) -> bool:
    """Whether a photo of this submission still waits to be prepared."""
    application = session.get_one(Application, application_id)
    wanted = {entry["id"] for entry in frozen.contents(session, application, version)["documents"]}
    rows = documents.of(session, application)
    return any(str(row.id) in wanted and row.state == documents.RECEIVED for row in rows)


def contents(data: bytes) -> dict[str, Any]:
    """application.json of a dossier, after every digest was checked. Raises bag.WrongBag."""
    files = bag.unpack(data)
    try:
        body = json.loads(files["application.json"])
    except (KeyError, ValueError) as fault:
        raise bag.WrongBag("no application.json") from fault
    if not isinstance(body, dict) or body.get("format") != frozen.FORMAT:
        raise bag.WrongBag("not an application")
    return body


def _photos(
    session: Session, blobs: Blobs, entries: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    listed, files = [], {}
    for number, entry in enumerate(entries, 1):
        copy, note = _copy(session, blobs, UUID(entry["id"]))
        path = f"photos/{number:02d}-{_safe(entry['item'])}.jpg" if copy is not None else ""
        if copy is not None:
            files[path] = copy
        listed.append({**entry, "file": path, "note": note})
    return listed, files


def _copy(session: Session, blobs: Blobs, document_id: UUID) -> tuple[bytes | None, str]:
    document = session.get(Document, document_id)
    if document is None:
        return None, GONE_NOTE
    try:
        return documents.open_copy(session, blobs, document), ""
    except (NotFound, OSError):
        waiting = document.state == documents.RECEIVED
        if document.state == documents.PREPARED:
            _log.error("prepared photo %s is not in the store", document.id)
        return None, PENDING_NOTE if waiting else UNREADABLE_NOTE


def _signatures(signed: list[dict[str, Any]]) -> dict[str, bytes]:
    files = {}
    for number, one in enumerate(signed, 1):
        stem = f"signatures/{number:02d}-{_safe(one['signer'].partition(':')[0])}"
        files[f"{stem}.json"] = _readable(one)
        if drawing := strokes.svg(one["strokes"]):
            files[f"{stem}.svg"] = drawing.encode()
    return files


def _mandate(session: Session, blobs: Blobs, mandate: Mapping[str, Any] | None) -> dict[str, bytes]:
    """What the mandate rests on beside photos: the person's hand, and voice."""
    if mandate is None:
        return {}
    drawing = strokes.svg(mandate["strokes"])
    files = {"mandate/signature.svg": drawing.encode()} if drawing else {}
    said = delegation.recording(session, blobs, mandate["id"])
    return files | ({said[0]: said[1]} if said else {})


def _without_strokes(body: Mapping[str, Any], photos: list[dict[str, Any]]) -> dict[str, Any]:
    """The frozen file with its photos as they lie here; drawings have files of their own."""
    signed = [{k: v for k, v in one.items() if k != "strokes"} for one in body["signatures"]]
    mandate = body["mandate"]
    if mandate is not None:
        mandate = {k: v for k, v in mandate.items() if k != "strokes"}
    return {**body, "documents": photos, "signatures": signed, "mandate": mandate}


def _info(body: Mapping[str, Any]) -> dict[str, str]:
    return {
        "Bagging-Date": body["submitted_at"][:10],
        "External-Identifier": f"{body['application_id']}/{body['version']}",
        "Internal-Sender-Identifier": body["reference_no"],
        "Source-Organization": "jiuzhutong",
    }


def _readable(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _safe(word: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", word)[:40]
