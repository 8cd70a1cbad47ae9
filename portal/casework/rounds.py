"""An assistant's day: the village's households, what waits for the assistant, who was not seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import events, stages, timeline
from portal.casework.talk import village_errands
from portal.filing import helping
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.people import mandates, rosters
from portal.people.access import Act
from portal.people.appointment_tables import Appointment, RosterHousehold
from portal.people.mandate_tables import Mandate
from portal.people.tables import Account
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import FINAL, Status

LONG_AGO = timedelta(days=30)
FILTERS = ("waiting", "unvisited")
OPEN, ASKED, TO_ASK, CLOSED = "open", "asked", "to_ask", "closed"


@dataclass(frozen=True)
class Line:
    """One household as the assistant may see it. `state`: open (a mandate in force) · asked (the
    person has not said yes yet) · to_ask (handed over) · closed: name and group, nothing else."""

    entry: UUID | None
    name: str
    village: str
    group: str
    house: str
    state: str
    mandate: UUID | None
    files: Sequence[Application]
    visited_on: date | None
    unvisited: bool
    to_tell: bool = False
    """Somebody here is to be told something in person."""

    @property
    def waiting(self) -> bool:
        """Whether something here is the assistant's to do."""
        asked = self.to_tell or self.state in (ASKED, TO_ASK)
        return asked or any(_yours(file) for file in self.files)


@dataclass(frozen=True)
class Asked:
    """One thing an office asked for that nobody has done yet."""

    line: Line
    application: Application
    item: str
    program: str
    title: str
    sentence: str


def lines(
    session: Session, held: Sequence[Appointment], account: Account, *, now: datetime
) -> list[Line]:
    """The roster of these appointments, by group; then whom the account helps as an assistant
    without an entry."""
    return list(_every(session, held, account, now=now))


def chosen(found: Sequence[Line], *, words: str = "", only: str = "") -> list[Line]:
    """What `words` find by name, sound, group or house; `only` is one of FILTERS."""
    return [
        line
        for line in found
        if _kept(line, only) and rosters.matches(words, line.name, line.group, line.house)
    ]


def corrections(session: Session, given: Sequence[Line], catalogue: Catalogue) -> list[Asked]:
    """What is still to be done in the households of these lines that are open, oldest first."""
    found: list[tuple[datetime, Asked]] = []
    for line in given:
        for file in line.files if _may_fill(session, line) else ():
            program, happened = catalogue.find(file.program_id), events.of(session, file)
            since = max((e.at for e in happened if e.kind == "returned"), default=file.changed_at)
            for one in timeline.to_do(session, file, program, happened):
                if not one["answered"]:
                    told = Asked(
                        line, file, one["item"], program.short, one["title"], one["sentence"]
                    )
                    found.append((since, told))
    return [asked for _since, asked in sorted(found, key=lambda pair: pair[0])]


def _every(
    session: Session, held: Sequence[Appointment], account: Account, *, now: datetime
) -> Iterator[Line]:
    mine = _mandates(session, account, now=now)
    entries = rosters.of(session, held)
    to_tell = village_errands.households(session, held, account)
    visits = rosters.last_visits(session, {one.village_code for one in held})
    for entry in entries:
        mandate = mine.pop(entry.household_id, None) if entry.household_id else None
        line = _of_entry(session, entry, mandate, visits.get(entry.id), now=now)
        yield replace(line, to_tell=entry.household_id in to_tell)
    for mandate in mine.values():
        if mandate.kind in mandates.BY_OFFICE:
            yield _of_mandate(session, mandate, now=now)


def _mandates(session: Session, account: Account, *, now: datetime) -> dict[UUID, Mandate]:
    """By household: the newest that is not over; one in force before one that waits."""
    found: dict[UUID, Mandate] = {}
    for mandate in mandates.of_helper(session, account):
        if helping.over(session, mandate, now=now):
            continue
        kept = found.get(mandate.household_id)
        if kept is None or mandates.WAITS in kept.flags:
            found[mandate.household_id] = mandate
    return found


def _of_entry(
    session: Session,
    entry: RosterHousehold,
    mandate: Mandate | None,
    visited_on: date | None,
    *,
    now: datetime,
) -> Line:
    long_ago = visited_on is None or local_date(now) - visited_on > LONG_AGO
    state = TO_ASK if entry.to_ask_since else CLOSED
    return Line(
        entry.id, rosters.name_of(session, entry), entry.village_code, entry.group, entry.house,
        _state(mandate) if mandate else state, mandate.id if mandate else None,
        _files(session, mandate, now=now), visited_on, long_ago,
    )  # fmt: skip


def _of_mandate(session: Session, mandate: Mandate, *, now: datetime) -> Line:
    name = mandates.details(session, mandate).person
    files = _files(session, mandate, now=now)
    return Line(None, name, "", "", "", _state(mandate), mandate.id, files, None, False)


def _state(mandate: Mandate) -> str:
    return ASKED if mandates.WAITS in mandate.flags else OPEN


def _files(session: Session, mandate: Mandate | None, *, now: datetime) -> Sequence[Application]:
    return helping.visible(session, mandate, now=now) if mandate else ()


def _kept(line: Line, only: str) -> bool:
    return line.waiting if only == "waiting" else only != "unvisited" or line.unvisited


def _yours(file: Application) -> bool:
    return stages.turn(Status(file.status)) == "you" and file.status not in FINAL


def _may_fill(session: Session, line: Line) -> bool:
    mandate = session.get(Mandate, line.mandate) if line.mandate else None
    return mandate is not None and Act.FILL in mandate.acts
