"""Which moves an outside back office may make, and whether one comes too early or too late."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from portal.casework.events import KINDS
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.errors import Conflict
from portal.people.access import Role
from portal.policy.lifecycle import MOVES, NOTES, Party, Status, moves_of

PARTIES: Mapping[str, frozenset[Party]] = {
    Role.TOWNSHIP_CLERK: frozenset({Party.TOWNSHIP}),
    Role.COUNTY_CLERK: frozenset({Party.COUNTY}),
    Role.DEPARTMENT_CLERK: frozenset({Party.DEPARTMENT}),
    Role.BACK_OFFICE: frozenset({Party.TOWNSHIP, Party.COUNTY}),
}
"""A county's back office works for its townships too; the table still names who makes a move."""

NOTICE_DAYS = 7
"""民发〔2021〕57号 第19条: nothing moves on before the public notice is over."""
_AFTER_THE_NOTICE = frozenset({"county_review", "notice_over", "aided"})
_FRONT_DOOR = frozenset({Status.DRAFT, Status.SUBMITTED, Status.RETURNED})


def ever_allowed(kind: str, role: str) -> bool:
    """Whether this role makes such a move anywhere in the table."""
    parties = PARTIES[role]
    if kind in NOTES:
        return not NOTES[kind].desk and not parties.isdisjoint(NOTES[kind].parties)
    return any(kind in m.kinds and m.party in parties for m in MOVES)


def is_early(application: Application, kind: str, role: str) -> bool:
    """Whether others must move first, and still can, before this event has its turn."""
    machine, here, parties = application.machine, Status(application.status), PARTIES[role]
    if here is KINDS[kind]:
        return False
    wanted = _places(machine, kind, parties)
    return here not in wanted and bool(wanted & _reached_by_others(machine, here, parties))


def party(
    application: Application,
    kind: str,
    role: str,
    said: Mapping[str, Any],
    happened: Sequence[CaseEvent],
) -> Party:
    """For whom the back office speaks: whoever the table names. Raises Conflict for nobody."""
    if kind == "correction":
        return corrected(said, PARTIES[role], happened)
    if kind in NOTES:
        allowed = PARTIES[role] & NOTES[kind].parties
        return Party.TOWNSHIP if Party.TOWNSHIP in allowed else next(iter(allowed))
    for move in moves_of(application.machine):
        if move.before == application.status and kind in move.kinds and move.party in PARTIES[role]:
            return move.party
    raise Conflict("案件现在不在这一步。", code="move_not_allowed")


def is_uninvestigated(kind: str, happened: Sequence[CaseEvent]) -> bool:
    """A grant after a survey nobody has told of: two different investigators are named with
    every visit (社会救助法 第43条, 民发〔2021〕57号 第16条). An emergency has no survey."""
    surveyed = any(event.after == Status.SURVEYING for event in happened)
    return kind == "approved" and surveyed and all(e.kind != "visit" for e in happened)


def check_time(kind: str, at: datetime, happened: Sequence[CaseEvent]) -> None:
    """A 公示 hangs its seven days. Raises Conflict notice_not_over."""
    moved = [event for event in happened if event.after is not None]
    if kind not in _AFTER_THE_NOTICE or not moved or moved[-1].kind != "public_notice":
        return
    if at < moved[-1].at + timedelta(days=NOTICE_DAYS):
        raise Conflict("公示还没满七天。", code="notice_not_over")


def corrected(
    said: Mapping[str, Any], parties: Collection[Party], happened: Sequence[CaseEvent]
) -> Party:
    """Only one's own words are corrected. Raises Conflict (nothing_to_correct)."""
    for event in happened:
        if str(event.id) == said.get("corrects") and Party(event.party) in parties:
            return Party(event.party)
    raise Conflict("没有找到要更正的记录。", code="nothing_to_correct")


def _places(machine: str, kind: str, parties: frozenset[Party]) -> set[Status]:
    """Where a case must be for these parties to record this kind."""
    if kind in NOTES:
        return set(NOTES[kind].at)
    return {m.before for m in moves_of(machine) if kind in m.kinds and m.party in parties}


def _reached_by_others(machine: str, here: Status, parties: frozenset[Party]) -> set[Status]:
    """Where the case can get to by moves that are not this client's own.

    Those at the front door are made at the desk, whoever may make them.
    """
    reached, edge = {here}, [here]
    while edge:
        before = edge.pop()
        for move in moves_of(machine):
            others = move.party not in parties or before in _FRONT_DOOR
            if move.before is before and others and move.after not in reached:
                reached.add(move.after)
                edge.append(move.after)
    return reached
