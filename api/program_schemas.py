"""What /api/programs says: a program as data, every claim with its source."""

from typing import Any

from marshmallow import Schema, fields, validate

from api.schemas import Strict


class WhereSchema(Strict):
    region = fields.String(
        load_default="",
        validate=validate.Length(max=12),
        metadata={
            "description": "division code, 6 to 12 digits; amounts and deadlines of that place"
        },
    )


class SourceSchema(Schema):
    """Where a rule stands."""

    document = fields.String(metadata={"description": "name of the law or document"})
    article = fields.String()
    number = fields.String(metadata={"description": "文号"})
    date = fields.String(
        metadata={"description": "in force or published since: day, month or year"}
    )
    confidence = fields.String(
        metadata={
            "description": "V whole text read · S official reply · P excerpt or news · M memory · D ours"
        }
    )
    note = fields.String(metadata={"description": "what is not yet verified, in Chinese"})


class OptionSchema(Schema):
    value = fields.String()
    label = fields.String()


class FieldSchema(Schema):
    """One question; the shape of its answer follows from `kind`."""

    name = fields.String()
    kind = fields.String(
        metadata={
            "description": "text count money date choice choices yes_no id_number phone place people "
            'consent. money is 分 or "unsure"; place is {code, address}; people is a list of rows'
        }
    )
    label = fields.String()
    hint = fields.String()
    options = fields.List(fields.Nested(OptionSchema))
    indispensable = fields.Boolean(metadata={"description": "without it nobody can help"})
    unless = fields.String(
        metadata={"description": "another field whose answer serves as well; empty when none"}
    )
    when = fields.Dict(
        allow_none=True,
        metadata={
            "description": "asked only when this holds; semantics: static/shared/conditions.js"
        },
    )
    fields_ = fields.List(
        fields.Nested(lambda: FieldSchema()),
        data_key="fields",
        attribute="fields",
        metadata={"description": "of each person, for kind people"},
    )
    item_no = fields.Integer(allow_none=True, metadata={"description": "1 to 17 on our form"})
    most = fields.Integer(allow_none=True, metadata={"description": "characters, or people"})
    digest = fields.String(metadata={"description": "of the question as asked"})


class StepSchema(Schema):
    key = fields.String()
    title = fields.String()
    lead = fields.String()
    fields_ = fields.List(fields.Nested(FieldSchema), data_key="fields", attribute="fields")


class FormSchema(Schema):
    digest = fields.String()
    steps = fields.List(fields.Nested(StepSchema))


class DocumentRuleSchema(Schema):
    item = fields.String()
    title = fields.String()
    hint = fields.String()
    need = fields.String(
        metadata={
            "description": "helpful: asked for, never blocking · shared: the office looks it up"
        }
    )
    when = fields.Dict(allow_none=True)
    source = fields.Nested(SourceSchema)


class DeadlineSchema(Schema):
    step = fields.String()
    title = fields.String()
    days = fields.Integer(
        allow_none=True, metadata={"description": "how many of `unit`; null: nobody published one"}
    )
    unit = fields.String(metadata={"description": "hour day workday month"})
    counted_from = fields.String()
    kind = fields.String(metadata={"description": "limit: at the latest · duration: at least"})
    region = fields.String(metadata={"description": "only there; empty: everywhere"})
    source = fields.Nested(SourceSchema)


class SentenceSchema(Schema):
    """One sentence of the rules."""

    text = fields.String()
    region = fields.String(metadata={"description": "only there; empty: everywhere"})
    source = fields.Nested(SourceSchema)


def _rules() -> Any:
    return fields.List(fields.Nested(SentenceSchema))


class HouseholdSchema(Schema):
    """共同生活的家庭成员."""

    counted = _rules()
    not_counted = _rules()
    single = fields.List(
        fields.Nested(SentenceSchema), metadata={"description": "who may apply alone (单人户)"}
    )


