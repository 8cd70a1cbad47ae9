"""What one file of a household has, put into another of its files: photos and signatures.

A lent photo is a row at once, in the lender's commit, still sealed by the lender's key
(`sealed_for`); preparing it the worker seals it anew with the borrower's own (preparing.py).
No photo is ever between two files, and each file can be erased alone.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from portal.filing.tables import Application, Document, Signature
from portal.foundation import audit, vault
from portal.foundation.database import Database
from portal.people.access import Actor
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status


def photo(
    session: Session, document: Document, to: Application, *, actor: Actor | str, now: datetime
) -> Document:
    """The same photo in another file; the one already there when it has it. Never refused:
    a photo that was taken is not lost for want of room."""
    same = select(Document).where(
        Document.application_id == to.id,
        Document.item == document.item,
        Document.sent_digest == document.sent_digest,
    )
    found = session.scalars(same).first()
    if found is not None:
        return found
    lent = Document(
        application_id=to.id, item=document.item, sent_digest=document.sent_digest,
        envelope_digest=document.envelope_digest, sent_size=document.sent_size,
        sent_blob=document.sent_blob, sealed_for=document.sealed_for or document.application_id,
        media_type=document.media_type, mandate_id=document.mandate_id, state="received",
        created_at=now,
    )  # fmt: skip
    session.add(lent)
    to.changed_at = now
    session.flush()
    detail = {
        "document": str(lent.id), "item": lent.item, "digest": lent.sent_digest,
        "from": str(document.application_id),
    }  # fmt: skip
    audit.record(session, "document.lent", actor=str(actor), subject=to.id, detail=detail, now=now)
    return lent


def asks(program: Program, item: str) -> bool:
    """Whether a program has a place for such a paper. 其他材料 stays where it was sent."""
    return any(rule.item == item for rule in program.documents)


def take_back(
    session: Session, document: Document, others: Sequence[Application], *, now: datetime
) -> None:
    """Take the same photo out of the household's other drafts; signatures on it fall."""
    same = (
        Document.application_id.in_([other.id for other in others]),
        Document.item == document.item,
        Document.sent_digest == document.sent_digest,
    )
    session.execute(
        update(Signature)
        .where(Signature.document_id.in_(select(Document.id).where(*same)))
        .values(document_id=None, withdrawn_at=func.coalesce(Signature.withdrawn_at, now))
    )
    session.execute(delete(Document).where(*same))
    session.flush()


def lent_out(session: Session, application: Application) -> bool:
    """Whether another file still reads a photo with this file's key."""
    rows = select(Document.id).where(
        Document.sealed_for == application.id, Document.application_id != application.id
    )
    return session.scalars(rows.limit(1)).first() is not None


def erase_due(database: Database, *, now: datetime) -> int:
    """Destroy the keys of discarded drafts whose lent photos have meanwhile been sealed anew."""
    borrower = aliased(Document)
    rows = (
        select(Application.key_id)
        .join(vault.DataKey, vault.DataKey.id == Application.key_id)
        .where(
            Application.status == Status.WITHDRAWN,
            Application.submission_no == 0,
            vault.DataKey.destroyed_at.is_(None),
            ~exists().where(borrower.sealed_for == Application.id),
        )
    )
    with database.writing() as session:
        due = list(session.scalars(rows))
        for key_id in due:
            vault.destroy_key(session, key_id, now=now)
    return len(due)


def signature(
    session: Session, given: Signature, to: Application, *, actor: Actor, now: datetime
) -> None:
    """One person's consent, given once, in another file of the same household that asks it.

    The text is the same and says so: it is for the household's assistance, not for one program.
    """
    source = session.get_one(Application, given.application_id)
    for older in _in_force(session, to, given.signer):
        older.withdrawn_at = now
    new = Signature(id=uuid4(), application_id=to.id)
    new.document_id = _page(session, given, to, actor=actor, now=now)
    for column in set(Signature.__table__.columns.keys()) - {"id", "application_id", "document_id"}:
        value = getattr(given, column)
        if column.endswith("_sealed") and value is not None:
            place = f"signatures.{column.removesuffix('_sealed')}"
            plain = vault.unseal(session, source.key_id, value, place=f"{place}:{given.id}")
            value = vault.seal(session, to.key_id, plain, place=f"{place}:{new.id}")
        setattr(new, column, value)
    session.add(new)
    to.changed_at = now
    session.flush()
    detail = {"signer": new.signer, "method": new.method, "from": str(source.id)}
    audit.record(session, "signature.lent", actor=str(actor), subject=to.id, detail=detail, now=now)


def _in_force(session: Session, application: Application, signer: str) -> Sequence[Signature]:
    rows = select(Signature).where(
        Signature.application_id == application.id, Signature.signer == signer,
        Signature.withdrawn_at.is_(None),
    )  # fmt: skip
    return session.scalars(rows).all()


def _page(
    session: Session, given: Signature, to: Application, *, actor: Actor, now: datetime
) -> UUID | None:
    """The signed page, in the other file."""
    if given.document_id is None:
        return None
    page = session.get_one(Document, given.document_id)
    return photo(session, page, to, actor=actor, now=now).id
