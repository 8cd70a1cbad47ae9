"""A signature made on a phone without a signal, arriving later.

Whatever the person said since then stands: it came later, or twice, and never takes its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing import signatures
from portal.filing.signatures import Signer
from portal.filing.tables import Application, Signature
from portal.foundation.errors import Conflict, Invalid
from portal.people.access import Actor
from portal.people.handwriting import Strokes
from portal.people.identity import PersonName
from portal.policy.catalogue import Program


@dataclass(frozen=True)
class Offline:
    """What the phone says of it: when, the name it was made under ("" for none), and the strokes."""

    at: datetime
    name: str
    strokes: Strokes


def is_settled(
    session: Session,
    application: Application,
    program: Program,
    signer: str,
    offline: Offline,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Whether nothing is to be written: this hand is here already, the signer has signed or
    withdrawn since, or signed by themselves where a helper sends it.

    Raises NotFound for somebody who is not asked, Conflict (signer_changed) when another
    person stands in that place by now.
    """
    found = signatures.asked(session, application, program, signer, actor=actor, now=now)
    said = select(Signature).where(
        Signature.application_id == application.id, Signature.signer == signer
    )
    before = session.scalars(said).all()
    if any(signatures.strokes_of(session, application, one) == offline.strokes for one in before):
        return True
    if _is_overtaken(found.signed, before, offline.at, actor):
        return True
    _check_name(found, offline.name)
    return False


def _is_overtaken(
    signed: Signature | None, before: Sequence[Signature], at: datetime, actor: Actor
) -> bool:
    if signed is None:
        return any(one.withdrawn_at and one.withdrawn_at >= at for one in before)
    lent = signed.mandate_id == actor.mandate and signed.method != "code"
    by_themselves = actor.grant is not None and not lent
    return signed.method != "visit" and (by_themselves or signed.signed_at >= at)


def _check_name(found: Signer, name: str) -> None:
    if name and _plain(name) != _plain(found.name):
        raise Conflict("名字改过了。请他本人再签一次。", code="signer_changed")


def _plain(name: str) -> str:
    try:
        return PersonName.parse(name).value
    except Invalid:
        return name.strip()
