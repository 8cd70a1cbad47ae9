"""The worker's sign of life: when one last finished a round."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework.clock.tables import WorkerMark
from portal.foundation.database import Database

_NAME = "heartbeat"
_APART = timedelta(minutes=1)


def beat(database: Database, *, now: datetime) -> int:
    """Note that a worker works; nothing that counts as work itself."""
    with database.writing() as session:
        mark = session.get(WorkerMark, _NAME)
        if mark is None:
            session.add(WorkerMark(name=_NAME, at=now, after=UUID(int=0), under=""))
        else:
            set_back = mark.at > now + _APART
            mark.at = now if set_back else max(mark.at, now)
    return 0


def last_beat(session: Session) -> datetime | None:
    mark = session.get(WorkerMark, _NAME)
    return None if mark is None else mark.at
