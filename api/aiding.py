"""What the desk's aid pages and its JSON share: one act each over the verbs of the aid room."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api import desk_reading
from api.context import actor, now, portal, session
from portal.casework import office
from portal.casework.aid import (
    book,
    closing,
    conferences,
    first,
    handing,
    ledger,
    panel,
    papers,
    small,
    supply,
)
from portal.casework.aid.grants import Part
from portal.casework.aid.handing import Handing
from portal.casework.aid.tables import PettyFund, PettyFundRequest
from portal.filing.tables import Application


def find(application_id: UUID) -> Application:
    return office.find(session(), application_id, actor=actor())


def read(application_id: UUID) -> dict[str, Any] | None:
    """The panel; recorded before it is shown."""
    desk_reading.note("read.file", application_id)
    return at_desk(desk_reading.opened(application_id))


def at_desk(application: Application) -> dict[str, Any] | None:
    return panel.at_desk(session(), portal().catalogue, application, actor=actor(), now=now())


def give_small(application: Application, said: Mapping[str, Any]) -> Application:
    small.give(
        session(), portal().catalogue, application, small_wanted(said), actor=actor(), now=now()
    )
    return application


def give_first(application: Application, said: Mapping[str, Any]) -> Application:
    first.give(
        session(), portal().catalogue, application, first_wanted(said), grant_id=said.get("key"),
        actor=actor(), now=now(),
    )  # fmt: skip
    return application


def small_at_window(said: Mapping[str, Any]) -> Application:
    return small.at_the_window(
        session(), portal().catalogue, small_wanted(said["aid"]), **_where(said), actor=actor(),
        now=now(),
    )  # fmt: skip


def first_at_window(said: Mapping[str, Any]) -> Application:
    return first.at_the_window(
        session(), portal().catalogue, said["person"], first_wanted(said["aid"]), **_where(said),
        actor=actor(), now=now(),
    )  # fmt: skip


def hand_out(application: Application, part_id: UUID, said: Mapping[str, Any]) -> Application:
    handing.hand_out(session(), application, part_id, Handing(**said), actor=actor(), now=now())
    return application


def drop(application: Application, part_id: UUID, reason: str) -> Application:
    handing.drop(session(), application, part_id, reason, actor=actor(), now=now())
    return application


def plan(application: Application, parts: Sequence[Mapping[str, Any]]) -> Application:
    first.plan(session(), application, [Part(**p) for p in parts], actor=actor(), now=now())
    return application


def send_up(application: Application, sentence: str) -> Application:
    first.send_up(session(), application, sentence, actor=actor(), now=now())
    return application


def settle(application: Application, said: Mapping[str, str]) -> Application:
    papers.settle(session(), application, **said, actor=actor(), now=now())
    return application


def finish(application: Application, sentence: str) -> Application:
    papers.finish(session(), application, sentence, actor=actor(), now=now())
    return application


def ask_conference(application: Application, reason: str) -> Application:
    conferences.ask(session(), application, reason, actor=actor(), now=now())
    return application


def hold_conference(
    application: Application, conference_id: UUID, said: Mapping[str, Any]
) -> Application:
    conferences.hold(session(), application, conference_id, **said, actor=actor(), now=now())
    return application


def begin_fund() -> PettyFund:
    """The book of the clerk's own township."""
    return ledger.found(session(), actor().region_code, actor=actor(), now=now())


def fund(fund_id: UUID) -> PettyFund:
    return ledger.find(session(), fund_id, actor=actor())


def fund_book(found: PettyFund) -> dict[str, Any]:
    """Everything of one book, in the order it was written. That it was read is recorded."""
    note(found)
    return {
        "fund": found,
        "lines": [entry.line for entry in ledger.entries(session(), found)],
        "closings": [one.row for one in closing.closed(session(), found)],
        "requests": supply.waiting(session(), [found]),
        "faults": ledger.faults(session(), found),
    }


def ask_money(found: PettyFund, said: Mapping[str, Any]) -> PettyFundRequest:
    return supply.ask(
        session(), found, portal().catalogue, said["kind"], said["amount"], said["reason"],
        key=said.get("key"), actor=actor(), now=now(),
    )  # fmt: skip


def grant_money(found: PettyFund, request_id: UUID) -> PettyFund:
    supply.grant(session(), found, request_id, portal().catalogue, actor=actor(), now=now())
    return found


def refuse_money(found: PettyFund, request_id: UUID, reason: str) -> PettyFund:
    supply.refuse(session(), found, request_id, reason, actor=actor(), now=now())
    return found


def take_back(found: PettyFund, line_id: UUID, reason: str) -> PettyFund:
    handing.take_back(session(), found, line_id, reason, actor=actor(), now=now())
    return found


def close_month(found: PettyFund, said: Mapping[str, Any]) -> PettyFund:
    closing.close(session(), found, **said, actor=actor(), now=now())
    return found


def as_table(found: PettyFund) -> bytes:
    """The book as CSV. That it left is recorded first."""
    note(found, "export.fund")
    return book.as_csv(session(), found, desk_reading.mark(), actor=actor())


def note(found: PettyFund, what: str = "read.fund") -> None:
    """Committed before anything is shown: lines name who was helped."""
    with portal().database.writing() as short:
        ledger.note_reading(short, found, what, actor=actor(), now=now())


def small_wanted(said: Mapping[str, Any]) -> small.Wanted:
    return small.Wanted(**{**said, "handing": Handing(**said["handing"])})


def first_wanted(said: Mapping[str, Any]) -> first.Wanted:
    rest = {name: said[name] for name in ("cause", "document", "conference_id")}
    parts = tuple(Part(**part) for part in said["parts"])
    return first.Wanted(parts, handing=Handing(**said["handing"]), **rest)


def _where(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in ("key", "found_by", "address")}
