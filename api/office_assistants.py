"""/api/office/assistants: village assistants of this division, and what rests on them."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from api import sheets
from api.context import actor, now, portal, session
from api.office_payments import LineFaultSchema, TryInSchema
from api.schemas import Strict
from portal.people import appointment_lists, appointments, rosters, second_factor
from portal.people.appointment_lists import Plan
from portal.people.appointment_tables import Appointment
from portal.policy import regions

blp = Blueprint(
    "office_assistants", __name__, url_prefix="/api/office/assistants", description="协理员"
)

_AT = "/<uuid:appointment_id>"


class AssistantSchema(Schema):
    id = fields.Function(lambda line: str(line["one"].id))
    name = fields.String()
    phone = fields.String()
    village = fields.String()
    village_code = fields.Function(lambda line: line["one"].village_code)
    groups = fields.String(metadata={"description": "全村: the whole village"})
    suspended = fields.Boolean()
    over = fields.Boolean()
    in_force = fields.Boolean()
    came = fields.Boolean(metadata={"description": "has signed in since"})
    enrolled = fields.Boolean(metadata={"description": "has a second factor"})


class HeirSchema(Strict):
    to = fields.UUID(required=True, metadata={"description": "another appointment of this office"})


class ListSchema(Schema):
    taken_in = fields.Boolean()
    added = fields.Integer()
    changed = fields.Integer()
    same = fields.Integer()
    faults = fields.List(fields.Nested(LineFaultSchema))


@blp.get("")
@blp.response(200, AssistantSchema(many=True))
def every() -> list[dict[str, Any]]:
    return lines()


@blp.post("/lists")
@blp.arguments(TryInSchema, location="query")
@blp.response(200, ListSchema)
def take_in(how: dict[str, bool]) -> dict[str, Any]:
    """multipart: file, CSV or XLSX, one line a person and village. All of it or nothing."""
    made = taken_in(dry_run=how["dry_run"])
    return {
        "taken_in": not made.faults and not how["dry_run"], "added": len(made.added),
        "changed": len(made.changed), "same": made.same, "faults": made.faults,
    }  # fmt: skip


@blp.post(f"{_AT}/suspension")
@blp.response(204)
def suspend(appointment_id: UUID) -> None:
    """Out with the next request."""
    appointments.suspend(session(), find(appointment_id), actor=actor(), now=now())


@blp.post(f"{_AT}/resumption")
@blp.response(204)
def resume(appointment_id: UUID) -> None:
    appointments.resume(session(), find(appointment_id), actor=actor(), now=now())


@blp.post(f"{_AT}/factor-reset")
@blp.response(204)
def reset_factor(appointment_id: UUID) -> None:
    """The phone with the codes is lost: enrolled anew at the next sign-in."""
    appointments.reset_factor(session(), find(appointment_id), actor=actor(), now=now())


@blp.post(f"{_AT}/hand-over")
@blp.arguments(HeirSchema)
@blp.response(204)
def hand_over(wanted: dict[str, UUID], appointment_id: UUID) -> None:
    """The list of the village passes on, and never a mandate: the heir asks each household."""
    passed_on(appointment_id, wanted["to"])


def taken_in(*, dry_run: bool) -> Plan:
    """The list of this request. Nothing is written for a dry run, or with a single fault.

    Raises Forbidden, Invalid (file).
    """
    appointments.check_office(actor())
    with sheets.uploaded() as file, portal().database.reading() as short, sheets.readable():
        made = appointment_lists.plan(short, file, within=actor().region_code)
    if not made.faults and not dry_run:
        appointment_lists.carry_out(session(), made, actor=str(actor()), now=now())
    return made


def find(appointment_id: UUID) -> Appointment:
    return appointments.find(session(), appointment_id, actor=actor())


def passed_on(appointment_id: UUID, heir: UUID) -> None:
    rosters.hand_over(session(), find(appointment_id), find(heir), actor=actor(), now=now())


def lines() -> list[dict[str, Any]]:
    """For the desk's page as well."""
    return [_line(one) for one in appointments.of_office(session(), actor=actor())]


def _line(one: Appointment) -> dict[str, Any]:
    told, account = appointments.opened(session(), one), one.account_id
    return {
        "one": one,
        "name": told.name,
        "phone": told.phone.value,
        "village": regions.find(session(), one.village_code).name,
        "groups": "、".join(one.groups) or "全村",
        "suspended": one.suspended_at is not None,
        "over": one.ends_at is not None and one.ends_at <= now(),
        "in_force": appointments.in_force(one, now=now()),
        "came": account is not None,
        "enrolled": account is not None and second_factor.enrolled(session(), account),
    }
