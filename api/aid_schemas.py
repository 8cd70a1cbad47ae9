"""Shapes of the JSON of aid and petty fund. Amounts are 分."""

from typing import Any

from marshmallow import Schema, fields, validate

from api.schemas import Strict
from portal.casework.aid import handing, ledger, papers
from portal.casework.said import AIDED_HOW

_WORDS = validate.Length(max=200)
_NAME = validate.Length(max=64)
_AMOUNT = validate.Range(1, ledger.MOST)


def _text(**more: Any) -> fields.String:
    return fields.String(load_default="", validate=_WORDS, **more)


class HandingSchema(Strict):
    """How it reached the person; nothing of it is demanded."""

    what = _text(metadata={"description": "the goods"})
    to = _text(metadata={"description": "who took it"})
    witness = _text()
    from_box = fields.Boolean(
        load_default=False, metadata={"description": "out of the township's petty fund"}
    )


class PartSchema(Strict):
    amount = fields.Integer(required=True, strict=True, validate=_AMOUNT)
    form = fields.String(load_default="cash", validate=validate.OneOf(list(AIDED_HOW)))
    due_on = fields.Date(load_default=None, metadata={"description": "null: now"})


class SmallAidSchema(Strict):
    """小额快救: person, cause, amount, handling; nothing else is asked for."""

    person = fields.String(required=True, validate=_WORDS)
    cause = fields.String(required=True, validate=_WORDS)
    amount = fields.Integer(required=True, strict=True, validate=_AMOUNT)
    handling = fields.String(required=True, validate=_WORDS)
    form = fields.String(load_default="cash", validate=validate.OneOf(list(AIDED_HOW)))
    handing = fields.Nested(HandingSchema, load_default=dict)
    standard = _text(metadata={"description": "the local text, where the standard is higher"})
    finish = fields.Boolean(load_default=False)


class FirstAidSchema(Strict):
    """先行救助; `document` where no ceiling of the township is known."""

    parts = fields.List(fields.Nested(PartSchema), required=True, validate=validate.Length(1, 24))
    cause = fields.String(required=True, validate=_WORDS)
    document = _text()
    handing = fields.Nested(HandingSchema, load_default=dict)
    conference_id = fields.UUID(load_default=None)
    key = fields.UUID(load_default=None, metadata={"description": "the same key gives once"})


class WindowSchema(Strict):
    """Somebody at the window without an application. The same `key`: the same file."""

    key = fields.UUID(required=True)
    found_by = _text()
    address = _text()


class SmallAtWindowSchema(WindowSchema):
    aid = fields.Nested(SmallAidSchema, required=True)


class FirstAtWindowSchema(WindowSchema):
    person = fields.String(required=True, validate=_WORDS)
    aid = fields.Nested(FirstAidSchema, required=True)


class AidSentenceSchema(Strict):
    sentence = fields.String(required=True, validate=_WORDS)


class PlanSchema(Strict):
    parts = fields.List(fields.Nested(PartSchema), required=True, validate=validate.Length(1, 24))


class DropSchema(Strict):
    reason = fields.String(required=True, validate=validate.OneOf(list(handing.DROPPED)))


class PaperSchema(Strict):
    item = fields.String(required=True, validate=_NAME)
    state = fields.String(
        required=True, validate=validate.OneOf([papers.OPEN, papers.DONE, papers.CANNOT])
    )
    words = _text()


class ConferenceSchema(Strict):
    reason = fields.String(required=True, validate=_WORDS)


class MinutesSchema(Strict):
    held_on = fields.Date(required=True)
    people = fields.String(required=True, validate=_WORDS)
    words = fields.String(required=True, validate=validate.Length(max=4000))
    amount = fields.Integer(required=True, strict=True, validate=validate.Range(0, ledger.MOST))
    sentence = fields.String(required=True, validate=_WORDS)


class AidSchema(Schema):
    aid = fields.Dict(allow_none=True)


class FundSchema(Schema):
    id = fields.UUID()
    region_code = fields.String()
    balance = fields.Integer()
    last_seq = fields.Integer()
    opened_at = fields.AwareDateTime()


class FundRequestInSchema(Strict):
    kind = fields.String(required=True, validate=validate.OneOf(sorted(ledger.BOOKED)))
    amount = fields.Integer(
        required=True, strict=True, validate=validate.Range(-ledger.MOST, ledger.MOST)
    )
    reason = fields.String(required=True, validate=_WORDS)
    key = fields.UUID(load_default=None, metadata={"description": "the same key asks once"})


class FundRequestSchema(Schema):
    id = fields.UUID()
    fund_id = fields.UUID()
    kind = fields.String()
    amount = fields.Integer()
    granted = fields.Boolean(allow_none=True)
    requested_at = fields.AwareDateTime()


class FundReasonSchema(Strict):
    reason = fields.String(required=True, validate=_WORDS)


class FundClosingInSchema(Strict):
    counted = fields.Integer(required=True, strict=True, validate=validate.Range(0, ledger.MOST))
    counted_with = fields.String(required=True, validate=_WORDS)
    explanation = _text()


class FundClosingSchema(Schema):
    month = fields.String()
    book = fields.Integer()
    counted = fields.Integer()
    at = fields.AwareDateTime()


class FundLineSchema(Schema):
    id = fields.UUID()
    seq = fields.Integer()
    kind = fields.String()
    amount = fields.Integer()
    balance = fields.Integer()
    application_id = fields.UUID(allow_none=True)
    corrects_id = fields.UUID(allow_none=True)
    at = fields.AwareDateTime()


class FundBookSchema(Schema):
    fund = fields.Nested(FundSchema)
    lines = fields.List(fields.Nested(FundLineSchema))
    closings = fields.List(fields.Nested(FundClosingSchema))
    requests = fields.List(fields.Nested(FundRequestSchema))
    faults = fields.List(fields.String())
