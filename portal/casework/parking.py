"""Outside events that wait: a file nobody knows yet, a turn that has not come, an unknown kind.

Nothing that was received is ever dropped; what waits is shown at the desk with its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.casework.envelopes import FROM_OUTSIDE
from portal.casework.tables import OfficeClient, OfficeEvent
from portal.filing.tables import Application
from portal.foundation.errors import TooOften
from portal.people.access import Actor, covers
from portal.policy import regions

APPLIED, PARKED, REFUSED = "applied", "parked", "refused"
UNKNOWN_KIND = "unknown_kind"
WHY: Mapping[str, str] = {
    "unknown_application": "找不到这份申请，等材料到",
    "gap": "前面的一条还没到",
    "early": "还没轮到这一步",
    "two_investigators": "还没有两个人的入户调查",
    UNKNOWN_KIND: "这种事件认不得，已留存",
    "client_revoked": "这个后台系统已停用",
}
"""Why an event waits, for people at the desk."""
_MOST_PARKED = 10_000
_MOST_SHOWN = 200


@dataclass(frozen=True)
class Waiting:
    """One event that waits, without its words."""

    id: UUID
    client: str
    seq: int
    kind: str
    reference_no: str
    application_id: UUID | None
    received_at: datetime
    why: str


def of_file(session: Session, application: Application) -> list[OfficeEvent]:
    """What waits for this file, also what was sent under its number before it was known."""
    under = [application.id, named(application.reference_no)]
    rows = select(OfficeEvent).where(
        OfficeEvent.application_id.in_(under), OfficeEvent.state == PARKED
    )
    found = list(
        session.scalars(rows.order_by(OfficeEvent.client, OfficeEvent.seq, OfficeEvent.id))
    )
    for row in found:
        row.application_id = application.id
    return found


def some(session: Session, limit: int) -> list[OfficeEvent]:
    """Any `limit` of those that may have their turn now, so that none is passed over for ever."""
    known = or_(
        OfficeEvent.fault.is_(None),
        OfficeEvent.fault != UNKNOWN_KIND,
        OfficeEvent.body["kind"].as_string().in_(sorted(FROM_OUTSIDE)),
    )
    rows = select(OfficeEvent).where(OfficeEvent.state == PARKED, known)
    return list(session.scalars(rows.order_by(func.random()).limit(limit)))


def oldest(session: Session) -> datetime | None:
    """When the event that waits longest arrived; for the alarm."""
    return session.scalar(
        select(func.min(OfficeEvent.received_at)).where(OfficeEvent.state == PARKED)
    )


def waiting(session: Session, *, actor: Actor) -> list[Waiting]:
    """What waits in this member of staff's division, oldest first; at most two hundred.

    An event whose file is unknown is shown where its sender belongs.
    """
    rows = (
        select(OfficeEvent, OfficeClient, Application)
        .join(OfficeClient, OfficeClient.name == OfficeEvent.client)
        .outerjoin(Application, Application.id == OfficeEvent.application_id)
        .where(OfficeEvent.state == PARKED)
        .order_by(OfficeEvent.received_at, OfficeEvent.id)
    )
    found: list[Waiting] = []
    paths: dict[str, str] = {}
    for event, client, application in session.execute(rows):
        if client.region_code not in paths:
            paths[client.region_code] = regions.path(session, client.region_code)
        where = (application.region_path if application else "") or paths[client.region_code]
        if covers(actor.region_code, where) and len(found) < _MOST_SHOWN:
            found.append(_shown(event, application))
    return found


def next_number(
    session: Session, event: OfficeEvent, application: Application, client: OfficeClient
) -> int:
    """The number whose turn it is among this client's events for the file.

    An event of an unknown kind waits, but holds nothing up: its number counts as used.
    """
    used = select(OfficeEvent.seq).where(
        OfficeEvent.application_id == application.id,
        OfficeEvent.client == client.name,
        OfficeEvent.id != event.id,
        or_(OfficeEvent.state == APPLIED, _of_unknown_kind()),
    )
    numbers, wanted = set(session.scalars(used)), 1
    while wanted in numbers:
        wanted += 1
    return wanted


def check_room(session: Session, client: OfficeClient) -> None:
    """Raises TooOften when one client has too many waiting."""
    many = session.scalar(
        select(func.count()).where(OfficeEvent.client == client.name, OfficeEvent.state == PARKED)
    )
    if (many or 0) >= _MOST_PARKED:
        raise TooOften("等待的事件太多。请先补上缺的。", code="too_many_parked", retry_after=300)


def named(reference_no: str) -> UUID:
    """Where events wait whose file is known by number only."""
    return uuid5(NAMESPACE_URL, f"reference:{reference_no}")


def _of_unknown_kind() -> ColumnElement[bool]:
    return and_(OfficeEvent.state == PARKED, OfficeEvent.fault == UNKNOWN_KIND)


def _shown(event: OfficeEvent, application: Application | None) -> Waiting:
    return Waiting(
        id=event.id,
        client=event.client,
        seq=event.seq,
        kind=str(event.body["kind"]),
        reference_no=application.reference_no
        if application
        else event.body.get("reference_no", ""),
        application_id=application.id if application else None,
        received_at=event.received_at,
        why=WHY.get(event.fault or "", "等待处理"),
    )
