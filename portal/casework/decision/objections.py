"""公示异议: with or without a name, always looked into; who objected is shown to nobody outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.decision import standing
from portal.casework.decision.tables import Objection, PublicNotice
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import spoken
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status

HOW = {"phone": "打电话", "visit": "来窗口或上门", "letter": "写信", "portal": "在救助通上"}
BODY, _OUTCOME = "objections.body_sealed", "objections.outcome_sealed"
_MOST = 500
_LOOKING = (Role.TOWNSHIP_REVIEWER, Role.TOWNSHIP_INVESTIGATOR)


def receive(
    session: Session,
    application: Application,
    how: str,
    sentence: str,
    *,
    told: str = "",
    name: str = "",
    phone: str = "",
    actor: Actor,
    now: datetime,
) -> Objection:
    """Write down what somebody says against the posting; name and phone may stay empty.

    `told` is what the applicant reads of it: nothing in it may show who it was.
    Raises Invalid (how, sentence), Conflict where nothing is posted, Forbidden.
    """
    standing.check_role(actor, application, *standing.TOWNSHIP_ROLES)
    events.lock(session, application)
    notice = _standing(session, application)
    words = {
        "sentence": _text("sentence", sentence), "told": told.strip()[:_MOST],
        "name": name.strip()[:60], "phone": phone.strip()[:30],
    }  # fmt: skip
    if how not in HOW:
        raise Invalid("请选怎么提出的。", fields={"how": ["请选怎么提出的。"]})
    new = uuid4()
    events.record(
        session, application, "objected", after=None, party=Party.TOWNSHIP, actor=str(actor),
        said={"code": str(new)}, now=now,
    )  # fmt: skip
    objection = Objection(
        id=new, application_id=application.id, notice_id=notice.id, how=how,
        body_sealed=sealed.seal(session, application, BODY, new, words),
        received_by=str(actor), received_at=now,
    )  # fmt: skip
    session.add(objection)
    session.flush()
    return objection


def reinvestigate(
    session: Session, application: Application, *, actor: Actor, now: datetime
) -> None:
    """公示有异议，重新调查. Raises Conflict when nobody objected, Forbidden."""
    standing.check_role(actor, application, *_LOOKING)
    events.lock(session, application)
    if not open_ones(session, application):
        raise Conflict("没有未处理的异议。", code="no_objection")
    events.record(
        session, application, "reinvestigating", after=Status.REINVESTIGATING,
        party=Party.TOWNSHIP, actor=str(actor), said=None, now=now,
    )  # fmt: skip


def settle(
    session: Session,
    application: Application,
    objection_id: UUID,
    sentence: str,
    *,
    upheld: bool,
    actor: Actor,
    now: datetime,
) -> Objection:
    """What was found about it. A new opinion follows, then the county or a new posting.

    Raises Conflict before the reinvestigation or when it is settled already, Invalid, NotFound.
    """
    standing.check_role(actor, application, *_LOOKING)
    events.lock(session, application)
    objection = find(session, application, objection_id)
    if application.status != Status.REINVESTIGATING:
        raise Conflict("先转为重新调查，再写结果。", code="move_not_allowed")
    if objection.settled_at is not None:
        raise Conflict("这条异议已经有了结果。", code="settled")
    words = {"sentence": _text("sentence", sentence), "upheld": upheld}
    objection.outcome_sealed = sealed.seal(session, application, _OUTCOME, objection.id, words)
    objection.settled_by, objection.settled_at = str(actor), now
    audit.record(
        session, "settle.objection", actor=str(actor), subject=application.id, now=now,
        detail={"objection": str(objection.id), "upheld": upheld},
    )  # fmt: skip
    return objection


def of(session: Session, application: Application) -> Sequence[Objection]:
    """First to last."""
    rows = select(Objection).where(Objection.application_id == application.id)
    return session.scalars(rows.order_by(Objection.received_at, Objection.id)).all()


def open_ones(session: Session, application: Application) -> list[Objection]:
    return [one for one in of(session, application) if one.settled_at is None]


def check_settled(session: Session, application: Application) -> None:
    """Raises Conflict objection_open."""
    if open_ones(session, application):
        raise Conflict("有异议还没有查清。", code="objection_open")


def find(session: Session, application: Application, objection_id: UUID) -> Objection:
    """Raises NotFound, also for another file's."""
    found = session.get(Objection, objection_id)
    if found is None or found.application_id != application.id:
        raise NotFound("没有找到这条异议。")
    return found


def shown(
    session: Session, application: Application, objection: Objection, *, for_desk: bool
) -> dict[str, Any]:
    """{"id", "on_text", "told", "outcome", "upheld", "open"}; the office also sees "how",
    "sentence", "name" and "phone". The applicant never learns who it was."""
    words = sealed.unseal(session, application, BODY, objection.id, objection.body_sealed)
    outcome = sealed.unseal(session, application, _OUTCOME, objection.id, objection.outcome_sealed)
    found = {
        "id": str(objection.id),
        "on_text": spoken(objection.received_at),
        "told": words.get("told", ""),
        "outcome": outcome.get("sentence", ""),
        "upheld": outcome.get("upheld"),
        "open": objection.settled_at is None,
    }
    if for_desk:
        inside = {name: words.get(name, "") for name in ("sentence", "name", "phone")}
        return {**found, **inside, "how": HOW[objection.how]}
    return found


def _standing(session: Session, application: Application) -> PublicNotice:
    rows = select(PublicNotice).where(PublicNotice.application_id == application.id)
    notice = session.scalars(rows.order_by(PublicNotice.round.desc())).first()
    if notice is None:
        raise Conflict("这一件没有公示过。", code="move_not_allowed")
    return notice


def _text(name: str, given: str) -> str:
    text = given.strip()
    if not text or len(text) > _MOST:
        fault = f"请写清楚，最多{_MOST}个字。"
        raise Invalid(fault, fields={name: [fault]})
    return text
