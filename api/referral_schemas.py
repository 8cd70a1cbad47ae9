"""Shapes of the JSON of referrals and of the consents they need."""

from marshmallow import Schema, fields, validate

from api.schemas import Strict
from portal.casework.referral import consents, referrals
from portal.casework.said import RESULTS

_WORDS = validate.Length(max=200)
_NAME = validate.Length(max=64)


class ReferralInSchema(Strict):
    """`fields`: answers of the file that go along; `typed`: answers the clerk writes down."""

    program_id = fields.String(required=True, validate=_NAME)
    sentence = fields.String(required=True, validate=_WORDS)
    fields_ = fields.List(
        fields.String(validate=_NAME), load_default=list, data_key="fields", attribute="fields"
    )
    typed = fields.Dict(
        keys=fields.String(validate=_NAME),
        values=fields.String(validate=validate.Length(max=500)),
        load_default=dict,
    )
    due_on = fields.Date(load_default=None)
    due_basis = fields.String(load_default="", validate=validate.OneOf(["", *referrals.BASES]))
    whole = fields.Boolean(load_default=False)
    on_paper = fields.Boolean(load_default=False)


class HouseholdReferralSchema(ReferralInSchema):
    agreed_how = fields.String(load_default="", validate=_NAME)


class SentReferralSchema(Schema):
    """No personal data."""

    id = fields.UUID()
    program_id = fields.String()
    department = fields.String()
    state = fields.String()
    from_region_code = fields.String()
    on_paper = fields.Boolean()
    bounces = fields.Integer()
    due_on = fields.Date(allow_none=True)
    made_at = fields.AwareDateTime()
    received_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)


class ReferralSheetSchema(Schema):
    """All a department reads."""

    referral = fields.Nested(SentReferralSchema)
    number = fields.String()
    title = fields.String()
    sent_from = fields.String()
    sentence = fields.String()
    fields_ = fields.List(fields.Dict(), data_key="fields", attribute="fields")
    statuses = fields.List(fields.Dict())
    steps = fields.Function(
        lambda sheet: [
            {"kind": s.row.kind, "at": s.row.at.isoformat(), "said": dict(s.said)}
            for s in sheet.steps
        ],
        metadata={"type": "array", "items": {"type": "object"}},
    )


class ReferralResultSchema(Strict):
    result = fields.String(required=True, validate=validate.OneOf(list(RESULTS)))
    sentence = fields.String(required=True, validate=_WORDS)


class ReferralSentenceSchema(Strict):
    sentence = fields.String(required=True, validate=_WORDS)


class ConsentAskSchema(Strict):
    program_id = fields.String(required=True, validate=_NAME)
    fields_ = fields.List(
        fields.String(validate=_NAME), required=True, data_key="fields", attribute="fields"
    )
    sentence = fields.String(required=True, validate=_WORDS)


class ConsentRecordSchema(Strict):
    program_id = fields.String(required=True, validate=_NAME)
    fields_ = fields.List(
        fields.String(validate=_NAME), required=True, data_key="fields", attribute="fields"
    )
    how = fields.String(
        required=True, validate=validate.OneOf([h for h in consents.HOW if h != "portal"])
    )
    agrees = fields.Boolean(required=True)


class ConsentAnswerSchema(Strict):
    agrees = fields.Boolean(required=True)


class ReferralConsentSchema(Schema):
    id = fields.UUID()
    program_id = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    state = fields.String(metadata={"description": "asked · agreed · declined · withdrawn"})
    asked_at = fields.AwareDateTime()
    answered_at = fields.AwareDateTime(allow_none=True)


class ReferralQuestionSchema(Schema):
    """What the person reads before she answers."""

    id = fields.UUID()
    receiver = fields.String()
    sentence = fields.String()
    labels = fields.List(fields.String())
    state = fields.String()
    state_text = fields.String()
    may_answer = fields.Boolean()
    may_take_back = fields.Boolean()
