"""What every act of the township's window begins with: the right person, the file in hand."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import duties, events, queue
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, NotFound
from portal.handover import embedded
from portal.people import access
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Status

_UNKNOWN = "没有找到这份申请。"


def find(
    session: Session,
    application_id: UUID,
    *,
    actor: Actor,
    lock: bool = False,
    opened: bool = False,
) -> Application:
    """A file of the clerk's own division. Raises NotFound, also for a draft and for another's;
    Forbidden for departments, and (reason_needed) for supervisors unless it was `opened` to
    them with a reason."""
    duties.check_reader(actor)
    application = session.get(Application, application_id, with_for_update=lock or None)
    if application is None or not application.submission_no:
        raise NotFound(_UNKNOWN)
    if not access.may_read(
        actor, owner=application.account_id, region_path=application.region_path
    ):
        raise NotFound(_UNKNOWN)
    if duties.only_watches(actor) and not opened:
        raise Forbidden("看单件要先写明理由。", code="reason_needed")
    return application


def check_window(actor: Actor) -> None:
    """Raises Forbidden for anybody but the township's window."""
    if not actor.holds(Role.TOWNSHIP_CLERK):
        raise Forbidden("这一步由乡镇（街道）窗口办理。", code="party_not_allowed")


def take(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """Locked, still waiting, and with no colleague. Raises Forbidden, NotFound, Conflict."""
    check_window(actor)
    find(session, application.id, actor=actor)
    events.lock(session, application)
    if application.status != Status.SUBMITTED:
        raise Conflict("这份申请已经办过这一步。请刷新。", code="move_not_allowed")
    row = queue.current(session, application)
    if row is not None:
        embedded.take(session, row.key, row.digest, actor=actor, now=now)
