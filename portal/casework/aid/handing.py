"""How each part of what was granted reached the person, in money or goods."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.aid import grants, ledger
from portal.casework.aid.tables import AidInstalment, PettyFund, PettyFundLine
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status

DROPPED: Mapping[str, str] = {"death": "本人去世", "declined": "本人说不要了"}
"""Silence, a missing paper or a data match is no reason (社会救助法 第48条)."""
_WITH_THE_COUNTY = frozenset({Status.APPROVED, Status.PAYING})
_MOST_WORDS = 200


@dataclass(frozen=True)
class Handing:
    """How a part reached the person; nothing of it is demanded.

    `what`: the goods · `to`: who took it · `witness`: who saw it · `from_box`: out of the
    township's petty fund.
    """

    what: str = ""
    to: str = ""
    witness: str = ""
    from_box: bool = False

    @property
    def said(self) -> dict[str, str]:
        words = {"what": self.what, "to": self.to, "witness": self.witness}
        return {name: text.strip()[:_MOST_WORDS] for name, text in words.items() if text.strip()}


def hand_out(
    session: Session,
    application: Application,
    part_id: UUID,
    handing: Handing,
    *,
    actor: Actor,
    now: datetime,
) -> AidInstalment:
    """A planned part has reached the person; she is told.

    Raises NotFound, Conflict paid · fund_short · move_not_allowed, Forbidden.
    """
    hold_box(session, application.region_code, handing)
    party = giver(actor, application)
    events.lock(session, application)
    part = grants.find(session, application, part_id)
    pay(session, application, part, handing, actor=actor, now=now)
    said = {"how": part.form, "amount": part.amount}
    events.record(
        session, application, "handed_out", after=None, party=party, actor=str(actor), said=said,
        now=now,
    )  # fmt: skip
    return part


def pay(
    session: Session,
    application: Application,
    part: AidInstalment,
    handing: Handing,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Note that a part was given; with `from_box` it leaves the petty fund in the same commit."""
    if part.paid_at is not None or part.dropped is not None:
        raise Conflict("这一笔已经发过了。", code="paid")
    if handing.from_box:
        part.line_id = _from_box(session, application, part, handing, actor=actor, now=now).id
    part.paid_at, part.paid_by = now, str(actor)
    part.said_sealed = grants.seal(session, application, handing.said, grants.part_place(part))
    session.flush()
    detail = {"part": str(part.id), "amount": part.amount, "form": part.form}
    audit.record(
        session, "aid.paid", actor=str(actor), subject=application.id, detail=detail, now=now
    )


def drop(
    session: Session,
    application: Application,
    part_id: UUID,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> AidInstalment:
    """A part that is not given any more: the person died, or says they do not want it."""
    giver(actor, application)
    events.lock(session, application)
    part = grants.find(session, application, part_id)
    if reason not in DROPPED:
        raise Invalid("只有两种情形可以不再发。", fields={"reason": ["请选一种情形。"]})
    if part.paid_at is not None:
        raise Conflict("这一笔已经发过了。", code="paid")
    part.dropped = reason
    detail = {"part": str(part.id), "reason": reason}
    audit.record(
        session, "aid.dropped", actor=str(actor), subject=application.id, detail=detail, now=now
    )
    return part


def take_back(
    session: Session, fund: PettyFund, line_id: UUID, reason: str, *, actor: Actor, now: datetime
) -> PettyFundLine:
    """Undo a line of the box; what it had paid is open again, to be paid rightly."""
    undone = ledger.counter(session, fund, line_id, reason, actor=actor, now=now)
    part = session.scalars(select(AidInstalment).where(AidInstalment.line_id == line_id)).first()
    if part is not None:
        part.paid_at = part.paid_by = part.line_id = part.said_sealed = None
    session.flush()
    return undone


def hold_box(session: Session, region_code: str | None, handing: Handing) -> None:
    """Lock the box before anything else is locked or written, if this is paid out of it.

    Raises Conflict not_opened.
    """
    if handing.from_box:
        ledger.lock(session, _box(session, region_code))


def giver(actor: Actor, application: Application) -> Party:
    """For whom this member of staff hands out. Raises Forbidden."""
    if actor.holds(*ledger.KEEPERS) and actor.region_code == application.region_code:
        return Party.TOWNSHIP
    inside = actor.region_code == application.county_code
    county = actor.holds(Role.COUNTY_CONFIRMER, Role.COUNTY_CLERK) and inside
    if county and application.status in _WITH_THE_COUNTY:
        return Party.COUNTY
    raise Forbidden("这一步由乡镇（街道）经办。", code="party_not_allowed")


def _from_box(
    session: Session,
    application: Application,
    part: AidInstalment,
    handing: Handing,
    *,
    actor: Actor,
    now: datetime,
) -> PettyFundLine:
    fund = _box(session, application.region_code)
    return ledger.pay(session, fund, part.amount, application, handing.said, actor=actor, now=now)


def _box(session: Session, region_code: str | None) -> PettyFund:
    fund = ledger.fund_of(session, region_code or "")
    if fund is None:
        raise Conflict("本乡镇还没有备用金账。请先开账。", code="not_opened")
    return fund
