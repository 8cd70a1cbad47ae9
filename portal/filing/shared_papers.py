"""Photos taken once and signatures given once, in every open file of the household that asks them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing import applications, documents, family, lending, signatures, sorting
from portal.filing.paper_items import UNSORTED
from portal.filing.photo_check import Received
from portal.filing.tables import Application, Document, Signature
from portal.people.access import Actor
from portal.people.tables import Household
from portal.policy import asking
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Status


def borrow(
    session: Session,
    source: Application,
    application: Application,
    program: Program,
    *,
    actor: Actor | str,
    now: datetime,
) -> None:
    """The photos of another file that this program has a place for."""
    if source.id == application.id:
        return
    rows = select(Document).where(Document.application_id == source.id)
    for document in session.scalars(rows.order_by(Document.created_at, Document.id)).all():
        if lending.asks(program, document.item):
            lending.photo(session, document, application, actor=actor, now=now)


def add_photo(
    session: Session,
    application: Application,
    catalogue: Catalogue,
    *,
    item: str,
    received: Received,
    blob: str,
    actor: Actor,
    now: datetime,
) -> Document:
    """documents.add, and the photo is in every other draft that asks the same paper.

    One that lies unsorted, sorted on the phone meanwhile and sent again, is moved.
    """
    program = catalogue.find(application.program_id)
    for twin in sorting.unsorted(session, application):
        own = (twin.sent_digest, twin.mandate_id) == (received.digest, actor.mandate)
        if own and item != UNSORTED and not documents.handed_in(session, twin):
            return move_photo(
                session, application, twin, catalogue, item=item, actor=actor, now=now
            )
    document = documents.add(
        session, application, program, item=item, received=received, blob=blob, actor=actor,
        now=now,
    )  # fmt: skip
    for other in family.siblings(session, application, catalogue, actor=actor):
        if lending.asks(catalogue.find(other.program_id), item):
            lending.photo(session, document, other, actor=actor, now=now)
    return document


def remove_photo(
    session: Session,
    application: Application,
    document: Document,
    catalogue: Catalogue,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """documents.remove, for a draft out of the household's other drafts as well."""
    if application.status == Status.DRAFT:
        others = family.siblings(session, application, catalogue, actor=actor)
        lending.take_back(session, document, others, now=now)
    documents.remove(session, document, actor=actor, now=now)


def move_photo(
    session: Session,
    application: Application,
    document: Document,
    catalogue: Catalogue,
    *,
    item: str,
    actor: Actor,
    now: datetime,
) -> Document:
    """sorting.move, and in every other draft that asks the paper the photo lies under it too."""
    program = catalogue.find(application.program_id)
    others = family.siblings(session, application, catalogue, actor=actor)
    if application.status == Status.DRAFT and document.item != item:
        lending.take_back(session, document, others, now=now)
    moved = sorting.move(session, application, program, document, item=item, actor=actor, now=now)
    for other in others:
        if lending.asks(catalogue.find(other.program_id), item):
            lending.photo(session, moved, other, actor=actor, now=now)
    return moved


def share_signature(
    session: Session,
    application: Application,
    given: Signature,
    catalogue: Catalogue,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """A consent just given, put into every other draft that asks it of the same person."""
    for other in family.siblings(session, application, catalogue, actor=actor):
        program = catalogue.find(other.program_id)
        answers = applications.answers(session, other)
        rows = {f"member:{row['row']}" for row in answers.get("members") or []}
        if asking.consent_asked(program, answers) and given.signer in rows | {"applicant"}:
            lending.signature(session, given, other, actor=actor, now=now)


def withdraw_signature(
    session: Session,
    application: Application,
    program: Program,
    signer: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """signatures.withdraw, and what was given in one act is taken back in one: in every file
    of the household nobody has decided yet. Raises what signatures.withdraw raises."""
    given = [s for s in signatures.of(session, application) if s.signer == signer]
    signatures.withdraw(session, application, program, signer, actor=actor, now=now)
    if application.household_id is None:
        return
    household = session.get_one(Household, application.household_id)
    for other in family.running(session, household):
        for lent in signatures.of(session, other):
            if (lent.signer, lent.signed_at) in {(s.signer, s.signed_at) for s in given}:
                lent.withdrawn_at = other.changed_at = now
    session.flush()
