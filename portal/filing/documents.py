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

from portal.filing import marks, paper_items
from portal.filing.paper_items import GUARDIAN_PROOF, MANDATE_PAPER, UNSORTED
from portal.filing.paper_items import OTHER as OTHER
from portal.filing.paper_items import SIGNED_PAGE as SIGNED_PAGE
from portal.filing.photo_check import Received, check, refusal
from portal.filing.tables import Application, Document, Signature, Submission
from portal.foundation import audit, vault
from portal.foundation.blobs import Blobs, begins
from portal.foundation.crash import crash_around_commit
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people import access, mandate_basis
from portal.people.access import Act, Actor, Never
from portal.people.mandate_tables import Mandate
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status

__all__ = [
    "ADVICE", "GUARDIAN_PROOF", "MANDATE_PAPER", "OTHER", "PREPARED", "RECEIVED", "RETAKE",
    "SIGNED_PAGE", "UNREADABLE", "Received", "add", "advice", "blob_names", "check", "find", "of",
    "open_copy", "remove", "seal_and_store",
]  # fmt: skip

MOST_PHOTOS = 30
MOST_BYTES_TOGETHER = 60 * 1024 * 1024
RECEIVED, PREPARED, UNREADABLE = "received", "prepared", "unreadable"
"""The states of a Document."""

ADVICE = {
    "blurry": "照片有点模糊。看不清可以重拍。",
    "dark": "照片有点暗。可以到亮处重拍。",
    "small": "照片有点小。可以靠近些重拍。",
}
RETAKE = "这张照片打不开，请重拍。"

Which = Literal["prepared", "thumbnail"]
WITH_THE_OFFICE = frozenset(
    {
        Status.SUBMITTED, Status.ACCEPTED, Status.SURVEYING, Status.CHECK_DISPUTE,
        Status.FIRST_REVIEW, Status.PUBLIC_NOTICE, Status.REINVESTIGATING, Status.COUNTY_REVIEW,
        Status.AIDED, Status.MAKING_UP, Status.REVIEWING,
    }
)  # fmt: skip
"""Where photos may still be added, as when one is to be taken again; they follow by themselves."""
TAKES_PHOTOS = WITH_THE_OFFICE | {Status.DRAFT, Status.RETURNED}


def seal_and_store(session: Session, blobs: Blobs, application_id: UUID, received: Received) -> str:
    """The name of the blob that now safely holds the photo; the same photo is stored once.

    `session` only reads: never call this inside a writing transaction. Raises NotFound, or
    Busy when the disk refuses.
    """
    application = session.get(Application, application_id)
    if application is None:
        raise NotFound()
    own = [t for t in _twins(session, application_id, received.digest) if t.sealed_for is None]
    if own:
        return own[0].sent_blob
    place = sent_place(application_id)
    return blobs.put(vault.seal(session, application.key_id, received.data, place=place))


def add(
    session: Session, application: Application, program: Program, *, item: str,
    received: Received, blob: str, actor: Actor, now: datetime,
) -> Document:  # fmt: skip
    """Put a stored photo into the application; the same photo under the same item is one row,
    and one that lies under a paper already is not put to the unsorted again.

    The caller has locked the row. A file handed in may still be added to. Raises Invalid for
    an unknown item or too many photos, Conflict when the state no longer takes any.
    """
    access.check_act(actor, Act.FILL)
    have = of(session, application)
    twins = [one for one in have if one.sent_digest == received.digest]
    same = next((twin for twin in twins if item in (twin.item, UNSORTED)), None)
    if same is not None:
        return same
    _check_open(application)
    paper_items.check(program, item)
    _check_room(have, received)
    document = Document(
        application_id=application.id,
        item=item,
        sent_digest=received.digest,
        envelope_digest=received.envelope,
        sent_size=len(received.data),
        sent_blob=twins[0].sent_blob if twins else blob,
        sealed_for=twins[0].sealed_for if twins else None,
        media_type=received.media_type,
        mandate_id=actor.mandate,
        state=RECEIVED,
        created_at=now,
    )
    session.add(document)
    application.changed_at = now
    session.flush()
    marks.of_photo(session, document, now=now)
    rests_on(session, document, actor=actor, now=now)
    record(session, "added", application, document, actor=actor, now=now)
    crash_around_commit(session, "", "U6")
    return document


