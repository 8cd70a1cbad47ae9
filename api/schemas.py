"""Shapes of the applications' JSON."""

from marshmallow import Schema, fields, validate

from portal.filing import documents, signatures

_CODE = validate.Length(max=64)


class Strict(Schema):
    """Unknown fields are refused, never ignored."""

    class Meta:
        unknown = "raise"
        ordered = True


class ErrorSchema(Schema):
    code = fields.String(metadata={"description": "for programs"})
    message = fields.String(metadata={"description": "plain Chinese, for people"})
    request_id = fields.UUID()
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        data_key="fields",
        attribute="fields",
    )


class StartSchema(Strict):
    """`mandate_id`: for the household this mandate is about, instead of oneself. `id`: made by a
    phone without a signal; started again with it, it is the same file."""

    id = fields.UUID()
    program_id = fields.String(required=True, validate=_CODE)
    mandate_id = fields.UUID()


class ApplicationSchema(Schema):
    """No personal data: what a list needs."""

    id = fields.UUID()
    reference_no = fields.String(metadata={"description": "ten digits, to say over the phone"})
    program_id = fields.String()
    status = fields.String()
    revision = fields.Integer()
    region_code = fields.String(allow_none=True)
    submission_no = fields.Integer()
    urgent = fields.Boolean()
    created_at = fields.AwareDateTime()
    filed_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)


class AnswersInSchema(Strict):
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**6))
    answers = fields.Dict(
        keys=fields.String(validate=_CODE), values=fields.Raw(allow_none=True), required=True
    )


class AnswersSchema(Schema):
    revision = fields.Integer()
    answers = fields.Dict(keys=fields.String(), values=fields.Raw())
    missing = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "the few indispensable answers still empty"},
    )
    to_do = fields.List(
        fields.String(), metadata={"description": "asked and not answered; never demanded"}
    )


class DocumentSchema(Schema):
    id = fields.UUID()
    item = fields.String()
    sent_digest = fields.String(metadata={"description": "SHA-256 of the bytes as sent, hex"})
    sent_size = fields.Integer(metadata={"description": "bytes"})
    state = fields.String(metadata={"description": "received · prepared · unreadable"})
    advice = fields.Function(
        documents.advice, metadata={"type": "array", "items": {"type": "string"}}
    )
    created_at = fields.AwareDateTime()


class UploadSchema(Schema):
    offset = fields.Integer(metadata={"description": "bytes safely here, from the first on"})
    document = fields.Nested(DocumentSchema, allow_none=True)


class SignerSchema(Schema):
    key = fields.String(metadata={"description": "applicant, or member:<row>"})
    name = fields.String()
    method = fields.Function(
        lambda row: row.signed.method if row.signed else None, metadata={"type": ["string", "null"]}
    )
    strength = fields.Function(
        lambda row: signatures.strength(row.signed) if row.signed else "",
        metadata={"type": "string"},
    )


class SignatureInSchema(Strict):
    """screen needs strokes; code needs phone and code (without code one is sent);
    paper needs document_id; visit needs nothing."""

    signer = fields.String(required=True, validate=_CODE)
    method = fields.String(
        required=True, validate=validate.OneOf(["screen", "code", "paper", "visit"])
    )
    text_version = fields.String(required=True, validate=_CODE)
    strokes = fields.List(fields.List(fields.List(fields.Integer(strict=True))))
    phone = fields.String(validate=_CODE)
    code = fields.String(validate=_CODE)
    document_id = fields.UUID()
    as_guardian = fields.Boolean(
        load_default=False, metadata={"description": "only under a guardian's mandate"}
    )


class SignLinkSchema(Schema):
    url = fields.String(metadata={"description": "opens one signer's page, without signing in"})
    expires_at = fields.AwareDateTime()


class StatusLookupSchema(Strict):
    reference_no = fields.String(required=True, validate=validate.Length(max=20))
    last_four = fields.String(required=True, validate=validate.Length(max=8))


class UrgentSchema(Strict):
    """「我现在就需要帮助」."""

    place = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    found_by = fields.String(required=True, validate=validate.Length(max=300))
    happened = fields.String(load_default="", validate=validate.Length(max=2000))
    needs = fields.List(fields.String(validate=_CODE), load_default=list)
    name = fields.String(load_default="", validate=validate.Length(max=60))


class ReceiptSchema(Schema):
    receipt = fields.Dict(metadata={"description": "signed with Ed25519; the same every time"})


class TimelineSchema(Schema):
    timeline = fields.Dict()


class StageSchema(Schema):
    """Nothing personal."""

    stage = fields.String()
    label = fields.String()
    whose_turn = fields.String()
    what = fields.String(metadata={"description": "the next step"})
    by_text = fields.String(metadata={"description": "its time limit in words, or empty"})


class UrgentAnswerSchema(Schema):
    reference_no = fields.String()
    receipt = fields.Dict()
