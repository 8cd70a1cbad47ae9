"""What happens behind the requests: photos prepared, files handed over, texts sent, heads sealed.

Every step can be killed anywhere and done again. On SQLite one worker; on PostgreSQL as many as
are started: they share photos, files and texts row by row, and take turns at everything else.
"""

import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from portal import sweeping
from portal.assembly import Portal
from portal.casework import forgetting, intake_events, next_tier
from portal.casework.after import rechecks
from portal.casework.clock import digest, escalation, heartbeat, set_back, watching
from portal.casework.exchange import dropping
from portal.casework.leads import keeping
from portal.casework.survey import answers, platform, visit_photos
from portal.casework.talk import answering, follow_up, old_drafts, reminders
from portal.contact import sending, standin_gateway
from portal.filing import lending, preparing
from portal.filing.photo_process import PhotoProcess
from portal.foundation import audit, audit_check, posts, workshop
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings, WrongSettings
from portal.foundation.turns import turn
from portal.handover import additions, embedded, outbox
from portal.people import wechat_messages

if TYPE_CHECKING:
    from portal.handover import brokered

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SOON = timedelta(seconds=5)
_LOOKS = 20
_SHARED = frozenset({"photos", "handover", "intake", "office events", "texts", "heartbeat"})
"""Steps several workers may be in at once: each row is claimed before anything is done."""
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 1.0
_AGAIN = 2
"""So many failures in a row are told."""
_PATIENCE = 10.0
"""Seconds for the worker before to finish its round."""
_BROKERED, _LISTENING = "portal.handover.brokered", "portal.casework.exchange.listening"
"""Loaded only where a broker is used (assembly.py)."""
_log = logging.getLogger(__name__)


@dataclass
class Rounds:
    """What a worker keeps between rounds: its name, its photo process, when each chore is due, how
    often in a row a step failed, and the way through a broker."""

    worker: str = "worker"
    process: PhotoProcess = field(default_factory=PhotoProcess)
    due: dict[str, datetime] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    way: "brokered.Way | None" = None

    def failing(self) -> list[str]:
        return [name for name, times in self.failed.items() if times >= _AGAIN]

    def close(self) -> None:
        self.process.close()
        if self.way is not None:
            self.way.broker.close()


def check_start(settings: Settings) -> None:
    """Raises WrongSettings for a broker whose queues are weaker than they must be."""
    if settings.brokered:
        import_module(_BROKERED).check_start(settings)


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
    worked = [_counted(portal, rounds, *step) for step in _steps(portal, rounds, now)]
    for name, every, chore in _chores(portal, rounds, now):
        due = rounds.due.get(name, now)
        if not now < due <= now + every:  # further off: the clock was set back
            rounds.due[name] = now + every
            _counted(portal, rounds, name, chore)
    return any(worked)


def run(portal: Portal, stop: threading.Event, *, clock: Callable[[], datetime] = utc_now) -> None:
    """Round after round until `stop` is set; a round that has begun is finished.

    Raises WrongSettings for a second one on SQLite.
    """
    folder, several = portal.settings.data, not portal.database.embedded
    try:
        with posts.held(folder, several=several, patience=_PATIENCE) as name:
            _rounds(portal, stop, Rounds(name), clock)
    except posts.Taken as fault:
        said = f"这里已经有一个后台（{folder / 'worker-1'}）。SQLite 上只能有一个。"
        raise WrongSettings(said) from fault


def _rounds(
    portal: Portal, stop: threading.Event, rounds: Rounds, clock: Callable[[], datetime]
) -> None:
    pause = _SHORTEST_PAUSE
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


def _steps(portal: Portal, rounds: Rounds, now: datetime) -> list[tuple[str, Callable[[], int]]]:
    process, sender = rounds.process, sending.sender_of(portal.settings)
    wechat = wechat_messages.way(portal.wechat, portal.database, now=now)
    return [
        ("photos", partial(preparing.prepare_due, portal, process, now=now)),
        ("additions", partial(additions.hand_in, portal, now=now)),
        ("next tier", partial(next_tier.open_due, portal, now=now)),
        *_handover(portal, rounds, now),
        ("texts", partial(sending.send_due, portal.database, sender, wechat=wechat, now=now)),
        ("visit photos", partial(visit_photos.prepare_due, portal, process, now=now)),
        (
            "checks",
            partial(answers.run_due, portal, platform.platform_of(portal.settings), now=now),
        ),
        ("receipts", partial(_report_texts, portal, now)),
    ]


