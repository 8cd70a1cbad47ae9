"""The states of a case and who may move it, read once from lifecycle.yaml: one line a move.

Law first (社会救助法), older texts where it is silent 「新法施行后是否继续有效，待核」.
The portal never moves a case by itself except where the party is PORTAL.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from portal.foundation.errors import Conflict
from portal.policy import citing
from portal.policy.catalogue import Source
from portal.policy.citing import Sources
from portal.policy.reading import Node, read_yaml

FILE = Path(__file__).parent / "lifecycle.yaml"
MACHINES = ("standard", "emergency", "referral")
"""The roads: 低保 特困 边缘 刚性支出 · 临时救助 · what another department decides."""

_Word = TypeVar("_Word", bound=StrEnum)


class Status(StrEnum):
    """办理状态 (facts: programs.yaml, state_machine)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    NOT_ACCEPTED = "not_accepted"
    ACCEPTED = "accepted"
    SURVEYING = "surveying"
    CHECK_DISPUTE = "check_dispute"
    FIRST_REVIEW = "first_review"
    PUBLIC_NOTICE = "public_notice"
    REINVESTIGATING = "reinvestigating"
    COUNTY_REVIEW = "county_review"
    APPROVED = "approved"
    DENIED = "denied"
    PAYING = "paying"
    REVIEWING = "reviewing"
    GRADUATING = "graduating"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    ABORTED = "aborted"
    AIDED = "aided"
    MAKING_UP = "making_up"
    REFERRED = "referred"
    RECEIVED = "received"
    CLOSED = "closed"


class LeadStatus(StrEnum):
    """主动发现线索的状态: no application yet."""

    REPORTED = "reported"
    VERIFIED = "verified"
    INFORMED = "informed"
    ASSISTED = "assisted"
    NOT_ELIGIBLE = "not_eligible"


class Party(StrEnum):
    """Who makes a move."""

    APPLICANT = "applicant"
    TOWNSHIP = "township"
    COUNTY = "county"
    DEPARTMENT = "department"
    PORTAL = "portal"


