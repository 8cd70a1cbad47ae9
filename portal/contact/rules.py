"""Our own rules of telling people, from rules.yaml: quiet hours, patience, reminders, answers."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path

import yaml

from portal.foundation.clock import local

_FILE = Path(__file__).parent / "rules.yaml"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rules:
    quiet_from: time
    quiet_to: time
    undelivered_after: timedelta
    draft_reminder_days: tuple[int, ...]
    answer_workdays: int
    complaint_workdays: int


@cache
def rules() -> Rules:
    """Read once a process."""
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Rules(
        quiet_from=time.fromisoformat(read["quiet"]["from"]),
        quiet_to=time.fromisoformat(read["quiet"]["to"]),
        undelivered_after=timedelta(hours=read["undelivered_after_hours"]),
        draft_reminder_days=tuple(sorted(read["draft_reminder_days"])),
        answer_workdays=read["answer_workdays"],
        complaint_workdays=read["complaint_workdays"],
    )


def is_quiet(moment: datetime) -> bool:
    """Whether people sleep now, by the clock in Beijing."""
    now = local(moment).time()
    return now >= rules().quiet_from or now < rules().quiet_to


def awake(moment: datetime) -> datetime:
    """The moment itself, or the next morning when people sleep."""
    if not is_quiet(moment):
        return moment
    there = local(moment)
    day = there if there.time() < rules().quiet_to else there + _DAY
    return datetime.combine(day.date(), rules().quiet_to, there.tzinfo).astimezone(moment.tzinfo)