def _handover(portal: Portal, rounds: Rounds, now: datetime) -> list[tuple[str, Callable[[], int]]]:
    if not portal.settings.brokered:
        deliver = partial(embedded.deliver, portal, now=now)
        return [("handover", partial(outbox.drain, portal, deliver, now=now))]
    through, events = import_module(_BROKERED), import_module(_LISTENING)
    if rounds.way is None:
        rounds.way = through.open_way(portal, portal.settings)
    return [
        ("handover", partial(through.hand_over, portal, rounds.way, now=now)),
        ("intake", partial(through.take_in, portal, rounds.way, now=now)),
        ("office events", partial(events.take_in, portal, rounds.way, now=now)),
    ]


def _chores(
    portal: Portal, rounds: Rounds, now: datetime
) -> list[tuple[str, timedelta, Callable[[], int]]]:
    beat = partial(heartbeat.beat, portal.database, rounds.worker, rounds.failing(), now=now)
    return [
        ("heartbeat", _MINUTE, beat),
        ("audit", _MINUTE, partial(_seal_heads, portal, now)),
        ("parked", _MINUTE, partial(_retry_parked, portal, now)),
        ("set back", _MINUTE, partial(set_back.make_due, portal.database, now=now)),
        ("exchange", _SOON, partial(_exchange, portal, now)),
        ("alarms", _MINUTE, partial(escalation.alarm, portal.database, now=now)),
        ("clocks", _MINUTE, partial(_watch_clocks, portal, now)),
        ("digests", _MINUTE, partial(digest.send_due, portal.database, now=now)),
        ("undelivered", _MINUTE, partial(follow_up.follow_up, portal.database, now=now)),
        ("drafts", _HOUR, partial(reminders.remind, portal.database, now=now)),
        ("leads", _HOUR, partial(keeping.escalate, portal.database, now=now)),
        ("old drafts", _HOUR, partial(old_drafts.warn, portal.database, now=now)),
        ("rechecks", _HOUR, partial(rechecks.run_due, portal.database, now=now)),
        ("complaints", _HOUR, partial(_escalate_complaints, portal, now)),
        ("forgetting", _HOUR, partial(_forget, portal, now)),
        ("audit check", _HOUR, partial(_check_audit, portal, now)),
        ("workshops", _HOUR, partial(_clear_workshops, portal)),
        ("sweeping", _MINUTE, partial(sweeping.sweep_on, portal, now=now)),
    ]


def _counted(portal: Portal, rounds: Rounds, name: str, step: Callable[[], int]) -> bool:
    """Whether it worked on something; how often it failed in a row is kept."""
    worked = _survive(portal, name, step)
    rounds.failed[name] = rounds.failed[name] + 1 if worked is None else 0
    return bool(worked)


def _survive(portal: Portal, name: str, step: Callable[[], int]) -> bool | None:
    """Whether it worked on something; not when another worker is at it; None when it failed. Only
    the fault's kind and place are logged: its words may hold what people wrote."""
    try:
        if name in _SHARED:
            return step() > 0
        with turn(portal.database, f"worker:{name}") as ours:
            return ours and step() > 0
    except Exception as fault:
        _log.error("worker step %s failed: %s at %s", name, type(fault).__name__, _where(fault))
        return None


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


def _check_audit(portal: Portal, now: datetime) -> int:
    return audit_check.go_on(portal.database, portal.settings.data, now=now)


def _retry_parked(portal: Portal, now: datetime) -> int:
    """Events from outside that came before their turn."""
    with portal.database.reading() as session:
        if intake_events.oldest_parked(session) is None:
            return 0
    with portal.database.writing() as session:
        return intake_events.retry_parked(session, now=now)


def _exchange(portal: Portal, now: datetime) -> int:
    """The boxes of offices that fetch and leave files."""
    folder = portal.settings.exchange
    return dropping.run(portal, folder, now=now) if folder else 0


def _watch_clocks(portal: Portal, now: datetime) -> int:
    """Which clocks run out next, and telling of those that have."""
    for _turn in range(_LOOKS):
        if watching.look(portal.database, portal.catalogue, now=now) < watching.MOST:
            break
    return escalation.escalate(portal.database, portal.catalogue, now=now)


def _report_texts(portal: Portal, now: datetime) -> int:
    """Receipts of the stand-in; a real gateway sends its own."""
    standin = portal.settings.sms == "standin"
    return standin_gateway.report_due(portal.database, now=now) if standin else 0


def _escalate_complaints(portal: Portal, now: datetime) -> int:
    with portal.database.writing() as session:
        return answering.escalate_late(session, now=now)


def _clear_workshops(portal: Portal) -> int:
    """What a killed backup or restore has left in the clear."""
    return sum(workshop.clear(place) for place in workshop.places(portal.settings.data))


def _forget(portal: Portal, now: datetime) -> int:
    with portal.database.writing() as session:
        forgetting.forget(session, now=now)
    return lending.erase_due(portal.database, now=now)
