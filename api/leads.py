"""主动发现: anybody tells of a household in need, and asks later by a code; nobody signs in."""

from typing import Any

from flask import g, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import callers
from api.context import SAFE, now, portal, session
from api.schemas import Strict
from portal.casework.leads import reporting
from portal.casework.leads.reporting import Said
from portal.foundation.errors import NotFound

blp = Blueprint("leads", __name__, url_prefix="/api", description="主动发现")


class LeadInSchema(Strict):
    place = fields.String(
        required=True, validate=validate.Length(max=64),
        metadata={"description": "a village or township"},
    )  # fmt: skip
    what = fields.String(required=True, validate=validate.Length(max=2000))
    find = fields.String(
        required=True, validate=validate.Length(max=1000),
        metadata={"description": "a name, a number, a door: whatever helps to find them"},
    )  # fmt: skip


class LeadReportedSchema(Schema):
    code = fields.String(metadata={"description": "sixteen digits, told once"})


class LeadFollowedSchema(Schema):
    state = fields.String(metadata={"description": "in words; never what was found"})


@blp.post("/leads")
@blp.arguments(LeadInSchema)
@blp.response(201, LeadReportedSchema)
def report(wanted: dict[str, str]) -> dict[str, str]:
    """Nothing of who reports is kept, signed in or not."""
    return reported(wanted)


@blp.get("/leads/<string:code>")
@blp.response(200, LeadFollowedSchema)
def follow(code: str) -> dict[str, Any]:
    return {"state": followed(code)}


def reported(wanted: dict[str, str]) -> dict[str, str]:
    _lead, code = reporting.report(
        session(), Said(wanted["place"], wanted["what"], wanted["find"]),
        device=callers.device(), network=callers.network(), now=now(),
    )  # fmt: skip
    return {"code": code}


def followed(code: str) -> str:
    """A wrong code counts as a try; raises NotFound."""
    try:
        return reporting.follow(session(), code)
    except NotFound:
        _count_miss()
        raise


def _count_miss() -> None:
    """A look has no writer of its own; a form has, and keeps what it counted."""
    if request.method in SAFE:
        with portal().database.writing() as short:
            reporting.count_miss(short, callers.device(), now=now())
    else:
        g.keeps = True
        reporting.count_miss(session(), callers.device(), now=now())