def remove(session: Session, document: Document, *, actor: Actor, now: datetime) -> None:
    """Take a photo out. A consent signed on this page is withdrawn with it.

    The blobs stay until the sweep finds that nobody names them (`blob_names`). Raises
    Conflict when the photo has been handed in.
    """
    application = session.get_one(Application, document.application_id)
    check_free(session, application, document, actor=actor)
    session.execute(
        update(Signature)
        .where(Signature.document_id == document.id)
        .values(document_id=None, withdrawn_at=func.coalesce(Signature.withdrawn_at, now))
    )
    application.changed_at = now
    mandate_basis.photo_gone(session, document.id, actor=actor, now=now)
    record(session, "removed", application, document, actor=actor, now=now)
    marks.photo_gone(session, document)
    session.delete(document)
    session.flush()


def check_free(
    session: Session, application: Application, document: Document, *, actor: Actor
) -> None:
    """Whether this photo may be taken out or put elsewhere. Raises Conflict when it was handed
    in, Forbidden for a helper to whom it is not shown."""
    access.check_act(actor, Act.FILL)
    _check_seen(session, document, actor=actor)
    _check_open(application)
    if handed_in(session, document):
        raise Conflict("这张照片已经交了，不能动。可以再加一张。", code="handed_in")


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


def shown_to(session: Session, document: Document, *, actor: Actor) -> bool:
    """Whether this actor may look at the photo. A helper sees neither what came under another
    mandate nor, once handed in, anything: there are whole numbers on it."""
    if actor.grant is None:
        return True
    return document.mandate_id in (None, actor.mandate) and not handed_in(session, document)


def open_copy(
    session: Session, blobs: Blobs, document: Document, which: Which = "prepared",
    *, actor: Actor | None = None,
) -> bytes:  # fmt: skip
    """The JPEG people may see, upright and without metadata; never the bytes as sent.

    `actor`: who looks, None for the portal itself and the office. Raises NotFound while it
    is not prepared, cannot be, or has been erased; Forbidden for a photo that is not shown
    to this helper.
    """
    if actor is not None:
        _check_seen(session, document, actor=actor)
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


def blob_names(session: Session, prefix: str = "") -> set[str]:
    """Every blob of a photo that can still be opened; the sweep must leave these."""
    found: set[str] = set()
    for column in (Document.sent_blob, Document.prepared_blob, Document.thumbnail_blob):
        rows = (
            select(column)
            .join(Application, Application.id == Document.application_id)
            .join(vault.DataKey, vault.DataKey.id == Application.key_id)
            .where(vault.DataKey.destroyed_at.is_(None), begins(column, prefix))
        )
        found.update(name for name in session.scalars(rows) if name is not None)
    return found


def sent_place(application_id: UUID) -> str:
    return f"documents:{application_id}"


def copy_place(which: Which, document_id: UUID) -> str:
    return f"documents.{which}:{document_id}"


def _check_open(application: Application) -> None:
    if application.status not in TAKES_PHOTOS:
        raise Conflict("现在不能改照片。请看办理进度。", code="photos_closed")


def _check_seen(session: Session, document: Document, *, actor: Actor) -> None:
    if not shown_to(session, document, actor=actor):
        other = document.mandate_id not in (None, actor.mandate)
        access.refuse_helper(actor, Never.EARLIER_MANDATES if other else Never.WHOLE_NUMBERS)


def rests_on(session: Session, document: Document, *, actor: Actor, now: datetime) -> None:
    """A signed mandate, or the proof of a guardian: what the helper's mandate rests on."""
    if actor.grant is None or document.item not in (MANDATE_PAPER, GUARDIAN_PROOF):
        return
    mandate = session.get_one(Mandate, actor.grant.mandate)
    if document.item == MANDATE_PAPER:
        mandate_basis.on_paper(session, mandate, document.id, actor=actor, now=now)
    else:
        mandate_basis.proved_guardian(session, mandate, document.id, actor=actor, now=now)


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


def handed_in(session: Session, document: Document) -> bool:
    """Whether an office has it already, or is about to."""
    last = session.scalar(
        select(func.max(Submission.submitted_at)).where(
            Submission.application_id == document.application_id
        )
    )
    return last is not None and document.created_at <= last


def record(
    session: Session, verb: str, application: Application, document: Document,
    *, actor: Actor | str, now: datetime, **more: str,
) -> None:  # fmt: skip
    """One line of the audit record about one photo."""
    detail = {
        "document": str(document.id), "item": document.item, "digest": document.sent_digest,
        "status": application.status, **more,
    }  # fmt: skip
    audit.record(
        session, f"document.{verb}", actor=str(actor), subject=application.id, detail=detail,
        now=now,
    )  # fmt: skip
