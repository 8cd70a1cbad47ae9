"""Marks: keyed digests of what two files should not share. They block nothing and name nobody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.filing.mark_tables import Mark
from portal.filing.tables import Application, Document
from portal.foundation import vault
from portal.foundation.errors import Invalid
from portal.people.codes import phone_index
from portal.people.identity import Phone, plain
from portal.people.mandate_tables import Mandate

ACCOUNT, PHONE, PHOTO = "account", "phone", "photo"
PAYEE = ("account_number", "account_holder", "account_bank")
"""The fields that say where money goes."""
_NUMBER = "account_number"
_PHONE = "phone"


def of_answers(
    session: Session, application: Application, answers: Mapping[str, Any], *, now: datetime
) -> None:
    """The account and the phone as they stand now, in the place of those before."""
    wanted = {ACCOUNT: _account(session, answers), PHONE: _phone(session, answers)}
    for kind, digest in wanted.items():
        rows = select(Mark.digest).where(Mark.application_id == application.id, Mark.kind == kind)
        if list(session.scalars(rows)) == [digest] * (digest is not None):
            continue
        session.execute(
            delete(Mark).where(Mark.application_id == application.id, Mark.kind == kind)
        )
        if digest is not None:
            _add(session, application.id, kind, digest, now=now)


def of_photo(session: Session, document: Document, *, now: datetime) -> None:
    """The photo as it was sent; under several items it is one."""
    digest = vault.blind_index(session, "mark:photo", document.sent_digest)
    _add(session, document.application_id, PHOTO, digest, now=now)


def photo_gone(session: Session, document: Document) -> None:
    """The photo was taken out: chosen by mistake, it is nobody's coincidence."""
    twins = select(Document.id).where(
        Document.application_id == document.application_id,
        Document.sent_digest == document.sent_digest, Document.id != document.id,
    )  # fmt: skip
    if session.scalars(twins.limit(1)).first() is None:
        digest = vault.blind_index(session, "mark:photo", document.sent_digest)
        mark = session.get(Mark, (document.application_id, PHOTO, digest))
        if mark is not None:
            session.delete(mark)


def households_with(session: Session, index: bytes, *, but: UUID) -> int:
    """In how many other households this phone (its blind index) is somebody's own number."""
    named = select(Mandate.household_id).where(Mandate.person_index == index)
    typed = (
        select(func.coalesce(Application.household_id, Application.id))
        .join(Mark, Mark.application_id == Application.id)
        .where(Mark.kind == PHONE, Mark.digest == index)
    )
    return len({*session.scalars(named), *session.scalars(typed)} - {but})


def _account(session: Session, answers: Mapping[str, Any]) -> bytes | None:
    number = plain(str(answers.get(_NUMBER) or ""))
    return vault.blind_index(session, "mark:account", number) if number else None


def _phone(session: Session, answers: Mapping[str, Any]) -> bytes | None:
    try:
        return phone_index(session, Phone.parse(str(answers.get(_PHONE) or "")))
    except Invalid:
        return None


def _add(
    session: Session, application_id: UUID, kind: str, digest: bytes, *, now: datetime
) -> None:
    if session.get(Mark, (application_id, kind, digest)) is None:
        session.add(Mark(application_id=application_id, kind=kind, digest=digest, at=now))
        session.flush()
