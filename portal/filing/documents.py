"""Photos of an application. Nothing is answered before the bytes are checked and on disk.

Adding one takes three steps, so that no file is touched inside a writing transaction:

    received = check(data, digest)                                    # pure
    blob = seal_and_store(session, blobs, application.id, received)  # disk
    document = add(session, application, program, item=…, received=received, blob=blob, …)

What arrived is kept sealed and never given out. People see the prepared copy.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.filing.photo_check import Received, check, refusal
from portal.filing.tables import Application, Document, Signature, Submission
from portal.foundation import audit, vault
from portal.foundation.blobs import Blobs
from portal.foundation.crash import crash_around_commit
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status

__all__ = [
    "ADVICE", "OTHER", "PREPARED", "RECEIVED", "RETAKE", "SIGNED_PAGE", "UNREADABLE", "Received", "add",
    "advice", "blob_names", "check", "find", "of", "open_copy", "remove", "seal_and_store",
]  # fmt: skip

MOST_PHOTOS = 30
MOST_BYTES_TOGETHER = 60 * 1024 * 1024
OTHER = "other"
SIGNED_PAGE = "signed_page"
"""Items every program takes beside its own: anything else, and the consent signed on paper."""

RECEIVED, PREPARED, UNREADABLE = "received", "prepared", "unreadable"
"""The states of a Document."""

ADVICE = {
    "blurry": "照片有点模糊。看不清可以重拍。",
    "dark": "照片有点暗。可以到亮处重拍。",
    "small": "照片有点小。可以靠近些重拍。",
}
RETAKE = "这张照片打不开，请重拍。"

Which = Literal["prepared", "thumbnail"]
_TAKES_PHOTOS = (Status.DRAFT, Status.RETURNED, Status.SUBMITTED)


def seal_and_store(session: Session, blobs: Blobs, application_id: UUID, received: Received) -> str:
    """The name of the blob that now safely holds the photo; the same photo is stored once.

    `session` only reads: never call this inside a writing transaction. Raises NotFound, or
    Busy when the disk refuses.
    """
    application = session.get(Application, application_id)
    if application is None:
        raise NotFound()
    twins = _twins(session, application_id, received.digest)
    if twins:
        return twins[0].sent_blob
    place = sent_place(application_id)
    return blobs.put(vault.seal(session, application.key_id, received.data, place=place))


def add(
    session: Session,
    application: Application,
    program: Program,
    *,
    item: str,
    received: Received,
    blob: str,
    actor: Actor,
    now: datetime,
) -> Document:
    """Put a stored photo into the application; the same photo under the same item is one row.

    The caller has locked the application's row. A file that is already handed in may still
    be added to. Raises Invalid for an unknown
    item or too many photos, Conflict when the state no longer takes any.
    """
    have = of(session, application)
    twins = [one for one in have if one.sent_digest == received.digest]
    same = next((twin for twin in twins if twin.item == item), None)
    if same is not None:
        return same
    _check_open(application)
    _check_item(program, item)
    _check_room(have, received)
    document = Document(
        application_id=application.id,
        item=item,
        sent_digest=received.digest,
        sent_size=len(received.data),
        sent_blob=twins[0].sent_blob if twins else blob,
        media_type=received.media_type,
        state=RECEIVED,
        created_at=now,
    )
    session.add(document)
    application.changed_at = now
    session.flush()
    _record(session, "added", application, document, actor=actor, now=now)
    crash_around_commit(session, "", "U6")
    return document


def remove(session: Session, document: Document, *, actor: Actor, now: datetime) -> None:
    """Take a photo out. A consent signed on this page is withdrawn with it.

    The blobs stay until the sweep finds that nobody names them (`blob_names`). Raises
    Conflict when the photo has been handed in.
    """
    application = session.get_one(Application, document.application_id)
    _check_open(application)
    if _handed_in(session, document):
        raise Conflict("这张照片已经交了，不能删。可以再加一张。", code="handed_in")
    session.execute(
        update(Signature)
        .where(Signature.document_id == document.id)
        .values(document_id=None, withdrawn_at=func.coalesce(Signature.withdrawn_at, now))
    )
    application.changed_at = now
    _record(session, "removed", application, document, actor=actor, now=now)
    session.delete(document)
    session.flush()


def of(session: Session, application: Application) -> Sequence[Document]:
    """All photos of an application, oldest first."""
    rows = select(Document).where(Document.application_id == application.id)
    return session.scalars(rows.order_by(Document.created_at, Document.id)).all()


def find(session: Session, application: Application, document_id: UUID) -> Document:
    """Raises NotFound, also for a photo of another application."""
    document = session.get(Document, document_id)
    if document is None or document.application_id != application.id:
        raise NotFound("没有这张照片。可能已经删掉了。")
    return document


def open_copy(
    session: Session, blobs: Blobs, document: Document, which: Which = "prepared"
) -> bytes:
    """The JPEG people may see, upright and without metadata; never the bytes as sent.

    Raises NotFound while it is not prepared, cannot be, or has been erased.
    """
    name = document.prepared_blob if which == "prepared" else document.thumbnail_blob
    if name is None:
        waiting = document.state == RECEIVED
        raise NotFound("照片正在处理，请过一会儿再看。" if waiting else RETAKE, code="not_prepared")
    key_id = session.get_one(Application, document.application_id).key_id
    if session.get_one(vault.DataKey, key_id).destroyed_at is not None:
        raise NotFound("照片已经删除。")
    place = copy_place(which, document.id)
    return vault.unseal(session, key_id, blobs.read(name), place=place)


def advice(document: Document) -> list[str]:
    """What people are told about this photo; it never blocks anything."""
    if document.state == UNREADABLE:
        return [RETAKE]
    return [ADVICE[code] for code in (document.advice or "").split(",") if code in ADVICE]


def blob_names(session: Session) -> set[str]:
    """Every blob of a photo that can still be opened; the sweep must leave these."""
    rows = session.execute(
        select(Document.sent_blob, Document.prepared_blob, Document.thumbnail_blob)
        .join(Application, Application.id == Document.application_id)
        .join(vault.DataKey, vault.DataKey.id == Application.key_id)
        .where(vault.DataKey.destroyed_at.is_(None))
    )
    return {name for row in rows for name in row if name is not None}


def sent_place(application_id: UUID) -> str:
    return f"documents:{application_id}"


def copy_place(which: Which, document_id: UUID) -> str:
    return f"documents.{which}:{document_id}"


def _check_open(application: Application) -> None:
    if application.status not in _TAKES_PHOTOS:
        raise Conflict("现在不能改照片。请看办理进度。", code="photos_closed")


def _check_item(program: Program, item: str) -> None:
    if item not in {rule.item for rule in program.documents} | {OTHER, SIGNED_PAGE}:
        raise Invalid("没有这项材料。请刷新页面再试。", fields={"item": ["没有这项材料。"]})


def _check_room(have: Sequence[Document], received: Received) -> None:
    if len(have) >= MOST_PHOTOS:
        raise refusal(Invalid, "too_many", "最多传30张照片。请先删掉几张。")
    if sum(one.sent_size for one in have) + len(received.data) > MOST_BYTES_TOGETHER:
        raise refusal(Invalid, "too_much", "照片总共太大了。请先删掉几张。")


def _twins(session: Session, application_id: UUID, digest: str) -> Sequence[Document]:
    """The same bytes already here, under whichever item."""
    same = select(Document).where(
        Document.application_id == application_id, Document.sent_digest == digest
    )
    return session.scalars(same).all()


def _handed_in(session: Session, document: Document) -> bool:
    last = session.scalar(
        select(func.max(Submission.submitted_at)).where(
            Submission.application_id == document.application_id
        )
    )
    return last is not None and document.created_at <= last


def _record(
    session: Session,
    verb: str,
    application: Application,
    document: Document,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    detail = {
        "document": str(document.id),
        "item": document.item,
        "digest": document.sent_digest,
        "status": application.status,
    }
    audit.record(
        session,
        f"document.{verb}",
        actor=str(actor),
        subject=application.id,
        detail=detail,
        now=now,
    )
