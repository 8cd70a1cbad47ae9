"""/api/contacts: whom to call in a place. Public."""

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.context import session
from api.schemas import Strict
from portal.foundation.errors import Invalid, NotFound
from portal.policy import directory
from portal.policy.directory import Contact

blp = Blueprint("contacts", __name__, url_prefix="/api/contacts", description="找谁帮忙")


class ContactsSchema(Strict):
    region = fields.String(
        load_default="",
        validate=validate.Length(max=12),
        metadata={"description": "division code; empty: the whole country"},
    )


class ContactSchema(Schema):
    kind = fields.String(metadata={"description": "window assistant hotline"})
    name = fields.String()
    phone = fields.String()
    hours = fields.String()
    address = fields.String()
    region_code = fields.String(metadata={"description": "empty: the whole country"})
    source = fields.String()


@blp.get("")
@blp.arguments(ContactsSchema, location="query")
@blp.response(200, ContactSchema(many=True))
def near(where: dict[str, str]) -> list[Contact]:
    """Nearest first; the last is always 12349."""
    if not where["region"]:
        return [directory.EVERYWHERE]
    try:
        return directory.of_region(session(), where["region"])
    except NotFound as fault:
        raise Invalid("没有这个地方。请重新选择。", fields={"region": ["请重新选择。"]}) from fault
