"""Shapes of a household's JSON: its 事项, and the walk through all their forms."""

from marshmallow import Schema, fields, validate

from api.program_schemas import FieldSchema
from api.schemas import ApplicationSchema, Strict

_PROGRAMS = fields.List(
    fields.String(validate=validate.Length(max=64)),
    required=True,
    validate=validate.Length(min=1, max=20),
    metadata={"description": "program ids; what the household has open already stays as it is"},
)


class MattersInSchema(Strict):
    programs = _PROGRAMS
    said = fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.Raw(allow_none=True),
        load_default=dict,
        validate=validate.Length(max=100),
        metadata={"description": "answers of the self-check, to begin the drafts with"},
    )


class FamilyInSchema(MattersInSchema):
    region = fields.String(load_default="", validate=validate.Length(max=12))


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
    fields_ = fields.List(
        fields.Nested(FieldSchema), data_key="fields", attribute="fields",
        metadata={"description": "as drawn for all programs that ask; fewer for a helper"},
    )  # fmt: skip
    asks = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "field: the programs that ask it"},
    )
    answers = fields.Dict(keys=fields.String(), values=fields.Raw())
    known = fields.Dict(
        keys=fields.String(), values=fields.Raw(),
        metadata={"description": "answers of other pages that conditions here look at"},
    )  # fmt: skip
    missing = fields.List(
        fields.String(), metadata={"description": "without them a file cannot be handed in"}
    )
    carried = fields.Boolean(metadata={"description": "said for an earlier file: still true?"})


class MatterSchema(ApplicationSchema):
    """One 事项 of the family."""

    why = fields.String(metadata={"description": "the office's words, where it opened the file"})
    can_say_no = fields.Boolean(
        metadata={"description": "opened by an office: thrown away or withdrawn by one tap"}
    )


class FamilySchema(Schema):
    id = fields.UUID()
    name = fields.String(metadata={"description": "of the applicant, as said last"})
    region_code = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    recognised = fields.List(
        fields.String(), metadata={"description": "granted: nobody examines it again (第42条)"}
    )
    applications = fields.List(fields.Nested(MatterSchema))


class WholeFamilySchema(FamilySchema):
    revision = fields.Integer(metadata={"description": "grows with every save of a draft"})
    pages = fields.List(fields.Nested(FamilyPageSchema))
    ready = fields.List(
        fields.UUID(), metadata={"description": "drafts that could be handed in now"}
    )


class ReceiptsSchema(Schema):
    receipts = fields.List(fields.Dict())
    receipt = fields.Dict(
        metadata={"description": "all of them in one: `reference_no`, and each of `photos` once"}
    )
