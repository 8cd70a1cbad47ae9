"""Photos taken first and sorted to papers later: the bytes stay, only the paper changes.

A photo never leaves its application. One that nobody sorted blocks nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from portal.filing import documents, paper_items
from portal.filing.paper_items import OTHER, UNSORTED
from portal.filing.tables import Application, Document, Signature
from portal.foundation.errors import Conflict
from portal.people import mandate_basis
from portal.people.access import Actor
from portal.policy.catalogue import Program


def unsorted(session: Session, application: Application) -> Sequence[Document]:
    """What waits to be sorted, oldest first."""
    return [one for one in documents.of(session, application) if one.item == UNSORTED]


def move(
    session: Session,
    application: Application,
    program: Program,
    document: Document,
    *,
    item: str,
    actor: Actor,
    now: datetime,
) -> Document:
    """Put a photo under another paper; where the same photo lies already the two become one.

    What a mandate rested on has to be signed anew. Raises Invalid for an unknown paper,
    Conflict when somebody's signature stands on it, and what documents.check_free raises.
    """
    documents.check_free(session, application, document, actor=actor)
    paper_items.check(program, item)
    if document.item == item:
        return document
    if _is_signed(session, document):
        raise Conflict("这张纸上有签名，不能换。签错了可以删掉。", code="signed_on")
    mandate_basis.photo_gone(session, document.id, actor=actor, now=now)
    before = document.item
    kept = _put(session, application, document, item)
    application.changed_at = now
    documents.rests_on(session, kept, actor=actor, now=now)
    documents.record(session, "moved", application, kept, actor=actor, now=now, before=before)
    return kept


def settle(
    session: Session, application: Application, *, actor: Actor | str, now: datetime
) -> None:
    """At submission: what nobody sorted goes along as 其他材料."""
    for document in unsorted(session, application):
        kept = _put(session, application, document, OTHER)
        documents.record(session, "moved", application, kept, actor=actor, now=now, before=UNSORTED)


def _put(session: Session, application: Application, document: Document, item: str) -> Document:
    twins = [one for one in documents.of(session, application) if one.id != document.id]
    twin = next((t for t in twins if (t.item, t.sent_digest) == (item, document.sent_digest)), None)
    if twin is None:
        document.item = item
    else:
        on_it = Signature.document_id == document.id
        session.execute(update(Signature).where(on_it).values(document_id=twin.id))
        session.delete(document)
    session.flush()
    return twin or document


def _is_signed(session: Session, document: Document) -> bool:
    standing = exists().where(
        Signature.document_id == document.id, Signature.withdrawn_at.is_(None)
    )
    return bool(session.scalar(select(standing)))
