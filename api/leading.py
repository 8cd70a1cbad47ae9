"""What the desk's lead pages and their JSON share."""

from typing import Any
from uuid import UUID

from api import sheets
from api.context import actor, now, portal, session
from portal.casework.leads import importing, seeing
from portal.casework.leads.importing import Plan
from portal.casework.leads.tables import Lead
from portal.filing.tables import Application
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import Said


def read(lead_id: UUID) -> dict[str, Any]:
    """Opened; that it was read is recorded and committed before anything is shown."""
    with portal().database.writing() as short:
        found = seeing.find(short, lead_id, actor=actor())
        seeing.note_reading(short, found, actor=actor(), now=now())
    return seeing.opened(session(), seeing.find(session(), lead_id, actor=actor()))


def find(lead_id: UUID) -> Lead:
    return seeing.find(session(), lead_id, actor=actor(), to_act=True)


def move(lead_id: UUID, said: dict[str, str]) -> Lead:
    lead = find(lead_id)
    seeing.move(session(), lead, said["after"], said["sentence"], actor=actor(), now=now())
    return lead


def file_emergency(lead_id: UUID, said: dict[str, str]) -> Application:
    return seeing.file_emergency(
        session(), find(lead_id), portal().catalogue, said["person"], said["sentence"],
        actor=actor(), now=now(),
    )  # fmt: skip


def link(lead_id: UUID, said: dict[str, str]) -> Application:
    return seeing.link(
        session(), find(lead_id), said["reference_no"], said["sentence"], actor=actor(), now=now()
    )


def assist(lead_id: UUID, said: dict[str, str]) -> Mandate:
    names = ("person", "phone", "helper", "role", "why")
    return seeing.assist(
        session(), find(lead_id), Said(**{name: said.get(name, "") for name in names}),
        said["helper_phone"], actor=actor(), now=now(),
    )  # fmt: skip


def take_in(signal: str, *, dry_run: bool) -> Plan:
    """The list of this request; nothing is written for a dry run, or with a single fault.

    Raises Forbidden, Invalid (file, signal).
    """
    importing.check_importer(actor())
    with sheets.uploaded() as file, portal().database.reading() as short, sheets.readable():
        made = importing.plan(short, file, signal, actor=actor(), now=now())
    if not made.faults and not dry_run:
        importing.carry_out(session(), made, actor=actor(), now=now())
    return made
