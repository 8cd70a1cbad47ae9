"""更正: a line of the record is never changed; a later one says what was wrong in it.

社会救助法 第70条. Each office corrects its own lines only.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import duties, events, moves
from portal.casework.decision import standing
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.errors import Conflict
from portal.people.access import Actor
from portal.policy.lifecycle import Party


def amend(
    session: Session,
    application: Application,
    event_id: UUID,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """Say what is wrong in one line and what is right. The person is told; nothing else moves.

    Raises Invalid without a sentence, Conflict (nothing_to_correct) for another office's line,
    (corrected) for one that was corrected before, Forbidden, NotFound.
    """
    standing.check_role(actor, application, *duties.TOWNSHIP, *duties.COUNTY)
    events.lock(session, application)
    happened, said = events.of(session, application), {"corrects": str(event_id)}
    party = moves.corrected(said, parties(actor), [e for e in happened if e.kind != "correction"])
    earlier = [events.said(session, application, e) for e in happened if e.kind == "correction"]
    if said["corrects"] in (one.get("corrects") for one in earlier):
        raise Conflict("这一条已经更正过。请刷新。", code="corrected")
    return events.record(
        session, application, "correction", after=None, party=party, actor=str(actor),
        said={**said, "sentence": sentence.strip()}, now=now,
    )  # fmt: skip


def parties(actor: Actor) -> Collection[Party]:
    """For which offices this person speaks."""
    roles = {Party.TOWNSHIP: duties.TOWNSHIP, Party.COUNTY: duties.COUNTY}
    return frozenset(party for party, held in roles.items() if actor.holds(*held))
