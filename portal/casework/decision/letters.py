"""决定书: numbered, frozen as it was written, printed from what was frozen, and delivered."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.casework import clocks, events, sealed
from portal.casework.decision import letter_paper, standing
from portal.casework.decision.tables import Decision, Delivery, LetterNumber
from portal.casework.said import DELIVERED_HOW
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation import audit, typesetting
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.catalogue import Catalogue, Program

BY_HAND = {how: words for how, words in DELIVERED_HOW.items() if how != "portal"}
"""Opening it in the portal is noted apart: it replaces no delivery."""
DELIVER_WITHIN = 3
"""Working days, 民发〔2021〕57号 第21条、43号 第18条, for a refusal; we count every letter so."""
_TEMPLATE = Path(__file__).with_name("letter.typ")
_BODY, _NOTE = "decisions.body_sealed", "deliveries.body_sealed"
_DELIVERERS = (
    *standing.TOWNSHIP_ROLES, Role.COUNTY_CONFIRMER, Role.COUNTY_CLERK,
)  # fmt: skip


def write(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    kind: str,
    body: Mapping[str, Any],
    event: CaseEvent,
    *,
    actor: Actor,
    now: datetime,
) -> Decision:
    """One decision and its letter, in the transaction of its event: none without the other.

    `kind` approved · denied · reduced · graduating · stopped · aborted; `body` what was decided.
    """
    office = letter_paper.office(session, application, catalogue)
    year = local_date(now).year
    serial = _next_number(session, office.code, year)
    number = f"{office.name}救助〔{year}〕{serial}号"
    paper = letter_paper.of(
        session, application, program, kind, body, office=office, number=number, now=now
    )
    new = uuid4()
    decision = Decision(
        id=new, application_id=application.id, event_id=event.id, kind=kind,
        office_code=office.code, year=year, serial=serial, made_by=str(actor), made_at=now,
        body_sealed=sealed.seal(
            session, application, _BODY, new, {**body, "number": number, "paper": paper}
        ),
    )  # fmt: skip
    session.add(decision)
    session.flush()
    audit.record(
        session, "write.letter", actor=str(actor), subject=application.id, now=now,
        detail={"decision": str(new), "kind": kind, "office": office.code, "serial": serial},
    )  # fmt: skip
    return decision


def render(session: Session, application: Application, decision: Decision) -> bytes:
    """The letter as a PDF; the same words every time. Raises NotFound once it was erased."""
    found = body(session, application, decision)
    if not found:
        raise NotFound("这份决定书已经删除。")
    return typesetting.render(_TEMPLATE, found["paper"])


def deliver(
    session: Session,
    application: Application,
    decision_id: UUID,
    how: str,
    day: date,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> Delivery:
    """It has reached the person: in hand, through the village, or by post. Nobody must sign.

    Raises Invalid (how, day), NotFound, Forbidden.
    """
    standing.check_role(actor, application, *_DELIVERERS)
    events.lock(session, application)
    decision = find(session, application, decision_id)
    if how not in BY_HAND:
        raise Invalid("请选怎么送的。", fields={"how": ["请选怎么送的。"]})
    if not local_date(decision.made_at) <= day <= local_date(now):
        raise Invalid("日期不对。", fields={"day": ["日期不对，要在决定以后。"]})
    events.record(
        session, application, "decision_delivered", after=None, party=standing.party(actor),
        actor=str(actor), said={"how": how, "on": day.isoformat()}, now=now,
    )  # fmt: skip
    new = uuid4()
    delivery = Delivery(
        id=new, decision_id=decision.id, how=how, day=day, written_by=str(actor), written_at=now,
        body_sealed=sealed.seal(
            session, application, _NOTE, new, {"sentence": sentence.strip()[:200]}
        ),
    )  # fmt: skip
    session.add(delivery)
    session.flush()
    return delivery


def note_opened(
    session: Session, application: Application, decision: Decision, *, actor: Actor, now: datetime
) -> None:
    """The person opened it in the portal, no helper: the first time is kept."""
    if actor.id == application.account_id and decision.opened_at is None:
        decision.opened_at = now
        audit.record(
            session, "open.letter", actor=str(actor), subject=application.id, now=now,
            detail={"decision": str(decision.id)},
        )  # fmt: skip


def of(session: Session, application: Application) -> Sequence[Decision]:
    """First to last."""
    rows = (
        select(Decision)
        .join(CaseEvent, CaseEvent.id == Decision.event_id)
        .where(Decision.application_id == application.id)
        .order_by(CaseEvent.seq)
    )
    return session.scalars(rows).all()


def find(session: Session, application: Application, decision_id: UUID) -> Decision:
    """Raises NotFound, also for another file's."""
    found = session.get(Decision, decision_id)
    if found is None or found.application_id != application.id:
        raise NotFound("没有找到这份决定书。")
    return found


def body(session: Session, application: Application, decision: Decision) -> dict[str, Any]:
    """What was decided, with "number" and "paper"; empty once erased."""
    return sealed.unseal(session, application, _BODY, decision.id, decision.body_sealed)


def deliveries(session: Session, decision: Decision) -> Sequence[Delivery]:
    """First to last."""
    rows = select(Delivery).where(Delivery.decision_id == decision.id)
    return session.scalars(rows.order_by(Delivery.written_at, Delivery.id)).all()


def deliver_by(decision: Decision) -> clocks.Due:
    """The last day to deliver it."""
    return clocks.due(decision.made_at, DELIVER_WITHIN, "workday")


def _next_number(session: Session, office_code: str, year: int) -> int:
    """Counted up with the row held; two first letters at the same moment still get two."""
    key = (office_code, year)
    if session.get(LetterNumber, key, with_for_update=True) is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(LetterNumber(office_code=office_code, year=year, last=0))
    row = session.get_one(LetterNumber, key, with_for_update=True, populate_existing=True)
    row.last += 1
    session.flush()
    return row.last
