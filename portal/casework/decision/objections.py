"""公示异议: with or without a name, always looked into; who objected is shown to nobody outside.

Against the 初审公示 the file is reinvestigated and, for 特困, posted anew (43号 第15条). Against a
grant made public it is looked at again (社会救助法 第46、68条; no law names days). Against a 特困
stop the stop waits until it is looked into, and is posted anew (43号 第26条).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.decision import standing
from portal.casework.decision.tables import Objection, PublicNotice
from portal.casework.publicity.tables import Publication
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import spoken
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status

HOW = {"phone": "打电话", "visit": "来窗口或上门", "letter": "写信", "portal": "在救助通上"}
BODY, _OUTCOME = "objections.body_sealed", "objections.outcome_sealed"
REVIEW, DECISION, STOP = "review", "decision", "stop"
ABOUT: Mapping[str, str] = {REVIEW: "初审公示", DECISION: "公布", STOP: "停发前公示"}
_MOST = 500
_LOOKING = (Role.TOWNSHIP_REVIEWER, Role.TOWNSHIP_INVESTIGATOR)
_POSTED = (Status.PUBLIC_NOTICE, Status.REINVESTIGATING)
_GRANTED = (Status.APPROVED, Status.PAYING)
_AGAIN = (Status.REVIEWING, Status.GRADUATING)


@dataclass(frozen=True)
class Against:
    """What is objected to: a 初审 posting, or what was made public afterwards."""

    notice: UUID | None = None
    publication: UUID | None = None


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
    against = _standing(session, application)
    if against is None:
        raise Conflict("这一件现在没有公示。", code="move_not_allowed")
    words = {
        "sentence": _text("sentence", sentence), "told": told.strip()[:_MOST],
        "name": name.strip()[:60], "phone": phone.strip()[:30],
    }  # fmt: skip
    if how not in HOW:
        raise Invalid("请选怎么提出的。", fields={"how": ["请选怎么提出的。"]})
    return keep(
        session, application, against, how, words, party=Party.TOWNSHIP, by=str(actor), now=now
    )


def keep(
    session: Session,
    application: Application,
    against: Against,
    how: str,
    words: Mapping[str, str],
    *,
    party: Party,
    by: str,
    now: datetime,
) -> Objection:
    """A new one, in the course of the case; `words` {sentence, told, name, phone}."""
    new = uuid4()
    events.record(
        session, application, "objected", after=None, party=party, actor=by,
        said={"code": str(new)}, now=now,
    )  # fmt: skip
    objection = Objection(
        id=new, application_id=application.id, notice_id=against.notice,
        publication_id=against.publication, how=how, received_by=by, received_at=now,
        body_sealed=sealed.seal(session, application, BODY, new, words),
    )  # fmt: skip
    session.add(objection)
    session.flush()
    return objection


def reinvestigate(
    session: Session, application: Application, *, actor: Actor, now: datetime
) -> None:
    """有异议，重新调查: before the decision; of what was granted, looked at again while it is paid.

    Raises Conflict when nobody objected, Forbidden.
    """
    standing.check_role(actor, application, *_LOOKING)
    events.lock(session, application)
    if not open_ones(session, application):
        raise Conflict("没有未处理的异议。", code="no_objection")
    kind = "reviewing" if application.status in _GRANTED else "reinvestigating"
    events.record(
        session, application, kind, after=events.KINDS[kind], party=Party.TOWNSHIP,
        actor=str(actor), said=None, now=now,
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
    """What was found about it. A new opinion follows, then the county or a new posting; a stop
    objected to is taken down and posted anew.

    Raises Conflict before the reinvestigation or when it is settled already, Invalid, NotFound.
    """
    standing.check_role(actor, application, *_LOOKING)
    events.lock(session, application)
    objection = find(session, application, objection_id)
    looking = _AGAIN if objection.publication_id else (Status.REINVESTIGATING,)
    if application.status not in looking:
        raise Conflict("先转为重新调查，再写结果。", code="move_not_allowed")
    if objection.settled_at is not None:
        raise Conflict("这条异议已经有了结果。", code="settled")
    words = {"sentence": _text("sentence", sentence), "upheld": upheld}
    objection.outcome_sealed = sealed.seal(session, application, _OUTCOME, objection.id, words)
    objection.settled_by, objection.settled_at = str(actor), now
    posting = _publication(session, objection)
    if posting is not None and posting.kind == STOP:
        posting.ended_at = posting.ended_at or now
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
    """{"id", "about", "on_text", "told", "outcome", "upheld", "open"}; the office also sees "how",
    "sentence", "name" and "phone". The applicant never learns who it was."""
    words = sealed.unseal(session, application, BODY, objection.id, objection.body_sealed)
    outcome = sealed.unseal(session, application, _OUTCOME, objection.id, objection.outcome_sealed)
    found = {
        "id": str(objection.id),
        "about": ABOUT[about(session, objection)],
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


def is_posted(session: Session, application: Application) -> bool:
    """Whether something stands posted that may be objected to."""
    return _standing(session, application) is not None


def about(session: Session, objection: Objection) -> str:
    """A key of ABOUT."""
    posting = _publication(session, objection)
    return posting.kind if posting is not None else REVIEW


def _publication(session: Session, objection: Objection) -> Publication | None:
    wanted = objection.publication_id
    return session.get_one(Publication, wanted) if wanted is not None else None


def _standing(session: Session, application: Application) -> Against | None:
    """What stands posted now: before the decision the last 初审公示, afterwards the newest."""
    if application.status in _POSTED:
        rows = select(PublicNotice).where(PublicNotice.application_id == application.id)
        notice = session.scalars(rows.order_by(PublicNotice.round.desc())).first()
        if notice is not None:
            return Against(notice=notice.id)
    elif application.status in (*_GRANTED, *_AGAIN):
        made = select(Publication).where(
            Publication.application_id == application.id, Publication.ended_at.is_(None)
        )
        newest = made.order_by(Publication.posted_at.desc(), Publication.id)
        posting = session.scalars(newest).first()
        if posting is not None:
            return Against(publication=posting.id)
    return None


def _text(name: str, given: str) -> str:
    text = given.strip()
    if not text or len(text) > _MOST:
        fault = f"请写清楚，最多{_MOST}个字。"
        raise Invalid(fault, fields={name: [fault]})
    return text
