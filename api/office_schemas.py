"""Shapes of the desk's JSON."""

from marshmallow import Schema, fields, validate

from api.schemas import Strict
from portal.casework import filters, openings

_CODE = validate.Length(max=64)
_WORDS = validate.Length(max=200)


class OfficeWantedSchema(Strict):
    """Filters of the lists; empty ones do not count."""

    program = fields.String(load_default="", validate=_CODE)
    status = fields.String(load_default="", validate=_CODE)
    place = fields.String(load_default="", validate=_CODE)
    words = fields.String(
        load_default="", validate=_CODE,
        metadata={"description": "reference number, or the applicant's identity number"},
    )  # fmt: skip
    investigator = fields.UUID(load_default=None)
    urgent = fields.Boolean(load_default=False)
    late = fields.Boolean(load_default=False)
    mine = fields.Boolean(load_default=False)
    figure = fields.String(
        load_default="", validate=validate.OneOf(["", *sorted(filters.FIGURES)]),
        metadata={"description": "the files one of the figures counts"},
    )  # fmt: skip


class OfficeFileSchema(Schema):
    """No personal data."""

    id = fields.UUID()
    reference_no = fields.String()
    program_id = fields.String()
    status = fields.String()
    region_code = fields.String(allow_none=True)
    submission_no = fields.Integer()
    urgent = fields.Boolean()
    alert = fields.String(allow_none=True)
    filed_at = fields.AwareDateTime(allow_none=True)
    changed_at = fields.AwareDateTime()
    investigator_id = fields.UUID(allow_none=True)


class OfficeLineSchema(Schema):
    application = fields.Nested(OfficeFileSchema)
    with_me = fields.Boolean()
    with_colleague = fields.Boolean()
    late = fields.Boolean()
    transfers = fields.Integer()


class OfficeSectionSchema(Schema):
    key = fields.String()
    title = fields.String()
    duty = fields.String(metadata={"description": "for POST /api/office/next; may be empty"})
    lines = fields.List(fields.Nested(OfficeLineSchema))


class OfficeQueueSchema(Schema):
    alerts = fields.List(fields.Nested(OfficeLineSchema))
    sections = fields.List(fields.Nested(OfficeSectionSchema))
    counted = fields.Dict(keys=fields.String(), values=fields.Integer())
    undelivered = fields.Integer()
    oldest_undelivered = fields.AwareDateTime(allow_none=True)


class OfficeNextSchema(Strict):
    duty = fields.String(load_default="", validate=_CODE)


class OfficeTakenSchema(Schema):
    application = fields.Nested(OfficeFileSchema, allow_none=True)


class OfficeAnswerSchema(Schema):
    name = fields.String()
    label = fields.String()
    text = fields.String()


class OfficeRowSchema(OfficeAnswerSchema):
    masked = fields.Boolean()
    changed = fields.Boolean()
    people = fields.List(fields.List(fields.Nested(OfficeAnswerSchema)))


class OfficeTopicSchema(Schema):
    title = fields.String()
    rows = fields.List(fields.Nested(OfficeRowSchema))


class OfficePhotoSchema(Schema):
    id = fields.UUID()
    item = fields.String()
    title = fields.String()
    ready = fields.Boolean()
    advice = fields.List(fields.String())
    sent_text = fields.String()
    late = fields.Boolean()
    mark = fields.String(allow_none=True, metadata={"description": "accepted · retake · null"})


class OfficeSignedSchema(Schema):
    name = fields.String()
    who = fields.String()
    method = fields.String()
    strength = fields.String()
    when = fields.String()


class OfficeSheetSchema(Schema):
    version = fields.Integer()
    topics = fields.List(fields.Nested(OfficeTopicSchema))
    photos = fields.List(fields.Nested(OfficePhotoSchema))
    not_photographed = fields.List(fields.String())
    signed = fields.List(fields.Nested(OfficeSignedSchema))
    history = fields.List(fields.Dict())
    asked = fields.List(fields.Dict())
    same_household = fields.Integer()


class OfficePersonSchema(Schema):
    id = fields.UUID()
    name = fields.String(attribute="display_name")


class OfficeReadingSchema(Schema):
    file = fields.Nested(OfficeFileSchema)
    sheet = fields.Nested(OfficeSheetSchema)
    reader = fields.String(metadata={"description": "me · colleague · nobody"})
    transfers = fields.List(fields.Dict())
    superiors = fields.List(fields.Nested(OfficePersonSchema))
    investigators = fields.List(fields.Nested(OfficePersonSchema))


class OfficeReasonSchema(Strict):
    reason = fields.String(required=True, validate=validate.OneOf(list(openings.REASONS)))
    words = fields.String(load_default="", validate=_WORDS)


class OfficeWordsSchema(Strict):
    words = fields.String(required=True, validate=_WORDS)


class OfficeSentenceSchema(Strict):
    sentence = fields.String(required=True, validate=_WORDS)


class OfficeItemSchema(Strict):
    item = fields.String(required=True, validate=_CODE)
    sentence = fields.String(required=True, validate=_WORDS)


class OfficeReturnSchema(Strict):
    items = fields.List(
        fields.Nested(OfficeItemSchema), required=True, validate=validate.Length(max=30)
    )
    again = fields.String(load_default="", validate=_WORDS)
    superior = fields.UUID(load_default=None)


class OfficeDeclineSchema(Strict):
    reason = fields.String(required=True, validate=_CODE)
    sentence = fields.String(required=True, validate=_WORDS)


class OfficePlaceSchema(Strict):
    place = fields.String(required=True, validate=validate.Length(max=12))
    sentence = fields.String(required=True, validate=_WORDS)


class OfficeAlertSchema(Strict):
    name = fields.String(required=True, validate=validate.Length(max=60))
    sentence = fields.String(required=True, validate=_WORDS)


class OfficeAssignmentSchema(Strict):
    investigator = fields.UUID(required=True, allow_none=True)


class OfficeReaderSchema(Schema):
    at = fields.String()
    on_text = fields.String()
    office = fields.String()
    role = fields.String()
    what = fields.String()
    reason = fields.String()


class OfficeReadersSchema(Schema):
    readers = fields.List(fields.Nested(OfficeReaderSchema))


class OfficeCopySchema(Schema):
    order = fields.String(metadata={"description": "whose order of fields it is"})
    rows = fields.List(fields.Nested(OfficeAnswerSchema))


class OfficeExportSchema(Strict):
    applications = fields.List(
        fields.UUID(), required=True, validate=validate.Length(min=1, max=200)
    )
    format = fields.String(required=True, validate=validate.OneOf(["csv", "xlsx"]))
    reason = fields.String(required=True, validate=validate.OneOf(list(openings.REASONS)))
    words = fields.String(load_default="", validate=_WORDS)
    whole = fields.Boolean(load_default=False, metadata={"description": "numbers not masked"})
