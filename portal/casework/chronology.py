"""The order in which things happened to a case, whatever the order in which they were told."""

from collections.abc import Sequence
from datetime import UTC, datetime

from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.policy.lifecycle import Status


def in_time(happened: Sequence[CaseEvent]) -> list[tuple[datetime, CaseEvent]]:
    """The events as they happened, each with its time, for events in the order they were told.

    Moves keep their order; the rest stands among them by when it was done.
    """
    last, found = datetime.min.replace(tzinfo=UTC), []
    for event in happened:
        if event.after is None:
            found.append(((event.at, 1, 0, str(event.id)), event))
        else:
            last = max(last, event.at)
            found.append(((last, 0, event.seq, ""), event))
    return [(key[0], event) for key, event in sorted(found, key=lambda pair: pair[0])]


def status_at(application: Application, happened: Sequence[CaseEvent], at: datetime) -> str:
    """Where the case was then, as far as it is known now; empty before it was handed in."""
    for time, event in reversed(in_time(happened)):
        if event.after is not None and time <= at:
            return event.after
    return Status.SUBMITTED if application.filed_at and application.filed_at <= at else ""
