"""/api/regions: administrative divisions by parent or by a typed part of a name. Public."""

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.context import session
from api.schemas import Strict
from portal.foundation.errors import Invalid, NotFound
from portal.policy import regions

blp = Blueprint("regions", __name__, url_prefix="/api/regions", description="行政区划")


class SoughtSchema(Strict):
    parent = fields.String(
        load_default="",
        validate=validate.Length(max=12),
        metadata={"description": "code of the division above; empty: the provinces"},
    )
    q = fields.String(
        load_default="",
        validate=validate.Length(max=40),
        metadata={
            "description": "part of a name; several words narrow: 安化 东坪. Goes before parent"
        },
    )
    level = fields.String(
        load_default=None,
        validate=validate.OneOf(regions.LEVELS),
        metadata={"description": "only with q"},
    )
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, 50), metadata={"description": "only with q"}
    )


class RegionSchema(Schema):
    code = fields.String(metadata={"description": "6 digits to the county, 9 township, 12 village"})
    name = fields.String()
    level = fields.String(metadata={"description": "province prefecture county township village"})
    parent_code = fields.String(allow_none=True)
    full_name = fields.String(metadata={"description": "from the province down"})


@blp.get("")
@blp.arguments(SoughtSchema, location="query")
@blp.response(200, RegionSchema(many=True))
def find(sought: dict[str, Any]) -> Sequence[regions.Found]:
    """The divisions right under `parent`, or those whose name holds `q`."""
    if sought["q"].strip():
        return regions.search(session(), sought["q"], level=sought["level"], limit=sought["limit"])
    try:
        return regions.named(session(), regions.children(session(), sought["parent"] or None))
    except NotFound as fault:
        raise Invalid("没有这个地方。请重新选择。", fields={"parent": ["请重新选择。"]}) from fault
