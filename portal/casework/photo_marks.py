"""Photos one by one: this one is good, that one please again. Neither holds the file up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import duties, events, front_door
from portal.casework.tables import CaseEvent
from portal.filing import documents
from portal.filing.tables import Application, Document
from portal.foundation.errors import Conflict, Forbidden
from portal.people.access import Actor
from portal.policy.lifecycle import Party

ACCEPTED, RETAKE = "accepted", "retake"
_KINDS = {"photo_accepted": ACCEPTED, "photo_retake": RETAKE}


def accept(
    session: Session, application: Application, document_id: UUID, *, actor: Actor, now: datetime
) -> CaseEvent:
    """This photo shows what it should. Raises NotFound, Forbidden, Conflict (marked_already)."""
    return _mark(session, application, "photo_accepted", document_id, "", actor=actor, now=now)


def ask_again(
    session: Session,
    application: Application,
    document_id: UUID,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """重拍: one photo once more, with a sentence how; the applicant sees its own button.

    It is no second 一次性告知 and stops no clock. Raises as `accept` does, and Invalid.
    """
    return _mark(session, application, "photo_retake", document_id, sentence, actor=actor, now=now)


def states(session: Session, application: Application) -> Mapping[UUID, str | None]:
    """{document id: accepted · retake · None}. A photo asked for again is done with as soon as
    a newer one of the same item is there."""
    found: dict[UUID, tuple[str, datetime]] = {}
    for event in events.of(session, application):
        if event.kind in _KINDS:
            named = events.said(session, application, event).get("document")
            if named:
                found[UUID(named)] = _KINDS[event.kind], event.recorded_at
    photos = documents.of(session, application)
    return {
        photo.id: None
        if photo.id not in found
        or (found[photo.id][0] == RETAKE and _newer(photos, photo, found[photo.id][1]))
        else found[photo.id][0]
        for photo in photos
    }


def asked(session: Session, application: Application) -> Mapping[UUID, str]:
    """{document id: the sentence} of photos that are still wanted again."""
    open_ones = {key for key, state in states(session, application).items() if state == RETAKE}
    found = {}
    for event in events.of(session, application):
        if event.kind == "photo_retake":
            said = events.said(session, application, event)
            if said.get("document") and UUID(said["document"]) in open_ones:
                found[UUID(said["document"])] = said.get("sentence", "")
    return found


def _mark(
    session: Session,
    application: Application,
    kind: str,
    document_id: UUID,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    if not actor.holds(*duties.TOWNSHIP, *duties.COUNTY):
        raise Forbidden("照片由经办的人看。", code="party_not_allowed")
    front_door.find(session, application.id, actor=actor)
    events.lock(session, application)
    photo = documents.find(session, application, document_id)
    if states(session, application)[photo.id] == _KINDS[kind]:
        raise Conflict("这张照片已经这样标过。", code="marked_already")
    said = {"document": str(photo.id), "item": photo.item, "sentence": sentence}
    party = Party.COUNTY if actor.holds(*duties.COUNTY) else Party.TOWNSHIP
    return events.record(
        session, application, kind, after=None, party=party, actor=str(actor), said=said, now=now
    )


def _newer(photos: Sequence[Document], photo: Document, since: datetime) -> bool:
    return any(p.item == photo.item and p.created_at > since for p in photos)
