"""Shapes of surveys and means checks in JSON. Money is 分."""

from marshmallow import Schema, fields, validate

from api.schemas import Strict
from portal.casework.said import CHECK_OUTCOMES
from portal.casework.survey import disputes, obligors

_CODE = validate.Length(max=64)
_WORDS = validate.Length(max=500)


class VisitInSchema(Strict):
    at = fields.AwareDateTime(required=True)
    investigators = fields.List(fields.UUID(), required=True, validate=validate.Length(max=10))


class VisitChangeInSchema(Strict):
    sentence = fields.String(required=True, validate=_WORDS)


class SurveyInSchema(Strict):
    """What is named is kept, what is not stays. `revision`: 0, or of the draft this came from.

    lines: {name: {state: confirmed · corrected · open, value, why}}; people: [{name, relation,
    why}] who live there and were not declared; family, staff: {signed, because}.
    """

    revision = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**6))
    on = fields.String(validate=_CODE, metadata={"description": "ISO day of the visit"})
    how = fields.List(fields.String(validate=_CODE))
    investigators = fields.List(fields.UUID(), validate=validate.Length(max=10))
    lines = fields.Dict(keys=fields.String(validate=validate.Length(max=120)), values=fields.Dict())
    people = fields.List(fields.Dict(), validate=validate.Length(max=10))
    remarks = fields.String()
    notes = fields.String()
    family = fields.Dict()
    staff = fields.Dict()


class SurveySchema(Schema):
    survey = fields.Dict(
        metadata={"description": "the draft, else the finished one, else an empty one"}
    )


class PanelSchema(Schema):
    survey = fields.Dict(allow_none=True)
    check = fields.Dict(allow_none=True, metadata={"description": "no line of any report"})


class SignerInSchema(Strict):
    signer = fields.String(required=True, validate=_CODE)


class ObligorInSchema(Strict):
    """社会救助法 第41条: only when necessary, and with own consent."""

    name = fields.String(required=True, validate=_CODE)
    id_number = fields.String(required=True, validate=_CODE)
    relation = fields.String(required=True, validate=_CODE)
    why = fields.String(required=True, validate=_WORDS)
    consent = fields.String(
        required=True, validate=validate.OneOf([obligors.PAPER, obligors.LINK, obligors.NOT_YET])
    )


class CheckRequestSchema(Schema):
    id = fields.UUID()
    state = fields.String(metadata={"description": "asked · running · answered · told"})
    asked_at = fields.AwareDateTime()
    started_at = fields.AwareDateTime(allow_none=True)
    told_at = fields.AwareDateTime(allow_none=True)
    outcome = fields.String(allow_none=True)


class CheckSchema(Schema):
    check = fields.Dict(
        allow_none=True, metadata={"description": "every line; looking is recorded"}
    )


class CheckResultInSchema(Strict):
    outcome = fields.String(required=True, validate=validate.OneOf(list(CHECK_OUTCOMES)))
    sentence = fields.String(load_default="", validate=_WORDS)


class CorrectedLineSchema(Strict):
    record = fields.UUID(required=True)
    item = fields.String(required=True, validate=_CODE)


class DisputeAnswerInSchema(Strict):
    outcome = fields.String(required=True, validate=validate.OneOf(list(disputes.OUTCOMES)))
    sentence = fields.String(required=True, validate=_WORDS)
    lines = fields.List(
        fields.Nested(CorrectedLineSchema), load_default=list, validate=validate.Length(max=100)
    )


class DisputeInSchema(Strict):
    sentence = fields.String(required=True, validate=_WORDS)


class OwnCheckSchema(Schema):
    check = fields.Dict(
        allow_none=True, metadata={"description": "appointment and check; no line of a record"}
    )
    own = fields.Dict(
        allow_none=True,
        metadata={"description": "the applicant's own record and the household's total"},
    )


class OwnRecordsSchema(Schema):
    records = fields.List(
        fields.Dict(), metadata={"description": "own records in files of others, once told"}
    )
