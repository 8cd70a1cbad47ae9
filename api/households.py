"""/api/households: one family's file, its several applications filled in and handed in together."""

from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import acting, schemas
from api import applications as api
from api.context import SAFE, actor, now, portal, session
from api.idempotent import once
from api.pages import together
from api.schemas import Strict
from portal.casework.talk import telling
from portal.filing import family, guarding, sharing
from portal.filing.tables import Application
from portal.foundation.errors import Invalid, NotFound
from portal.handover import joint
from portal.people import access, households
from portal.people.access import Act
from portal.people.tables import Household
from portal.policy import regions

blp = Blueprint("households", __name__, url_prefix="/api/households", description="家庭")

_PROGRAMS = fields.List(
    fields.String(validate=validate.Length(max=64)),
    required=True,
    validate=validate.Length(min=1, max=20),
    metadata={"description": "program ids; what the household has open already stays as it is"},
)


class FamilyInSchema(Strict):
    region = fields.String(load_default="", validate=validate.Length(max=12))
    programs = _PROGRAMS


class MattersInSchema(Strict):
    programs = _PROGRAMS


class FamilyAnswersInSchema(Strict):
    since = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 2**53),
        metadata={"description": "revision the answers were made from"},
    )  # fmt: skip
    page = fields.String(
        required=True, validate=validate.Length(max=64),
        metadata={"description": "key of one of the household's pages"},
    )  # fmt: skip
    answers = fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.Raw(allow_none=True),
        required=True,
    )


class HandInSchema(Strict):
    applications = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1))


class FamilyPageSchema(Schema):
    """One topic, each question once."""

    key = fields.String()
    title = fields.String()
    lead = fields.String()
    asks = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "field: the programs that ask it"},
    )
    answers = fields.Dict(keys=fields.String(), values=fields.Raw())
    carried = fields.Boolean(metadata={"description": "said for an earlier file: still true?"})


class FamilySchema(Schema):
    id = fields.UUID()
    name = fields.String(metadata={"description": "of the applicant, as said last"})
    region_code = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    recognised = fields.List(
        fields.String(), metadata={"description": "granted: nobody examines it again (第42条)"}
    )
    applications = fields.List(fields.Nested(schemas.ApplicationSchema))


class WholeFamilySchema(FamilySchema):
    revision = fields.Integer(metadata={"description": "grows with every save of a draft"})
    pages = fields.List(fields.Nested(FamilyPageSchema))


class ReceiptsSchema(Schema):
    receipts = fields.List(fields.Dict())


@blp.get("")
@blp.response(200, FamilySchema(many=True))
def mine() -> list[dict[str, Any]]:
    found = households.of_account(session(), api.resident().id)
    return [_shape(one) for one in found]


@blp.post("")
@once
@blp.arguments(FamilyInSchema)
@blp.response(201, WholeFamilySchema)
def begin(wanted: dict[str, Any]) -> dict[str, Any]:
    """A household of one's own, with one draft a program."""
    account = api.resident()
    household = households.start(
        session(), account_id=account.id, region_code=_region(wanted["region"]), actor=actor(),
        now=now(),
    )  # fmt: skip
    add_matters(household, wanted["programs"])
    return _whole(household)


@blp.get("/<uuid:household_id>")
@blp.response(200, WholeFamilySchema)
def one(household_id: UUID) -> dict[str, Any]:
    return _whole(find(household_id))


@blp.post("/<uuid:household_id>/applications")
@once
@blp.arguments(MattersInSchema)
@blp.response(201, schemas.ApplicationSchema(many=True))
def add(wanted: dict[str, Any], household_id: UUID) -> list[Application]:
    """Further drafts, filled with what the household has said before."""
    return add_matters(find(household_id), wanted["programs"])


@blp.put("/<uuid:household_id>/answers")
@blp.arguments(FamilyAnswersInSchema)
@blp.response(200, WholeFamilySchema)
def save(body: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """One page into every draft that asks it; 409 names what somebody else changed meanwhile."""
    household = find(household_id)
    page = together.of(household).page(body["page"])
    unknown = set(body["answers"]) - {f.name for f in page.fields}
    if unknown:
        raise Invalid("有几处要改一下。", fields={name: ["没有这一项。"] for name in unknown})
    sharing.save_page(
        session(), household, portal().catalogue, page, body["answers"], since=body["since"],
        actor=actor(), now=now(),
    )  # fmt: skip
    return _whole(household)


@blp.post("/<uuid:household_id>/submission")
@blp.arguments(HandInSchema)
@blp.response(201, ReceiptsSchema)
def submit(body: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """All of them or none; each has its own receipt. Repeated, it answers with the same."""
    household = find(household_id)
    access.check_act(actor(), Act.SUBMIT)
    files = {one.id: one for one in _visible(household)}
    if any(one not in files for one in body["applications"]):
        raise NotFound("没有找到这份申请。")
    chosen = [files[one] for one in dict.fromkeys(body["applications"])]
    given = joint.submit(session(), household, chosen, portal().catalogue, actor=actor(), now=now())
    telling.submitted(session(), *chosen, now=now())
    return {"receipts": list(given.values())}


def find(household_id: UUID) -> Household:
    """The resident's own household, or one they help with, locked when it is about to change."""
    api.resident()
    return acting.household(session(), household_id, lock=request.method not in SAFE)


def add_matters(household: Household, wanted: list[str]) -> list[Application]:
    """A draft for every wanted program the household has no file of yet; all files wanted.

    What goes to charity is never begun along with others. Raises Invalid, NotFound.
    """
    access.check_act(actor(), Act.FILL)
    catalogue, found = portal().catalogue, []
    for program in [catalogue.find(one) for one in dict.fromkeys(wanted)]:
        if program.travels_alone:
            raise Invalid(f"{program.short}要另外单独办。", code="travels_alone")
        if not access.in_scope(actor(), program.id):
            raise NotFound("没有找到这份委托。")
        running = family.open_in(session(), household, program.id)
        found.append(
            running
            or sharing.start(session(), household, catalogue, program, actor=actor(), now=now())
        )
    return found


def _visible(household: Household) -> list[Application]:
    mine = family.of(session(), household)
    return [one for one in mine if guarding.open_to(one, actor=actor(), now=now())]


def _shape(household: Household) -> dict[str, Any]:
    return {
        "id": household.id,
        "name": households.called(session(), household),
        "region_code": household.region_code,
        "created_at": household.created_at,
        "recognised": family.recognised(session(), household),
        "applications": _visible(household),
    }


def _whole(household: Household) -> dict[str, Any]:
    walk = together.of(household)
    pages = [
        {
            "key": page.key,
            "title": page.title,
            "lead": page.lead,
            "asks": {name: list(programs) for name, programs in page.asks.items()},
            "answers": {
                f.name: known[f.name]
                for known in [walk.context(page)]
                for f in page.fields
                if f.name in known
            },
            "carried": walk.is_carried(page),
        }
        for page in walk.pages
    ]
    return {**_shape(household), "revision": walk.revision, "pages": pages}


def _region(code: str) -> str | None:
    """Raises Invalid for an unknown one."""
    try:
        return regions.find(session(), code).code if code else None
    except NotFound as fault:
        raise Invalid("没有这个地方。", fields={"region": ["请重新选择。"]}) from fault
