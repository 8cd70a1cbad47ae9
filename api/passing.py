"""/api/passes: a household's file from one phone to another, by a code that is good once."""

from typing import Any
from uuid import UUID

import segno
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import applications as api
from api import shown_words
from api.context import actor, now, portal, session
from api.schemas import ApplicationSchema, Strict
from portal.filing import passing
from portal.filing.passing import Offer, Seen
from portal.foundation.errors import NotFound
from portal.people import households, mandates, pass_codes
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import KINDS, Said
from portal.people.pass_tables import PassCode
from portal.people.tables import Account, Household

blp = Blueprint("passing", __name__, url_prefix="/api", description="交接")

_SHORT = validate.Length(max=64)


class PassSchema(Schema):
    id = fields.UUID()
    way = fields.String(metadata={"description": "give: to the person · ask: to a helper"})
    state = fields.String(metadata={"description": "waiting · asked · taken · refused · over"})
    mandate_id = fields.UUID(allow_none=True)
    expires_at = fields.AwareDateTime()


class PassOfferToldSchema(Schema):
    helper = fields.String()
    kind = fields.String()
    relation = fields.String()


class PassLookSchema(PassSchema):
    offer = fields.Nested(
        PassOfferToldSchema, allow_none=True,
        metadata={"description": "who asks to help; for the person, until it is answered"},
    )  # fmt: skip


class PassShownSchema(PassSchema):
    code = fields.String(metadata={"description": "eight digits, shown this once"})
    url = fields.String(metadata={"description": "what the square says; opens after signing in"})
    square = fields.String(metadata={"description": "the url as a QR code: a PNG, as data URI"})


class PassSeenSchema(PassSchema):
    person = fields.String(metadata={"description": "half a name when a helper is asked for"})
    helper = fields.String()
    applications = fields.List(fields.Nested(ApplicationSchema))


class PassCodeSchema(Strict):
    code = fields.String(required=True, validate=_SHORT)


class PassTakingSchema(PassCodeSchema):
    goes_on = fields.Boolean(
        load_default=False, metadata={"description": "whether the helper may go on helping"}
    )


class PassOfferSchema(PassCodeSchema):
    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    helper = fields.String(required=True, validate=_SHORT)
    relation = fields.String(load_default="", validate=_SHORT)
    person = fields.String(
        load_default="", validate=_SHORT, metadata={"description": "where no name is known yet"}
    )


class PassAnswerSchema(Strict):
    agrees = fields.Boolean(required=True)


class PassTakenSchema(Schema):
    household_id = fields.UUID()


@blp.post("/mandates/<uuid:mandate_id>/passes")
@blp.response(201, PassShownSchema)
def give(mandate_id: UUID) -> dict[str, Any]:
    """By the helper: whoever types the code within 15 minutes may take the household over."""
    return shown(*given(mandate_id))


@blp.post("/households/<uuid:household_id>/passes")
@blp.response(201, PassShownSchema)
def ask(household_id: UUID) -> dict[str, Any]:
    """By the person: whoever types the code may ask to help."""
    return shown(*asked(household_id))


@blp.get("/passes/<uuid:pass_id>")
@blp.response(200, PassLookSchema)
def one(pass_id: UUID) -> dict[str, Any]:
    """What became of it, for the two who take part."""
    account = api.resident()
    row = pass_codes.find(session(), pass_id, actor=actor())
    return {**of(row), "offer": offer_told(row, account)}


@blp.post("/passes/looks")
@blp.arguments(PassCodeSchema)
@blp.response(200, PassSeenSchema)
def look(wanted: dict[str, str]) -> dict[str, Any]:
    """Whose file it is and what is in it, before anything is said; no answer of it."""
    found = seen(wanted["code"])
    return {
        **of(found.row), "person": found.person, "helper": found.helper,
        "applications": found.files,
    }  # fmt: skip


@blp.post("/passes/takings")
@blp.arguments(PassTakingSchema)
@blp.response(201, PassTakenSchema)
def take(wanted: dict[str, Any]) -> dict[str, UUID]:
    """「是我家的，接过来」: the household is this account's; the helper ends unless it goes on."""
    return {"household_id": taken(wanted["code"], goes_on=wanted["goes_on"])}


@blp.post("/passes/offers")
@shown_words.checked("helper", "relation")
@blp.arguments(PassOfferSchema)
@blp.response(201, PassSchema)
def offer(wanted: dict[str, str]) -> dict[str, Any]:
    """A helper says who they are; the mandate begins with the person's yes on their phone."""
    return of(offered(wanted))


@blp.post("/passes/<uuid:pass_id>/answer")
@blp.arguments(PassAnswerSchema)
@blp.response(200, PassSchema)
def answer(wanted: dict[str, bool], pass_id: UUID) -> dict[str, Any]:
    answered(pass_id, agrees=wanted["agrees"])
    return of(pass_codes.find(session(), pass_id, actor=actor()))


def given(mandate_id: UUID) -> tuple[PassCode, str]:
    account = api.resident()
    mandate: Mandate = mandates.find(session(), mandate_id, actor=actor(), lock=True)
    if mandate.helper_account_id != account.id:
        raise NotFound("没有找到这份委托。")
    return passing.give(session(), mandate, actor=actor(), now=now())


def asked(household_id: UUID) -> tuple[PassCode, str]:
    api.resident()
    household = households.find(session(), household_id, actor=actor(), now=now(), lock=True)
    return passing.ask(session(), household, actor=actor(), now=now())


def seen(code: str) -> Seen:
    """Counted whatever comes of it, also when the page is only looked at."""
    api.resident()
    with portal().database.writing() as short:
        pass_codes.count(short, actor=actor(), now=now())
    return passing.look(session(), code, actor=actor(), now=now())


def taken(code: str, *, goes_on: bool) -> UUID:
    account = api.resident()
    pass_codes.count(session(), actor=actor(), now=now())
    household = passing.take(session(), account, code, goes_on=goes_on, actor=actor(), now=now())
    return household.id


def offered(wanted: dict[str, str]) -> PassCode:
    api.resident()
    pass_codes.count(session(), actor=actor(), now=now())
    said = Said(**{name: wanted.get(name, "") for name in ("person", "helper", "relation")})
    wish = Offer(wanted.get("kind", ""), said)
    return passing.offer(session(), wanted["code"], wish, actor=actor(), now=now())


def answered(pass_id: UUID, *, agrees: bool) -> Mandate | None:
    api.resident()
    return passing.answer(session(), pass_id, agrees=agrees, actor=actor(), now=now())


def offer_told(row: PassCode, account: Account) -> dict[str, str] | None:
    household = session().get_one(Household, row.household_id)
    if passing.state(row, now=now()) != "asked" or household.account_id != account.id:
        return None
    wish = passing.offered(session(), row)
    return {"helper": wish.said.helper, "relation": wish.said.relation, "kind": wish.kind}


def of(row: PassCode) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in ("id", "way", "mandate_id", "expires_at")}
    return {**own, "state": passing.state(row, now=now())}


def shown(row: PassCode, code: str) -> dict[str, Any]:
    url = f"{portal().settings.public_url}/take/{code}"
    square = segno.make(url, error="m", micro=False).png_data_uri(scale=6)
    return {**of(row), "code": code, "url": url, "square": square}
