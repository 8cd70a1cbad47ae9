"""What a phone kept while there was no signal, sent by its outbox: typed topics, merged field by
field. It lets go of a topic only when the signed receipt names the digest of what it sent."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import applications as api
from api import cookies, roster, sealed, security, sign_offline
from api.context import actor, maybe_actor, now, portal, reader, session
from api.pages import answers, mine, steps, together, walking
from api.schemas import Strict
from portal.filing import applications, sharing
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.handover import receipts
from portal.people import access, rosters
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
    own = fields.List(
        fields.String(),
        metadata={
            "description": "marks of earlier accounts that are the person's who is signed in"
        },
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


class SignedSchema(Strict):
    """`signer`: applicant, member:<row>, or mandate for the helper's; `version`: of the text read;
    `at`: when, by the phone's clock; `name`: the signer's, as it was shown."""

    signer = fields.String(required=True, validate=_SHORT)
    name = fields.String(load_default="", validate=_SHORT)
    version = fields.String(required=True, validate=_SHORT)
    strokes = fields.List(
        fields.List(fields.List(fields.Integer(strict=True))),
        required=True,
        validate=validate.Length(min=1),
    )
    at = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, 2**53),
        metadata={"description": "milliseconds since 1970"},
    )
    revision = fields.Integer(load_default=0, metadata={"description": "not looked at"})


class SignedReceiptSchema(Schema):
    receipt = fields.Dict(
        metadata={"description": "signed; `digest`: SHA-256 of the body as sent, hex"}
    )
    revision = fields.Integer()
    changed = fields.Dict(metadata={"description": "empty"})
    again = fields.List(
        fields.List(fields.String(), validate=validate.Length(equal=2)),
        metadata={
            "description": "address and sentence: who has to sign again, for it cannot stand"
        },
    )


@blp.get("/phone")
@blp.response(200, SignalSchema)
def look() -> dict[str, Any]:
    """Whether there is a signal; the token a form of this browser must send back."""
    who = maybe_actor()
    own = cookies.earlier_marks(reader(), who.id) if who else []
    return {"csrf": security.csrf_token(), "seal": sealed.key(), "own": own}


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
    if walk.granted and set(body["touched"]) == {sharing.RECOGNISED}:
        # Known by now, so its page is gone: nothing to ask again.
        return _receipt(household_id, walk.revision, {}, together.at(walk, "tasks"))
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


@blp.put("/applications/<uuid:application_id>/signed")
@sealed.taken("revision")
@blp.arguments(SignedSchema)
@blp.response(200, SignedReceiptSchema)
def of_hand(body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """What somebody signed on this phone without a signal; twice is once.

    What cannot stand (other words by now, another name, nobody asked) is dropped and holds up
    nothing.
    """
    application = api.find(application_id)
    access.check_act(actor(), Act.FILL)
    again = sign_offline.taken(application, api.program_of(application), body)
    said = _receipt(application.id, application.revision, {}, "", kind="signed")
    return said | {"again": again}


@blp.put("/roster/households/<uuid:entry_id>/typed")
@sealed.taken("revision")
@blp.arguments(TypedSchema)
@blp.response(200, TypedReceiptSchema)
def of_round(body: dict[str, Any], entry_id: UUID) -> dict[str, Any]:
    """A visit an assistant made without a signal: `typed` is [["on", the day]].

    A phone's clock may be wrong: never later than today, nor longer ago than a visit may be told.
    A household that is on the roster no more has no place for it; the phone lets go all the same.
    """
    today = local_date(now())
    day = _day(dict(body["typed"]).get("on", ""))
    with suppress(NotFound):
        roster.visited(entry_id, max(min(day, today), today - rosters.LONGEST_AGO))
    return _receipt(entry_id, 0, {}, "/roster")


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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise Invalid("请写是哪一天。", fields={"on": ["请写是哪一天。"]}) from fault


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


def _receipt(
    subject: UUID, revision: int, changed: dict[str, str], onward: str, *, kind: str = "typed"
) -> dict[str, Any]:
    said = {
        "kind": kind,
        "subject": str(subject),
        "digest": sha256(request.get_data(cache=True)).hexdigest(),
        "at": now().isoformat(),
    }
    given = receipts.signed(session(), "receipt", said)
    return {"receipt": given, "revision": revision, "changed": changed, "next": onward}
