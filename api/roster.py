"""/api/roster: an assistant's village, what waits there, who was visited."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import acting, known_device
from api import applications as api
from api import mandates as mandate_views
from api.context import actor, now, portal, session
from api.idempotent import once
from api.mandates import MandateSchema
from api.schemas import ApplicationSchema, Strict
from portal.casework import rounds
from portal.casework.rounds import Asked, Line
from portal.filing import village_help
from portal.people import appointments, mandates, rosters, second_factor
from portal.people.appointment_tables import Appointment, RosterHousehold
from portal.people.mandate_tables import Mandate
from portal.people.tables import Account
from portal.policy import regions

blp = Blueprint("roster", __name__, url_prefix="/api/roster", description="协理员的名册")

_SHORT = validate.Length(max=64)


class RosterQuerySchema(Strict):
    """`words`: name, its sound (szy), group or house."""

    words = fields.String(load_default="", validate=_SHORT)
    sieve = fields.String(
        data_key="only", load_default="", validate=validate.OneOf(["", *rounds.FILTERS])
    )


class LineSchema(Schema):
    entry = fields.UUID(
        data_key="id", allow_none=True, metadata={"description": "null: helped, on no roster"}
    )
    name = fields.String()
    village = fields.String(metadata={"description": "administrative code"})
    group = fields.String()
    house = fields.String()
    state = fields.String(
        metadata={"description": "open · asked (waits for the person's yes) · to_ask · closed"}
    )
    mandate = fields.UUID(data_key="mandate_id", allow_none=True)
    files = fields.List(
        fields.Nested(ApplicationSchema), data_key="applications",
        metadata={"description": "only what a mandate in force opens"},
    )  # fmt: skip
    waiting = fields.Boolean(metadata={"description": "something here is yours to do"})
    visited_on = fields.Date(allow_none=True)
    to_tell = fields.Boolean(metadata={"description": "somebody here is to be told in person"})
    unvisited = fields.Boolean(metadata={"description": "nobody was there for thirty days"})


class VillageSchema(Schema):
    code = fields.String()
    name = fields.String()


class RosterSchema(Schema):
    villages = fields.List(fields.Nested(VillageSchema))
    households = fields.List(fields.Nested(LineSchema))


class HouseholdInSchema(Strict):
    """Name and group are enough. `village` only for who has several."""

    name = fields.String(required=True, validate=_SHORT)
    group = fields.String(load_default="", validate=_SHORT)
    house = fields.String(load_default="", validate=_SHORT)
    village = fields.String(load_default="", validate=_SHORT)


class EntrySchema(Schema):
    id = fields.UUID()
    village_code = fields.String(data_key="village")
    group = fields.String()
    house = fields.String()


class VisitSchema(Schema):
    on = fields.Date()


class CorrectionSchema(Schema):
    name = fields.Function(lambda asked: asked.line.name)
    mandate_id = fields.Function(lambda asked: str(asked.line.mandate))
    application_id = fields.Function(lambda asked: str(asked.application.id))
    title = fields.String()
    sentence = fields.String()


class CorrectionsSchema(Schema):
    corrections = fields.List(fields.Nested(CorrectionSchema))


class FactorSchema(Schema):
    secret = fields.String(metadata={"description": "to type into an app; shown until enrolled"})
    address = fields.String(metadata={"description": "otpauth: the same as an address or QR"})


class DeviceInSchema(Strict):
    code = fields.String(required=True, validate=_SHORT)


class DeviceSchema(Schema):
    device = fields.String(metadata={"description": f"send it back as {known_device.HEADER}"})
    valid_days = fields.Integer()


@blp.get("")
@blp.arguments(RosterQuerySchema, location="query")
@blp.response(200, RosterSchema)
def every(wanted: dict[str, str]) -> dict[str, Any]:
    """The village by group. Content only of households whose mandate is in force."""
    return {"villages": villages(), "households": listed(wanted["words"], wanted["sieve"])}


@blp.get("/corrections")
@blp.response(200, CorrectionsSchema)
def corrections() -> dict[str, Any]:
    """What offices asked for in all households, oldest first."""
    return {"corrections": asked()}


@blp.post("/households")
@once
@blp.arguments(HouseholdInSchema)
@blp.response(201, EntrySchema)
def add(wanted: dict[str, str]) -> RosterHousehold:
    return added(wanted)


@blp.delete("/households/<uuid:entry_id>")
@blp.response(204)
def remove(entry_id: UUID) -> None:
    """Added by mistake, or moved away; not once somebody was helped."""
    removed(entry_id)


@blp.post("/households/<uuid:entry_id>/visits")
@blp.response(201, VisitSchema)
def visit(entry_id: UUID) -> Any:
    """Somebody was there today; twice a day is once."""
    return visited(entry_id)


@blp.post("/households/<uuid:entry_id>/mandates")
@blp.response(201, MandateSchema)
def help_them(entry_id: UUID) -> dict[str, Any]:
    """Begin to help: the mandate there is, or a new one. A household with a file of its own
    stays shut until the person has said yes (POST /api/mandates/{id}/confirmations)."""
    return mandate_views.shown(begun(entry_id))


@blp.post("/factor")
@blp.response(200, FactorSchema)
def begin_factor() -> dict[str, str]:
    """The second factor to put into an app, until a code of it was right."""
    account = api.resident()
    appointments.held(session(), account.id, now=now())
    secret, address = second_factor.begin(session(), account, now=now())
    return {"secret": secret, "address": address}


@blp.post("/devices")
@blp.arguments(DeviceInSchema)
@blp.response(201, DeviceSchema)
def prove(wanted: dict[str, str]) -> dict[str, Any]:
    """A right code makes this device known; the first one enrols."""
    return {"device": proved(wanted["code"]), "valid_days": second_factor.KNOWN_FOR.days}


def assistant() -> tuple[Account, list[Appointment]]:
    """Who is signed in, and the appointments; raises Forbidden, also without the second factor."""
    account = api.resident()
    return account, known_device.held(account)


def villages() -> list[dict[str, str]]:
    """Those the account is appointed to."""
    codes = dict.fromkeys(one.village_code for one in assistant()[1])
    return [{"code": code, "name": regions.find(session(), code).name} for code in codes]


def listed(words: str = "", only: str = "") -> list[Line]:
    account, held = assistant()
    return rounds.chosen(rounds.lines(session(), held, account, now=now()), words=words, only=only)


def asked(lines: Sequence[Line] | None = None) -> list[Asked]:
    """Each file whose sentences are read here counts as looked at."""
    given = listed() if lines is None else lines
    found = rounds.corrections(session(), given, portal().catalogue)
    for one in {asked.application.id: asked.application for asked in found}.values():
        granted = mandates.grant(
            session(), one.household_id, one.program_id, actor=actor(), now=now()
        )
        acting.note_look(one.id, actor().under(granted), now())
    return found


def added(wanted: dict[str, str]) -> RosterHousehold:
    _account, held = assistant()
    said = (wanted["name"], wanted["group"], wanted["house"])
    village = wanted["village"]
    return rosters.add(session(), held, *said, village=village, actor=actor(), now=now())


def removed(entry_id: UUID) -> None:
    _account, held = assistant()
    entry = rosters.find(session(), entry_id, held, lock=True)
    rosters.remove(session(), entry, actor=actor(), now=now())


def visited(entry_id: UUID, on: date | None = None) -> Any:
    _account, held = assistant()
    entry = rosters.find(session(), entry_id, held, lock=True)
    return rosters.visit(session(), entry, on=on, actor=actor(), now=now())


def begun(entry_id: UUID) -> Mandate:
    account, held = assistant()
    entry = rosters.find(session(), entry_id, held, lock=True)
    return village_help.begin(session(), entry, held, account, actor=actor(), now=now())


def proved(code: str) -> str:
    account = api.resident()
    appointments.held(session(), account.id, now=now())
    return second_factor.prove(session(), account, code, now=now())
