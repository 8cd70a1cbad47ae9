"""The filters of the desk's lists, and what each of them leaves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, literal, or_, select
from sqlalchemy.orm import Session

from portal.casework import duties
from portal.casework.clock.tables import CaseClock
from portal.casework.figures import counting
from portal.filing.tables import Application
from portal.foundation import vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Refusal
from portal.handover.tables import IntakeDossier
from portal.people.access import Actor
from portal.people.identity import IdNumber, plain
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import Status

FIGURES = frozenset({"open", "overdue", *counting.TWICE})


@dataclass(frozen=True)
class Wanted:
    """Filters of the desk's first page; empty ones do not count."""

    program: str = ""
    status: str = ""
    place: str = ""
    words: str = ""
    investigator: UUID | None = None
    urgent: bool = False
    late: bool = False
    mine: bool = False
    figure: str = ""
    """A key of FIGURES: the files counted there."""

    def __bool__(self) -> bool:
        return self != Wanted()


def conditions(
    session: Session,
    wanted: Wanted,
    catalogue: Catalogue | None,
    *,
    actor: Actor,
    now: datetime,
) -> list[ColumnElement[bool]]:
    """What a file must be like, in SQL. Of `late` it leaves also those whose own target of
    acceptance has to be reckoned from the calendar."""
    parts: tuple[tuple[object, ColumnElement[bool]], ...] = (
        (wanted.program, Application.program_id == wanted.program),
        (wanted.status, Application.status == wanted.status),
        (wanted.place, duties.within(wanted.place)),
        (wanted.investigator, Application.investigator_id == wanted.investigator),
        (wanted.urgent, Application.urgent.is_(True) | Application.alert.is_not(None)),
        (wanted.late, _overdue(now) | (Application.status == Status.SUBMITTED)),
        (wanted.mine, _with(actor)),
        (wanted.figure, _counted(wanted.figure, now)),
    )
    found = [condition for said, condition in parts if said]
    return [*found, _named(session, wanted.words, catalogue)] if wanted.words else found


def _counted(figure: str, now: datetime) -> ColumnElement[bool]:
    """As portal.casework.figures counts them; an unknown name finds nothing."""
    if figure == "open":
        return Application.status.not_in(counting.OVER)
    if figure == "overdue":
        return _overdue(now)
    if figure in counting.TWICE:
        return Application.id.in_(select(counting.files_with_two(counting.TWICE[figure])))
    return literal(False)


def _with(actor: Actor) -> ColumnElement[bool]:
    leased = (
        select(IntakeDossier.id)
        .where(
            IntakeDossier.application_id == Application.id,
            IntakeDossier.leased_by == str(actor),
            IntakeDossier.taken_at.is_(None),
        )
        .exists()
    )
    return or_(Application.held_by == str(actor), Application.investigator_id == actor.id, leased)


def _named(session: Session, words: str, catalogue: Catalogue | None) -> ColumnElement[bool]:
    """By the number people say over the phone, or the applicant's identity number; no names."""
    typed = plain(words)[:40]
    number = Application.reference_no == typed
    try:
        identity = IdNumber.parse(typed).value
    except Refusal:
        return number
    programs = catalogue.programs if catalogue else {}
    digests = [vault.blind_index(session, f"household:{p}", identity) for p in programs]
    return number | Application.household_index.in_(digests)


def _overdue(now: datetime) -> ColumnElement[bool]:
    """A clock of the file ran out, as the worker keeps them."""
    return (
        select(CaseClock.step)
        .where(CaseClock.application_id == Application.id, CaseClock.due_on < local_date(now))
        .exists()
    )
