"""Where each photo is, for the person who took it: with us, with the township, seen, once more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import photo_marks
from portal.filing import documents
from portal.filing.tables import Application, Document, Submission
from portal.handover import frozen
from portal.handover.tables import OutboxRow
from portal.policy.catalogue import Program

TEXTS: Mapping[str, str] = {
    "on_portal": "已存在救助通，还没交到乡镇",
    "with_township": "已交到乡镇（街道）",
    photo_marks.ACCEPTED: "看过了，清楚",
    photo_marks.RETAKE: "请重拍",
}


def of(
    session: Session, application: Application, program: Program, sent: Sequence[Submission]
) -> list[dict[str, Any]]:
    """[{id, item, title, state as in TEXTS, text, sentence: how to take it again}], oldest first."""
    until = _handed_over_until(session, application, sent)
    marked = photo_marks.states(session, application)
    asked = photo_marks.asked(session, application)
    return [
        _photo(photo, program, until, marked.get(photo.id), asked)
        for photo in documents.of(session, application)
    ]


def _photo(
    photo: Document,
    program: Program,
    until: datetime | None,
    mark: str | None,
    asked: Mapping[UUID, str],
) -> dict[str, Any]:
    there = until is not None and photo.created_at <= until
    state = mark or ("with_township" if there else "on_portal")
    return {
        "id": str(photo.id),
        "item": photo.item,
        "title": frozen.title_of(photo.item, program),
        "state": state,
        "text": TEXTS[state],
        "sentence": asked.get(photo.id, ""),
    }


def _handed_over_until(
    session: Session, application: Application, sent: Sequence[Submission]
) -> datetime | None:
    """Photos up to this moment are in a dossier whose receipt came back."""
    rows = select(OutboxRow.version).where(
        OutboxRow.application_id == application.id, OutboxRow.delivered_at.is_not(None)
    )
    delivered = set(session.scalars(rows))
    return max((s.submitted_at for s in sent if s.version in delivered), default=None)
