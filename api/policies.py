"""/api/policies: search over guides, rules and places. Public."""

from typing import Any, cast

from flask import current_app
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.context import portal, session
from api.schemas import Strict
from portal.policy import search as searching
from portal.policy.search import Answer, Index

blp = Blueprint("policies", __name__, url_prefix="/api/policies", description="政策搜索")

_LONGEST = 2000


class SearchSchema(Strict):
    q = fields.String(
        load_default="",
        validate=validate.Length(max=_LONGEST),
        metadata={
            "description": "everyday words, pinyin or its initials, a place; the first 100 "
            "characters count"
        },
    )


class FoundSentenceSchema(Schema):
    text = fields.String()
    kind = fields.String(metadata={"description": "summary guide rule document deadline"})
    source = fields.String(metadata={"description": "where it stands, when not in the text"})
    marks = fields.List(
        fields.List(fields.Integer()),
        metadata={"description": "[start, end) of what was found, in characters of `text`"},
    )


class FoundProgramSchema(Schema):
    id = fields.String(attribute="program.id")
    title = fields.String(attribute="program.title")
    short = fields.String(attribute="program.short")
    entry = fields.String(attribute="program.entry")
    sentences = fields.List(fields.Nested(FoundSentenceSchema))


class FoundPlaceSchema(Schema):
    code = fields.String()
    name = fields.String()
    level = fields.String()
    full_name = fields.String()


class SearchAnswerSchema(Schema):
    programs = fields.List(
        fields.Nested(FoundProgramSchema), metadata={"description": "likeliest first"}
    )
    places = fields.List(fields.Nested(FoundPlaceSchema))
    near = fields.Boolean(metadata={"description": "not as typed, but what comes near"})
    message = fields.String(metadata={"description": "for people, when nothing was found"})


@blp.get("/search")
@blp.arguments(SearchSchema, location="query")
@blp.response(200, SearchAnswerSchema)
def find(words: dict[str, Any]) -> Answer:
    """Programs with the sentence found, and places; an empty list and a sentence for nothing."""
    return index().search(words["q"])


def index() -> Index:
    """Made at the first search of this process; programs and places are read once a start."""
    if "search" not in current_app.extensions:
        current_app.extensions["search"] = Index(portal().catalogue, searching.places(session()))
    return cast(Index, current_app.extensions["search"])
