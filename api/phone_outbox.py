"""What a phone kept while there was no signal, sent by its outbox: typed topics, merged field by
field. It lets go of a topic only when the signed receipt names the digest of what it sent."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import applications as api
from api import sealed, security
from api.context import actor, now, portal, session
from api.pages import answers, mine, steps, together, walking
from api.schemas import Strict
from portal.filing import applications, sharing
from portal.foundation.errors import Conflict, Invalid
from portal.handover import receipts
from portal.people import access
from portal.people.access import Act
from portal.policy.catalogue import Field

blp = Blueprint("phone_outbox", __name__, url_prefix="/api", description="手机上存着的")

_SHORT = validate.Length(max=64)
_MOST = validate.Length(max=2000)


class SignalSchema(Schema):
    csrf = fields.String(metadata={"description": "for pages kept without a signal"})
    seal = fields.String(
        metadata={"description": "base64: name (4 bytes) and P-256 point of the portal's key"}
    )


class TypedSchema(Strict):
    """`typed`: names and texts as in the form; `touched`: the questions somebody answered;
    `asked`: the digest (its beginning) of each as it was shown; `step`: the page's key;
    `looked`: somebody pressed its button; `back`: where the page goes on."""

    revision = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**53))
    typed = fields.List(
        fields.List(fields.String(), validate=validate.Length(equal=2)),
        required=True,
        validate=_MOST,
    )
    touched = fields.List(fields.String(validate=_SHORT), required=True, validate=_MOST)
    asked = fields.Dict(
        keys=fields.String(validate=_SHORT),
        values=fields.String(validate=_SHORT),
        load_default=dict,
    )
    step = fields.String(required=True, validate=_SHORT)
    looked = fields.Boolean(load_default=False)
    back = fields.String(load_default="", validate=_SHORT)


class TypedReceiptSchema(Schema):
    receipt = fields.Dict(
        metadata={"description": "signed; `digest`: SHA-256 of the body as sent, hex"}
    )
    revision = fields.Integer()
    changed = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "questions that are asked otherwise by now: ask them again"},
    )
    next = fields.String(metadata={"description": "the page that follows"})


@blp.get("/phone")
@blp.response(200, SignalSchema)
def look() -> dict[str, Any]:
    """Whether there is a signal; the token a form of this browser must send back."""
    return {"csrf": security.csrf_token(), "seal": sealed.key()}


@blp.put("/applications/<uuid:application_id>/typed")
@sealed.taken("revision")
@blp.arguments(TypedSchema)
@blp.response(200, TypedReceiptSchema)
def of_file(body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """A topic of one application. 409 says what stands in the other place; nothing is written.

    Also taken as application/vnd.portal.sealed, `revision` then in the query: see GET /api/phone.
    """
    application = api.find(application_id)
    program = api.program_of(application)
    own = [f for step in program.form.steps for f in mine.step_of(step).fields]
    asked, changed = _still_asked(own, body)
    before = applications.answers(session(), application)
    values = _values(asked, body, before)
    shown = next((step for step in program.form.steps if step.key == body["step"]), None)
    if shown is not None and body["looked"]:
        here = {f.name for f in mine.step_of(shown).fields} - set(body["touched"])
        values |= {name: before[name] for name in here if name in before}
    try:
        revision = sharing.save(
            session(), application, portal().catalogue, values, revision=body["revision"],
            actor=actor(), now=now(),
        )  # fmt: skip
    except Conflict as refused:
        kept = mine.answers(application, program)
        raise _in_words(refused, steps.other_words(tuple(own), kept, refused)) from refused
    onward = mine.at(application, "tasks")
    if shown is not None:
        onward = steps.onward(application, program, shown, before, scripted=True, back=body["back"])
    return _receipt(application.id, revision, changed, onward)


@blp.put("/households/<uuid:household_id>/typed")
@sealed.taken("revision")
@blp.arguments(TypedSchema)
@blp.response(200, TypedReceiptSchema)
def of_household(body: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """A topic of all drafts of one household, each question once."""
    walk = together.load(household_id)
    page = walk.page(body["step"])
    asked, changed = _still_asked(page.fields, body)
    before = walk.context(page)
    values = _values(asked, body, before)
    if body["looked"]:
        here = {f.name for f in page.fields} - set(body["touched"])
        values |= {name: before[name] for name in here if name in before}
    try:
        sharing.save_page(
            session(), walk.household, portal().catalogue, page, values,
            since=body["revision"], actor=actor(), now=now(),
        )  # fmt: skip
    except Conflict as refused:
        raise _in_words(refused, steps.other_words(page.fields, before, refused)) from refused
    after = together.of(walk.household)
    onward = walking.onward(after, page, before, scripted=True, back=body["back"])
    return _receipt(household_id, after.revision, changed, onward)


@blp.post("/applications/<uuid:application_id>/typed/opened")
@sealed.taken("revision")
@blp.arguments(TypedSchema)
@blp.response(200, TypedSchema)
def opened_of_file(body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """A topic the phone can no longer read, to be put right by who sealed it."""
    application = api.find(application_id)
    access.check_act(actor(), Act.FILL)
    if not mine.editable(application):
        raise Conflict("已经交了，不能改。请看办理进度。", code="handed_in")
    return body


@blp.post("/households/<uuid:household_id>/typed/opened")
@sealed.taken("revision")
@blp.arguments(TypedSchema)
@blp.response(200, TypedSchema)
def opened_of_household(body: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """A topic of the common walk, likewise."""
    together.load(household_id)
    access.check_act(actor(), Act.FILL)
    return body


def _still_asked(
    own: list[Field] | tuple[Field, ...], body: Mapping[str, Any]
) -> tuple[list[Field], dict[str, str]]:
    """The questions answered, in the form's order; and the labels of those whose words, kind or
    options are others by now. A question that is no more is not missed."""
    touched, shown = set(body["touched"]), body["asked"]
    asked = [f for f in own if f.name in touched]
    changed = {f.name: f.label for f in asked if not f.digest.startswith(shown.get(f.name, ""))}
    return [f for f in asked if f.name not in changed], changed


def _values(
    asked: list[Field], body: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """What was typed, as answers. Raises Invalid with a sentence a question."""
    raw = answers.typed((name, text) for name, text in body["typed"])
    reading = answers.read(asked, raw, before)
    if reading.errors:
        raise Invalid("有几处需要改一下。", fields=reading.errors)
    return reading.values


def _in_words(refused: Conflict, words: dict[str, list[str]]) -> Conflict:
    return Conflict(refused.message, code=refused.code, fields=words or refused.fields)


def _receipt(subject: UUID, revision: int, changed: dict[str, str], onward: str) -> dict[str, Any]:
    said = {
        "kind": "typed",
        "subject": str(subject),
        "digest": sha256(request.get_data(cache=True)).hexdigest(),
        "at": now().isoformat(),
    }
    given = receipts.signed(session(), "receipt", said)
    return {"receipt": given, "revision": revision, "changed": changed, "next": onward}