FINAL = frozenset(
    {
        Status.NOT_ACCEPTED, Status.DENIED, Status.STOPPED, Status.WITHDRAWN, Status.ABORTED,
        Status.CLOSED,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Move:
    """One line of one machine. `kinds`: the events that make it; `deadline`: the step of a
    program's deadlines that times it, or empty."""

    before: Status
    after: Status
    party: Party
    source: Source
    machine: str = "standard"
    kinds: tuple[str, ...] = ()
    deadline: str = ""


@dataclass(frozen=True)
class Note:
    """A kind of event that leaves the status. `desk`: never by an outside system."""

    kind: str
    parties: frozenset[Party]
    at: frozenset[Status]
    source: Source
    desk: bool = False


@dataclass(frozen=True)
class Extension:
    """A listed reason for the longest total, and the programs it holds for."""

    code: str
    text: str
    programs: frozenset[str]
    source: Source


@dataclass(frozen=True)
class LeadMove:
    before: LeadStatus
    after: LeadStatus
    party: Party
    source: Source


@dataclass(frozen=True)
class Table:
    """The whole file. `moving`: the kinds that move a case, and where to."""

    moves: tuple[Move, ...]
    notes: Mapping[str, Note]
    moving: Mapping[str, Status]
    extensions: tuple[Extension, ...]
    leads: tuple[LeadMove, ...]


def read(file: Path = FILE) -> Table:
    """Raises WrongProgram with the place in the file and the reason."""
    node = read_yaml(file).only(("sources", "moves", "notes", "extensions", "leads"))
    known = citing.sources(node)
    moves = tuple(_moves(node, known))
    notes = {note.kind: note for note in _notes(node, known)}
    return Table(
        moves=moves,
        notes=notes,
        moving=_kinds(node, moves, notes),
        extensions=tuple(_extensions(node, known)),
        leads=tuple(_leads(node, known)),
    )


def check_move(
    before: str, after: str, party: Party, *, machine: str = "standard", kind: str = ""
) -> Move:
    """The line that allows it, for this kind of event if one is named.

    Raises Conflict (move_not_allowed) when the table has none for this party.
    """
    move = _BY_STEP.get((machine, Status(before), Status(after)))
    if move is None or move.party is not party or (kind and kind not in move.kinds):
        raise _not_now()
    return move


def check_note(status: str, kind: str, party: Party) -> Note:
    """The line of an event that leaves the status. Raises Conflict (move_not_allowed)."""
    note = NOTES[kind]
    if party not in note.parties or Status(status) not in note.at:
        raise _not_now()
    return note


def moves_of(machine: str) -> tuple[Move, ...]:
    """The lines of one machine."""
    return tuple(move for move in MOVES if move.machine == machine)


def _not_now() -> Conflict:
    return Conflict("现在不能这样办理。请刷新页面看最新进度。", code="move_not_allowed")


def _moves(node: Node, known: Sources) -> Iterator[Move]:
    for line in node.each("moves"):
        line.only(("before", "after", "party", "kinds", "roads", "source"), ("deadline",))
        for machine in line.texts("roads"):
            if machine not in MACHINES:
                raise line.wrong(f"{machine!r} is no machine", "roads")
            yield Move(
                before=Status(line.word("before", tuple(Status))),
                after=Status(line.word("after", tuple(Status))),
                party=Party(line.word("party", tuple(Party))),
                source=citing.source(line.at("source"), known),
                machine=machine,
                kinds=tuple(line.texts("kinds")),
                deadline=line.text("deadline", ""),
            )


def _notes(node: Node, known: Sources) -> Iterator[Note]:
    for line in node.each("notes"):
        line.only(("kind", "parties", "at", "source"), ("desk",))
        yield Note(
            kind=line.text("kind"),
            parties=frozenset(_words(line, "parties", Party)),
            at=_places(line),
            source=citing.source(line.at("source"), known),
            desk=line.flag("desk", default=False),
        )


def _places(line: Node) -> frozenset[Status]:
    after_submission = frozenset(Status) - {Status.DRAFT}
    if line.value["at"] == "always":
        return frozenset(Status)
    if line.value["at"] == "any":
        return after_submission
    if line.value["at"] == "open":
        return after_submission - FINAL
    return frozenset(_words(line, "at", Status))


def _words(line: Node, key: str, words: type[_Word]) -> Iterator[_Word]:
    for text in line.texts(key):
        if text not in set(words):
            raise line.wrong(f"{text!r} is none of {', '.join(words)}", key)
        yield words(text)


def _leads(node: Node, known: Sources) -> Iterator[LeadMove]:
    for line in node.each("leads"):
        line.only(("before", "after", "party", "source"))
        yield LeadMove(
            before=LeadStatus(line.word("before", tuple(LeadStatus))),
            after=LeadStatus(line.word("after", tuple(LeadStatus))),
            party=Party(line.word("party", tuple(Party))),
            source=citing.source(line.at("source"), known),
        )


def _kinds(node: Node, moves: tuple[Move, ...], notes: Mapping[str, Note]) -> dict[str, Status]:
    """Every moving kind and the one status it leads to; each step stands once a machine."""
    found: dict[str, Status] = {}
    steps = [(m.machine, m.before, m.after) for m in moves]
    twice = {step for step in steps if steps.count(step) > 1}
    if twice:
        raise node.wrong(f"stand twice: {twice}", "moves")
    for move in moves:
        for kind in move.kinds:
            if found.setdefault(kind, move.after) is not move.after or kind in notes:
                raise node.wrong(f"{kind!r} leads to two things", "moves")
    return found


def _extensions(node: Node, known: Sources) -> Iterator[Extension]:
    for line in node.each("extensions"):
        line.only(("code", "text", "programs", "source"))
        yield Extension(
            code=line.text("code"),
            text=line.text("text"),
            programs=frozenset(line.texts("programs")),
            source=citing.source(line.at("source"), known),
        )


_TABLE = read()
MOVES, NOTES, LEADS, EXTENSIONS = _TABLE.moves, _TABLE.notes, _TABLE.leads, _TABLE.extensions
KINDS: Mapping[str, Status | None] = {**_TABLE.moving, **dict.fromkeys(NOTES)}
"""Every kind of event and the status it leads to; None where the status stays."""
_BY_STEP = {(m.machine, m.before, m.after): m for m in MOVES}
