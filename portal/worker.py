"""What happens behind the requests: photos prepared, files handed over, texts sent, heads sealed.

One worker beside one API process; every step can be killed anywhere and done again.
"""

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from portal.assembly import Portal
from portal.casework import intake_events
from portal.contact import sending
from portal.filing import documents, preparing
from portal.filing.photo_process import PhotoProcess
from portal.foundation import audit, rates
from portal.foundation.clock import utc_now
from portal.handover import additions, embedded, outbox
from portal.people import codes, sessions

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 1.0
_log = logging.getLogger(__name__)


@dataclass
class Rounds:
    """What a worker keeps between rounds: its photo process and when each chore is due."""

    process: PhotoProcess = field(default_factory=PhotoProcess)
    due: dict[str, datetime] = field(default_factory=dict)

    def close(self) -> None:
        self.process.close()


def run_once(portal: Portal, *, now: datetime, rounds: Rounds | None = None) -> bool:
    """One round of everything that is due; whether there was any work.

    A step that fails is logged, without personal data, and holds up no other.
    """
    if rounds is None:
        rounds = Rounds()
        try:
            return run_once(portal, now=now, rounds=rounds)
        finally:
            rounds.close()
    worked = [_survive(name, step) for name, step in _steps(portal, rounds.process, now)]
    for name, every, chore in _chores(portal, now):
        if now >= rounds.due.get(name, now):
            rounds.due[name] = now + every
            _survive(name, chore)
    return any(worked)


def run(portal: Portal, stop: threading.Event, *, clock: Callable[[], datetime] = utc_now) -> None:
    """Round after round until `stop` is set; a round that has begun is finished."""
    rounds, pause = Rounds(), _SHORTEST_PAUSE
    try:
        while not stop.is_set():
            worked = run_once(portal, now=clock(), rounds=rounds)
            pause = _SHORTEST_PAUSE if worked else min(_LONGEST_PAUSE, pause * 1.5)
            stop.wait(0 if worked else pause)
    finally:
        rounds.close()


def stop_on_signals(stop: threading.Event) -> None:
    """SIGTERM and Ctrl-C set `stop`: the round in hand is finished, then the process ends."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())


def _steps(
    portal: Portal, process: PhotoProcess, now: datetime
) -> list[tuple[str, Callable[[], int]]]:
    deliver = partial(embedded.deliver, portal, now=now)
    sender = sending.sender_of(portal.settings)
    return [
        ("photos", partial(preparing.prepare_due, portal, process, now=now)),
        ("additions", partial(additions.hand_in, portal, now=now)),
        ("handover", partial(outbox.drain, portal, deliver, now=now)),
        ("texts", partial(sending.send_due, portal.database, sender, now=now)),
    ]


def _chores(portal: Portal, now: datetime) -> list[tuple[str, timedelta, Callable[[], int]]]:
    return [
        ("audit", _MINUTE, partial(_seal_heads, portal, now)),
        ("parked", _MINUTE, partial(_retry_parked, portal, now)),
        ("forgetting", _HOUR, partial(_forget, portal, now)),
        ("sweeping", _HOUR, partial(sweep, portal, now=now)),
    ]


def _survive(name: str, step: Callable[[], int]) -> bool:
    """Whether it worked on something. Only the fault's kind and place are logged: its words
    may hold what people wrote."""
    try:
        return step() > 0
    except Exception as fault:
        _log.error("worker step %s failed: %s at %s", name, type(fault).__name__, _where(fault))
        return False


def _where(fault: BaseException) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def _seal_heads(portal: Portal, now: datetime) -> int:
    with portal.database.writing() as session:
        audit.seal_heads(session, now=now)
    return 0


def _retry_parked(portal: Portal, now: datetime) -> int:
    """Events from outside that came before their turn."""
    with portal.database.reading() as session:
        if intake_events.oldest_parked(session) is None:
            return 0
    with portal.database.writing() as session:
        return intake_events.retry_parked(session, now=now)


def _forget(portal: Portal, now: datetime) -> int:
    with portal.database.writing() as session:
        rates.forget_old(session, now=now)
        sending.forget_old(session, now=now)
        intake_events.forget_old(session, now=now)
        codes.forget_old(session, now=now)
        sessions.forget_old(session, now=now)
    return 0


def sweep(portal: Portal, *, now: datetime) -> int:
    """Delete files nothing refers to; how many."""
    with portal.database.reading() as session:
        kept = documents.blob_names(session) | embedded.blob_names(session)
    return portal.blobs.sweep(kept, now=now)
