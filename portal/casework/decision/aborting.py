"""终止办理: only after two announced visits in vain; the letter says how to go on and to contest."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.decision import letters, standing
from portal.casework.decision.tables import Decision
from portal.casework.stages import REMEDY
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid
from portal.people.access import Actor
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Party, Status

LEAST_VISITS = 2
"""Ours: silence alone ends nothing, and one missed visit is none."""
LAW = "《最低生活保障审核确认办法》第29条（新法施行后是否继续有效，待核）"


def abort(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> Decision:
    """End a case whose survey the person refuses without a reason, with its letter.

    民发〔2021〕57号 第29条. `sentence` says what was refused. Raises Conflict
    (visits_needed) before two announced visits on different days are over, Conflict
    (move_not_allowed), Forbidden, Invalid.
    """
    standing.check_confirmer(session, application, catalogue, actor=actor)
    events.lock(session, application)
    if application.status != Status.SURVEYING:
        raise Conflict("案件现在不在入户调查这一步。", code="move_not_allowed")
    if announced(session, application, now=now) < LEAST_VISITS:
        raise Conflict("要先约好上门两次，都写下来。", code="visits_needed")
    if not sentence.strip():
        raise Invalid("有几处需要改一下。", fields={"sentence": ["请写清哪两次、怎么说的。"]})
    said = {"sentence": sentence, "law": LAW, "remedy": "".join(REMEDY)}
    event = events.record(
        session, application, "aborted", after=Status.ABORTED, party=Party.COUNTY,
        actor=str(actor), said=said, now=now,
    )  # fmt: skip
    body: Mapping[str, Any] = {**said, "computed": {"method": "none"}}
    return letters.write(
        session, application, program, catalogue, "aborted", body, event, actor=actor, now=now
    )


def announced(session: Session, application: Application, *, now: datetime) -> int:
    """On how many days somebody came as announced, until today."""
    today = local_date(now).isoformat()
    days = {
        events.said(session, application, event).get("on", today)
        for event in events.of(session, application)
        if event.kind == "visit_planned"
    }
    return sum(day < today for day in days)
