"""Which backups are kept: every one of the last day, one a day for a week, one a week for a month."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal.foundation import retention

_DAY = timedelta(days=1)
_WEEK = 7 * _DAY
_LEAST = 3
_ROOM_FOR = 1.2
"""Times the newest one."""


def prune(folder: Path, *, now: datetime) -> list[Path]:
    """Delete what is not kept, then the oldest until the next one has room; what was deleted.

    Called before a backup is made, so that one which failed for want of room is not the last.
    The three newest always stay. What lies there longer than a backup is kept goes all the same
    when three newer ones are there; and what a killed backup left, a day later.
    """
    gone = [p for p in folder.glob("*.backup.part") if _made(p) < now - _DAY]
    ours = sorted(folder.glob("*.backup"), key=_made, reverse=True)
    gone += _superfluous(ours[_LEAST:], now)
    for file in gone:
        file.unlink(missing_ok=True)
    kept = [file for file in ours if file not in gone]
    while len(kept) > _LEAST and _short_of_room(folder, kept[0]):
        gone.append(kept.pop())
        gone[-1].unlink(missing_ok=True)
    return gone


def _superfluous(older: list[Path], now: datetime) -> Iterator[Path]:
    """Newest first: of each day, later of each week, the newest stays."""
    seen = set()
    for file in older:
        made = _made(file)
        age = now - made
        if age < _DAY:
            continue
        of = made.date() if age < _WEEK else made.isocalendar()[:2]
        if of in seen or age > retention.period("backups"):
            yield file
        seen.add(of)


def _short_of_room(folder: Path, newest: Path) -> bool:
    return shutil.disk_usage(folder).free < newest.stat().st_size * _ROOM_FOR


def _made(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
