"""The audit record gone through once a week by the worker, part by part; what came of it is noted in
the data folder, where nobody who has only the database can write.
"""

import json
import logging
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from portal.foundation import audit
from portal.foundation.database import Database
from portal.foundation.settings import Settings

_EVERY = timedelta(days=7)
_SPENT = 20.0
"""After so many seconds the next part waits an hour: the worker has other things to do."""
_NOTE = "audit-check"
SEALS = "audit-seals"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """When the part that was looked at longest ago was, and in how many something does not fit."""

    since: datetime | None
    faults: int


def last(data: Path) -> Found:
    noted = _read(data)
    times = [datetime.fromisoformat(at) for at, _ in noted.values()]
    whole = len(times) == len(audit.PARTS)
    return Found(min(times) if whole else None, sum(faults > 0 for _, faults in noted.values()))


def go_on(database: Database, data: Path, *, now: datetime) -> int:
    """The parts whose week is over, as many as there is time for; how many."""
    noted, began, done = _read(data), time.monotonic(), 0
    for part in audit.PARTS:
        if part in noted and _young(noted[part][0], now):
            continue
        look(database, data, [part], now=now)
        done += 1
        if time.monotonic() - began > _SPENT:
            break
    return done


def look(database: Database, data: Path, parts: Iterable[str], *, now: datetime) -> list[str]:
    """What does not fit in these, noted as well."""
    noted, found = _read(data), list[str]()
    for name in parts:
        with database.reading() as session:
            faults = audit.verify_part(session, name)
        if faults:
            _log.error("the audit record was changed: part %s", name)
        noted[name] = (now.isoformat(), len(faults))
        found += faults
    new = data / f".{_NOTE}"
    new.write_text(json.dumps(noted))
    new.replace(data / _NOTE)
    return found


def write_down(settings: Settings, folder: Path, *, now: datetime) -> str:
    """The newest seal, also as a line more beside the backups: it leaves the machine with them."""
    seal = newest_seal(settings)
    with (folder / SEALS).open("a") as out:
        out.write(f"{now.isoformat()} {seal}\n")
        out.flush()
        os.fsync(out.fileno())
    return seal


def newest_seal(settings: Settings) -> str:
    database = Database(settings.url)
    with database.reading() as session:
        seal = audit.written_down(session)
    database.engine.dispose()
    return seal


def _young(at: str, now: datetime) -> bool:
    looked = datetime.fromisoformat(at)
    return looked <= now < looked + _EVERY


def _read(data: Path) -> dict[str, tuple[str, int]]:
    try:
        return {part: (at, n) for part, (at, n) in json.loads((data / _NOTE).read_text()).items()}
    except (FileNotFoundError, ValueError):
        return {}
