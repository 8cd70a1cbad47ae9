"""Named places where a test may kill the process: promises are proved by dying there."""

import os
import signal

from sqlalchemy import event
from sqlalchemy.orm import Session

_armed = ""


def arm(name: str) -> None:
    """Die at the point called `name` from now on. Production settings refuse this."""
    global _armed
    _armed = name


def crash_point(name: str) -> None:
    """Nothing, unless a test armed this very point: then SIGKILL, as a power cut would."""
    if _armed == name:
        os.kill(os.getpid(), signal.SIGKILL)


def crash_around_commit(session: Session, before: str, after: str) -> None:
    """The two points on either side of the commit this session ends with."""
    if _armed and _armed in (before, after):
        event.listen(session, "before_commit", lambda _session: crash_point(before), once=True)
        event.listen(session, "after_commit", lambda _session: crash_point(after), once=True)
