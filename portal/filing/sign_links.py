"""A link that opens one signer's page and nothing else, for three days, without signing in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from portal.filing import signatures
from portal.filing.signing_tables import SignLink
from portal.filing.tables import Application
from portal.foundation import audit, retention
from portal.foundation.errors import NotFound
from portal.people import access
from portal.people.access import Act, Actor, Role
from portal.people.mandate_tables import Mandate
from portal.policy.catalogue import Program

STAYS = timedelta(hours=72)
_KEPT = retention.period("links")


@dataclass(frozen=True)
class Opened:
    """What a link opens: one signer of one application, and who then acts."""

    application: Application
    signer: str
    actor: Actor
    expires_at: datetime


def make(
    session: Session, application: Application, program: Program, signer: str,
    *, actor: Actor, now: datetime,
) -> str:  # fmt: skip
    """The secret part of a new link; an earlier one of the same signer stops working.

    Kept only as a digest. Raises NotFound for somebody who is not asked, Conflict for a
    closed file, Forbidden outside a helper's scope.
    """
    access.check_act(actor, Act.FILL)
    signatures.asked(session, application, program, signer, actor=actor, now=now)
    live = _live(application.id, now=now).where(SignLink.signer == signer)
    for older in session.scalars(live.with_for_update()).all():
        older.ended_at = now
    token = secrets.token_urlsafe(16)
    session.add(
        SignLink(
            digest=_digest(token), application_id=application.id, signer=signer,
            made_by=str(actor), mandate_id=actor.mandate, created_at=now, expires_at=now + STAYS,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, "sign_link.made", actor=str(actor), subject=application.id,
        detail={"signer": signer}, now=now,
    )  # fmt: skip
    return token


def find(session: Session, token: str, *, lock: bool = False, now: datetime) -> Opened:
    """Raises NotFound (link_over) for an unknown, replaced or expired link, and when the
    mandate of the helper who made it was revoked."""
    link = session.get(SignLink, _digest(token))
    if link is None or link.ended_at is not None or link.expires_at <= now:
        raise _over()
    if link.mandate_id is not None:
        mandate = session.get_one(Mandate, link.mandate_id, populate_existing=True)
        if mandate.revoked_at is not None:
            raise _over()
    application = session.get_one(Application, link.application_id, with_for_update=lock or None)
    signer = Actor(Role.APPLICANT, UUID(int=0), link=signatures.link_of(application, link.signer))
    return Opened(application, link.signer, signer, link.expires_at)


def live(session: Session, application: Application, *, now: datetime) -> dict[str, datetime]:
    """{signer: until when} of the links that still open."""
    rows = session.scalars(_live(application.id, now=now))
    return {link.signer: link.expires_at for link in rows}


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop links that ended a month ago."""
    session.execute(delete(SignLink).where(SignLink.expires_at < now - _KEPT))


def _live(application_id: UUID, *, now: datetime) -> Select[SignLink]:
    return select(SignLink).where(
        SignLink.application_id == application_id,
        SignLink.ended_at.is_(None),
        SignLink.expires_at > now,
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _over() -> NotFound:
    return NotFound("这个链接过期了。请让家里人再发一个。", code="link_over")