class IncomeSchema(Schema):
    counted = _rules()
    exempt = _rules()
    deducted = _rules()


class MoveSchema(Schema):
    """One step of the procedure."""

    step = fields.String()
    title = fields.String()
    actor = fields.String(
        metadata={
            "description": "applicant village township county department school hospital "
            "station charity"
        }
    )
    deadlines = fields.List(
        fields.String(), metadata={"description": "`step` of the deadlines that time it"}
    )
    region = fields.String()
    source = fields.Nested(SourceSchema)


class TrackSchema(Schema):
    """One kind of a program that has several (临时救助)."""

    key = fields.String()
    title = fields.String()
    short = fields.String()
    who = _rules()
    procedure = fields.List(fields.Nested(MoveSchema))
    benefit = _rules()


class CounterSchema(Schema):
    """Whom to turn to."""

    name = fields.String()
    say = fields.String()
    phone = fields.String()
    source = fields.Nested(SourceSchema)


class ReferralSchema(Schema):
    to = fields.String()
    fields_ = fields.List(
        fields.String(),
        data_key="fields",
        attribute="fields",
        metadata={"description": "the only answers that travel"},
    )
    consent = fields.String(
        metadata={"description": "a consent of its own without which nothing travels"}
    )
    source = fields.Nested(SourceSchema)


class AutomaticSchema(Schema):
    """Who gets it without applying."""

    when = fields.Dict()
    text = fields.String()
    source = fields.Nested(SourceSchema)


class AmountSchema(Schema):
    region = fields.String(metadata={"description": "the division that set it"})
    area = fields.String(metadata={"description": "urban rural all"})
    item = fields.String()
    value = fields.Integer(
        allow_none=True, metadata={"description": "分; null: unknown, the office's rule counts"}
    )
    period = fields.String(metadata={"description": "month year once"})
    kind = fields.String(metadata={"description": "guide_min: province's minimum · local"})
    since = fields.String()
    words = fields.String(
        metadata={"description": "as to be shown; says when it may be out of date"}
    )
    source = fields.Nested(SourceSchema)


class ProgramSchema(Schema):
    id = fields.String()
    title = fields.String()
    short = fields.String()
    summary = fields.String()
    department = fields.String(metadata={"description": "the office in charge"})
    entry = fields.String(
        metadata={
            "description": "where one applies: here · here_or_housing · emergency_place · and, "
            "without a form: school · hospital · rescue_station · automatic"
        }
    )
    has_form = fields.Boolean(metadata={"description": "whether one can apply in this portal"})
    travels_alone = fields.Boolean(
        metadata={"description": "goes to others than offices: never filed along with anything"}
    )
    review_by = fields.Date(metadata={"description": "the guide is out of date after this day"})
    version = fields.Date()
    amounts = fields.List(fields.Nested(AmountSchema))


class WholeProgramSchema(ProgramSchema):
    routing = fields.String(metadata={"description": "the field whose place receives the file"})
    routing_why = fields.String()
    form_note = fields.String(metadata={"description": "the form's own standing"})
    guide = fields.String(metadata={"description": "## headings, paragraphs, - lists"})
    form = fields.Nested(FormSchema)
    documents = fields.List(fields.Nested(DocumentRuleSchema))
    deadlines = fields.List(fields.Nested(DeadlineSchema))
    sources = fields.List(fields.Nested(SourceSchema))
    who_may_apply = _rules()
    household = fields.Nested(HouseholdSchema)
    income = fields.Nested(IncomeSchema)
    tracks = fields.List(fields.Nested(TrackSchema))
    procedure = fields.List(fields.Nested(MoveSchema))
    benefit = _rules()
    afterwards = _rules()
    remedies = _rules()
    go_to = fields.List(fields.Nested(CounterSchema))
    referral = fields.Nested(ReferralSchema, allow_none=True)
    automatic = fields.Nested(AutomaticSchema, allow_none=True)
