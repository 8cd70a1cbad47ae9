"""/api/self-checks: what seems to fit a household, rule by rule. Public; nothing is stored."""

from datetime import date
from typing import Any, cast

import brotli
from flask import Response, current_app, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.context import now, portal
from api.schemas import Strict
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid, NotFound
from portal.policy import regions
from portal.policy.eligibility import proposing, questions
from portal.policy.eligibility.ready import Ready

blp = Blueprint("self_checks", __name__, url_prefix="/api/self-checks", description="政策自测")

_A_DAY = 86400
_MOST_KEPT = 400


class CheckInSchema(Strict):
    region = fields.String(
        load_default="",
        validate=validate.Length(max=12),
        metadata={"description": "division code; rules and amounts of its county"},
    )
    answers = fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(max=100),
        metadata={"description": 'as GET rules lists the questions; money is 分 or "unsure"'},
    )
    on = fields.Date(load_default=None, metadata={"description": "the day; today by default"})


class CheckSourceSchema(Schema):
    document = fields.String()
    article = fields.String()
    note = fields.String(metadata={"description": "what is not yet verified"})
    since = fields.String(metadata={"description": "the rule is of this day"})


class CheckRuleSchema(Schema):
    """One rule."""

    key = fields.String()
    title = fields.String()
    state = fields.String(
        metadata={"description": "holds · fails · unknown · office: the window checks"}
    )
    yours = fields.String(metadata={"description": "your figure"})
    line = fields.String(metadata={"description": "the local line"})
    source = fields.Nested(CheckSourceSchema)


class CheckTrackSchema(Schema):
    """One way into the program; all its rules together."""

    key = fields.String()
    title = fields.String()
    state = fields.String()
    tests = fields.List(fields.Nested(CheckRuleSchema))


class CheckMoneySchema(Schema):
    low = fields.Integer(allow_none=True, metadata={"description": "分 a month, at least"})
    high = fields.Integer(allow_none=True, metadata={"description": "null: nobody knows"})
    words = fields.String()


class CheckResultSchema(Schema):
    program = fields.String()
    title = fields.String()
    outcome = fields.String(
        metadata={"description": "may_fit does_not_seem_to cannot_tell covered_by"}
    )
    label = fields.String(metadata={"description": "as people read it"})
    by = fields.String(metadata={"description": "covered_by: which program"})
    to_check = fields.List(fields.String(), metadata={"description": "what the window checks"})
    tracks = fields.List(fields.Nested(CheckTrackSchema))
    amount = fields.Nested(CheckMoneySchema, allow_none=True)
    note = fields.String()
    disclaimer = fields.String()


class CheckStepSchema(Schema):
    label = fields.String()
    low = fields.Integer()
    high = fields.Integer()


class CheckAnswerSchema(Schema):
    on = fields.Date()
    results = fields.List(fields.Nested(CheckResultSchema))
    steps = fields.List(
        fields.Nested(CheckStepSchema),
        metadata={"description": "how the yearly income was counted, 分"},
    )
    ask = fields.List(
        fields.String(), metadata={"description": "unanswered questions that could change a result"}
    )
    proposed = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "program: tick elsewhere by_itself maybe covered unfit alone"},
    )


class RulesWhereSchema(Strict):
    region = fields.String(load_default="", validate=validate.Length(max=12))
    words = fields.Boolean(
        load_default=True,
        metadata={"description": "false: without labels and hints, for a page that shows them"},
    )


class CheckRulesSchema(Schema):
    """What static/shared/eligibility.js computes with."""

    place = fields.String()
    on = fields.Date()
    questions = fields.List(fields.Dict())
    programs = fields.List(fields.Dict())
    lines = fields.Dict()


@blp.post("")
@blp.arguments(CheckInSchema)
@blp.response(200, CheckAnswerSchema)
def check(wanted: dict[str, Any]) -> dict[str, Any]:
    """All programs for one household. Wrong answers are refused with a sentence each."""
    reading = questions.read(ready().questions, wanted["answers"])
    if reading.errors:
        raise Invalid("有几处要改一下。", fields=reading.errors)
    on = wanted["on"] or today()
    rules, judge = ready().at(county(wanted["region"]), on=on)
    found = judge(reading.facts)
    proposed = proposing.propose(rules, reading.facts, found["results"])
    return {"on": on, **found, "proposed": proposed}


@blp.get("/rules")
@blp.arguments(RulesWhereSchema, location="query")
@blp.response(200, CheckRulesSchema)
def rules(where: dict[str, Any]) -> Response:
    """The rules of one county today, to compute on the phone."""
    packed = _packed(county(where["region"]), words=where["words"])
    answer = Response(packed, content_type="application/json")
    if "br" in request.headers.get("Accept-Encoding", ""):
        answer.headers["Content-Encoding"] = "br"
    else:
        answer.set_data(brotli.decompress(answer.get_data()))
    answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = f"public, max-age={_A_DAY}"
    return answer


def _packed(path: str, *, words: bool) -> bytes:
    """The rules as JSON in the tightest brotli, made once a county and day."""
    kept = current_app.extensions.setdefault("eligibility_packed", {})
    rules = ready().at(path, on=today())[0]
    key = rules["place"], rules["on"], words
    if key not in kept:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        shown = rules if words else without_words(rules)
        kept[key] = brotli.compress(current_app.json.dumps(shown, separators=(",", ":")).encode())
    return cast(bytes, kept[key])


def without_words(rules: dict[str, Any]) -> dict[str, Any]:
    """The questions without what the page of the self-check says already."""
    asked = [{k: q[k] for k in q if k not in ("label", "hint")} for q in rules["questions"]]
    return {**rules, "questions": asked}


def ready() -> Ready:
    """Made at the first request of a process, then kept."""
    kept = current_app.extensions
    if "eligibility" not in kept:
        kept["eligibility"] = Ready(portal().catalogue)
    return cast(Ready, kept["eligibility"])


def today() -> date:
    return local_date(now())


def county(code: str) -> str:
    """The division's path, "" for none. Reads in its own short session: nothing is written.

    Raises Invalid for an unknown one.
    """
    if not code:
        return ""
    try:
        with portal().database.reading() as short:
            return regions.path(short, code)
    except NotFound as fault:
        raise Invalid("没有这个地方。请重新选择。", fields={"region": ["请重新选择。"]}) from fault
