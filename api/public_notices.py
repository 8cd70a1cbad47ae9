"""/api/public-notices: what hangs in a village now, and what anybody says against it. Public."""

from typing import Any
from uuid import UUID

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import callers, idempotent
from api.context import SAFE, now, portal, session
from api.schemas import Strict
from portal.casework.publicity import board, objecting
from portal.filing.tables import Application
from portal.foundation.errors import NotFound

blp = Blueprint("public_notices", __name__, url_prefix="/api/public-notices", description="公示")


class WhereSchema(Strict):
    region = fields.String(
        required=True, validate=validate.Length(max=12),
        metadata={"description": "a village or community; nothing wider is ever listed"},
    )  # fmt: skip
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


class PostingSchema(Schema):
    id = fields.UUID()
    kind = fields.String(metadata={"description": "review decision stop"})
    title = fields.String(metadata={"description": "the kind in words"})
    rows = fields.List(
        fields.Tuple((fields.String(), fields.String())),
        metadata={"description": "[label, words] of every field, in order"},
    )
    fields_ = fields.Dict(
        attribute="fields", data_key="fields", keys=fields.String(), values=fields.String(),
        metadata={"description": "name people village category amount from until phone"},
    )  # fmt: skip


class BoardSchema(Schema):
    region = fields.String(attribute="code")
    place = fields.String()
    page = fields.Integer(attribute="number")
    pages = fields.Integer()
    notices = fields.List(fields.Nested(PostingSchema), attribute="postings")


class PublicObjectionInSchema(Strict):
    sentence = fields.String(required=True, validate=validate.Length(max=2000))
    name = fields.String(load_default="", validate=validate.Length(max=200))
    phone = fields.String(load_default="", validate=validate.Length(max=200))


class PublicObjectionSchema(Schema):
    code = fields.String(metadata={"description": "sixteen digits, told once"})


class PublicObjectionFollowedSchema(Schema):
    states = fields.List(fields.String(), metadata={"description": "in words"})


@blp.after_request
def _unseen_by_searchers(answer: Response) -> Response:
    return unseen(answer)


@blp.get("")
@blp.arguments(WhereSchema, location="query")
@blp.response(200, BoardSchema)
def hanging(where: dict[str, Any]) -> board.Page:
    """A village's postings, twenty a page; gone when their period ends. Kept by nobody."""
    return page(where["region"], where["page"])


@blp.post("/<uuid:notice_id>/objections")
@blp.arguments(PublicObjectionInSchema)
@blp.response(201, PublicObjectionSchema)
def object_to(wanted: dict[str, str], notice_id: UUID) -> dict[str, Any]:
    """With or without a name; nobody signs in and nothing else of who writes is kept."""
    return objected(notice_id, wanted)


@blp.get("/objections/<string:code>")
@blp.response(200, PublicObjectionFollowedSchema)
def follow(code: str) -> dict[str, list[str]]:
    return {"states": followed(code)}


def page(region: str, number: int) -> board.Page:
    """Counted before it is looked for."""
    with portal().database.writing() as short:
        board.count_look(short, device=callers.device(), network=callers.network(), now=now())
    return board.page(session(), region, number, now=now())


def objected(notice_id: UUID, wanted: dict[str, str], *, key: str | None = None) -> dict[str, Any]:
    """{"code"}; said again under its key, the same."""

    def act() -> idempotent.Told:
        made, code = objecting.hand_in(
            session(), notice_id, objecting.Said(**wanted), device=callers.device(),
            network=callers.network(), now=now(),
        )  # fmt: skip
        return {"code": code}, session().get_one(Application, made.application_id).key_id

    return idempotent.anyones("objection", {"notice": notice_id, **wanted}, act, key=key)


def followed(code: str) -> list[str]:
    """A wrong code counts as a try; raises NotFound."""
    try:
        return objecting.follow(session(), code)
    except NotFound:
        _count_miss()
        raise


def unseen(answer: Response) -> Response:
    """No search engine lists it and nobody keeps it."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _count_miss() -> None:
    """A look has no writer of its own; a form has, and keeps what it counted."""
    if request.method in SAFE:
        with portal().database.writing() as short:
            objecting.count_miss(short, callers.device(), now=now())
    else:
        g.keeps = True
        objecting.count_miss(session(), callers.device(), now=now())
