"""/api/office/payment-files: the bank's file of a month, tried first and then taken in."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from api import paying
from api.schemas import Strict
from portal.casework.payment.tables import PaymentFile

blp = Blueprint("office_payments", __name__, url_prefix="/api/office", description="发放")


class TryInSchema(Strict):
    dry_run = fields.Boolean(load_default=False)


class PaymentFileSchema(Schema):
    id = fields.UUID()
    lines = fields.Integer()
    total = fields.Integer(metadata={"description": "分, of what was paid"})
    imported_at = fields.AwareDateTime()


class LineFaultSchema(Schema):
    line = fields.Integer(metadata={"description": "as the spreadsheet counts it"})
    words = fields.String()


class TakenInSchema(Schema):
    taken_in = fields.Boolean()
    lines = fields.Integer()
    total = fields.Integer()
    failed = fields.Integer(metadata={"description": "lines the bank could not pay"})
    faults = fields.List(fields.Nested(LineFaultSchema))
    unpaid = fields.List(fields.Nested(LineFaultSchema))
    warnings = fields.List(
        fields.Nested(LineFaultSchema),
        metadata={"description": "another sum than was decided; taken in all the same"},
    )


@blp.get("/payment-files")
@blp.response(200, PaymentFileSchema(many=True))
def every() -> list[PaymentFile]:
    return paying.files()


@blp.post("/payment-files")
@blp.arguments(TryInSchema, location="query")
@blp.response(200, TakenInSchema)
def take_in(how: dict[str, bool]) -> dict[str, Any]:
    """multipart: file, CSV or XLSX. All of it or nothing; every line in the way is named."""
    made = paying.take_in(dry_run=how["dry_run"])
    return {
        "taken_in": not made.faults and not how["dry_run"],
        "lines": len(made.lines),
        "total": made.total,
        "failed": made.failed,
        "faults": made.faults,
        "unpaid": made.unpaid,
        "warnings": made.warnings,
    }
