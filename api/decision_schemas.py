"""Shapes of first review, posting, hearing and decision in JSON. Money is 分."""

from marshmallow import Schema, fields, validate

from api.schemas import Strict
from portal.casework.decision import confirming, heard, letters, objections

_CODE = validate.Length(max=64)
_WORDS = validate.Length(max=500)
_MONEY = validate.Range(1, 10**10)
_RULES = fields.List(
    fields.String(validate=_CODE), load_default=list, validate=validate.Length(max=20),
    metadata={"description": "keys of the trace's rules"},
)  # fmt: skip


class OpinionInSchema(Strict):
    opinion = fields.String(required=True, validate=validate.OneOf(["fit", "unfit"]))
    category = fields.String(load_default="", validate=_CODE)
    amount = fields.Integer(
        load_default=None, strict=True, validate=_MONEY, metadata={"description": "分 a month"}
    )
    people = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, 30))
    sentence = fields.String(required=True, validate=_WORDS)
    basis = fields.String(load_default="", validate=_WORDS)
    rules = _RULES
    law = fields.String(load_default="", validate=_WORDS)


class DecisionInSchema(Strict):
    """approved needs category, people, recheck and, where money is paid, amount; denied needs
    rules or law; returned and aborted only the sentence."""

    kind = fields.String(
        required=True, validate=validate.OneOf(["approved", "denied", "returned", "aborted"])
    )
    category = fields.String(load_default="", validate=_CODE)
    amount = fields.Integer(load_default=None, strict=True, validate=_MONEY)
    people = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, 30))
    recheck = fields.String(load_default="", validate=validate.OneOf(["", *confirming.RECHECKS]))
    sentence = fields.String(required=True, validate=_WORDS)
    basis = fields.String(load_default="", validate=_WORDS)
    until = fields.Date(load_default=None)
    rules = _RULES
    law = fields.String(load_default="", validate=_WORDS)


class AdjustmentInSchema(Strict):
    """kept: amount as before or more; reduced, stopped: only after a hearing; graduating: until."""

    kind = fields.String(
        required=True, validate=validate.OneOf(["kept", "reduced", "stopped", "graduating"])
    )
    amount = fields.Integer(load_default=None, strict=True, validate=_MONEY)
    until = fields.Date(load_default=None)
    sentence = fields.String(required=True, validate=_WORDS)
    basis = fields.String(load_default="", validate=_WORDS)
    rules = _RULES
    law = fields.String(load_default="", validate=_WORDS)
    reply = fields.String(
        load_default="", validate=_WORDS,
        metadata={"description": "what is answered to what the person said"},
    )  # fmt: skip


class HearingInSchema(Strict):
    change = fields.String(required=True, validate=validate.OneOf(list(heard.CHANGES)))
    amount = fields.Integer(load_default=None, strict=True, validate=_MONEY)
    sentence = fields.String(required=True, validate=_WORDS)
    law = fields.String(required=True, validate=_WORDS)
    answer_by = fields.Date(required=True)


class StatementInSchema(Strict):
    how = fields.String(required=True, validate=validate.OneOf(["phone", "visit"]))
    day = fields.Date(required=True)
    who = fields.String(required=True, validate=_CODE)
    sentence = fields.String(required=True, validate=_WORDS)


class NotMetInSchema(Strict):
    day = fields.Date(required=True)
    staff = fields.List(
        fields.String(validate=_CODE), required=True, validate=validate.Length(2, 10)
    )
    sentence = fields.String(required=True, validate=_WORDS)


class CountyVisitInSchema(NotMetInSchema):
    """The county's own look at a file of kin of those in office."""


class ObjectionInSchema(Strict):
    how = fields.String(required=True, validate=validate.OneOf(list(objections.HOW)))
    sentence = fields.String(required=True, validate=_WORDS)
    told = fields.String(
        load_default="", validate=_WORDS, metadata={"description": "what the applicant reads"}
    )
    name = fields.String(load_default="", validate=_CODE)
    phone = fields.String(load_default="", validate=_CODE)


class ObjectionOutcomeInSchema(Strict):
    upheld = fields.Boolean(required=True)
    sentence = fields.String(required=True, validate=_WORDS)


class DeliveryInSchema(Strict):
    how = fields.String(required=True, validate=validate.OneOf(list(letters.BY_HAND)))
    day = fields.Date(required=True)
    sentence = fields.String(load_default="", validate=_WORDS)


class KinInSchema(Strict):
    sentence = fields.String(required=True, validate=_WORDS)


class DeathInSchema(Strict):
    member = fields.String(
        required=True, validate=_CODE, metadata={"description": "applicant, or the name"}
    )
    day = fields.Date(required=True)


class DecisionAnswerInSchema(Strict):
    sentence = fields.String(required=True, validate=_WORDS)


class DeskDecisionSchema(Schema):
    """As the desk's panel: figures, opinion, posting, objections, hearing, letters, may."""

    decision = fields.Dict(allow_none=True)


class DecisionMadeSchema(Schema):
    """No personal data; what was decided stands in the letter."""

    id = fields.UUID()
    kind = fields.String()
    year = fields.Integer()
    serial = fields.Integer()
    made_at = fields.AwareDateTime()


class DecisionToldSchema(Schema):
    """What the applicant is shown: hearing, notice, objections, letters."""

    decision = fields.Dict(allow_none=True)


class KinLineSchema(Schema):
    id = fields.UUID(attribute="application.id")
    reference_no = fields.String(attribute="application.reference_no")
    on_text = fields.String()
    sentence = fields.String()
    visited = fields.Boolean()
