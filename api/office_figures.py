"""/api/office/figures: counts, durations, what is late, by place, program, step or person."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import figuring
from api.schemas import Strict
from portal.casework.figures import reading

blp = Blueprint("office_figures", __name__, url_prefix="/api/office", description="监管")


class AskedSchema(Strict):
    by = fields.String(load_default="place", validate=validate.OneOf(list(reading.BY)))
    place = fields.String(load_default="", validate=validate.Length(max=12))
    program = fields.String(load_default="", validate=validate.Length(max=64))


class FiguresSchema(Schema):
    filed = fields.Integer()
    open = fields.Integer(metadata={"description": "an office has to do something"})
    decided = fields.Integer()
    median_days = fields.Float(
        allow_none=True, metadata={"description": "half of them took no longer"}
    )
    mean_days = fields.Float(
        allow_none=True, metadata={"description": "from the first filing to the decision"}
    )
    overdue = fields.Integer()
    bounced = fields.Integer(metadata={"description": "transferred twice or more"})
    second = fields.Integer(metadata={"description": "asked for papers a second time"})
    rated = fields.Integer(metadata={"description": "the person said how they found it"})
    unhappy = fields.Integer()


class FigureLineSchema(Schema):
    title = fields.String()
    key = fields.String(metadata={"description": "to look deeper by"})
    figures = fields.Nested(FiguresSchema)


class FigureBoardSchema(Schema):
    whole = fields.Nested(FiguresSchema)
    lines = fields.List(fields.Nested(FigureLineSchema))


@blp.get("/figures")
@blp.arguments(AskedSchema, location="query")
@blp.response(200, FigureBoardSchema)
def read(asked: dict[str, Any]) -> reading.Board:
    return figuring.board(reading.Asked(**asked))


@blp.get("/figures.xlsx")
@blp.arguments(AskedSchema, location="query")
@blp.response(200, content_type=figuring.XLSX)
def table(asked: dict[str, Any]) -> Response:
    """The same without a name of anybody."""
    return figuring.sheet(reading.Asked(**asked))
