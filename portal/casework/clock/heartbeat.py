"""Each worker's sign of life: when it last finished a round, and what fails in it again and again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.casework.clock.tables import WorkerMark
from portal.foundation.database import Database

SILENT = timedelta(minutes=5)
_KIND = "heartbeat:"
_APART = timedelta(minutes=1)
_FORGOTTEN = timedelta(days=1)
_ROOM = 32


@dataclass(frozen=True)
class Beat:
    """One worker's last one."""

    worker: str
    at: datetime
    failing: tuple[str, ...]


def beat(
    database: Database, worker: str = "worker", failing: Iterable[str] = (), *, now: datetime
) -> int:
    """Note that `worker` works, and which of its steps do not; nothing that counts as work itself.

    Who was silent for a day is taken for taken away.
    """
    with database.writing() as session:
        session.execute(
            delete(WorkerMark).where(
                WorkerMark.name.startswith("heartbeat"), WorkerMark.at < now - _FORGOTTEN
            )
        )
        mark = session.get(WorkerMark, _KIND + worker)
        if mark is None:
            mark = WorkerMark(name=_KIND + worker, at=now, after=UUID(int=0), under="")
            session.add(mark)
        set_back = mark.at > now + _APART
        mark.at = now if set_back else max(mark.at, now)
        mark.under = _short(failing)
    return 0


def beats(session: Session) -> list[Beat]:
    """Every worker's last one, the newest first."""
    rows = select(WorkerMark).where(WorkerMark.name.startswith(_KIND))
    found = session.scalars(rows.order_by(WorkerMark.at.desc()))
    return [
        Beat(m.name.removeprefix(_KIND), m.at, tuple(m.under.split(",")) if m.under else ())
        for m in found
    ]


def last_beat(session: Session) -> datetime | None:
    """When any worker last finished a round."""
    found = beats(session)
    return found[0].at if found else None


def silent(session: Session, *, now: datetime) -> list[Beat]:
    """The workers that stopped and were not taken away."""
    return [found for found in beats(session) if found.at < now - SILENT]


def failing(session: Session, *, now: datetime) -> list[str]:
    """The steps that failed more than once in a row with a worker that lives."""
    alive = [found for found in beats(session) if found.at >= now - SILENT]
    return sorted({step for found in alive for step in found.failing})


def _short(names: Iterable[str]) -> str:
    """As many as there is room for."""
    kept = ""
    for name in sorted(names):
        longer = f"{kept},{name}" if kept else name
        kept = longer if len(longer) <= _ROOM else kept
    return kept
