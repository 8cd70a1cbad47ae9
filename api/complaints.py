"""举报投诉: anybody hands in, follows by a code; the county answers."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import g, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import applications as mine
from api import callers, idempotent
from api.context import SAFE, actor, maybe_actor, now, portal, session
from api.schemas import Strict
from portal.casework.talk import answering, complaints
from portal.casework.talk.tables import Complaint
from portal.filing.tables import Application
from portal.foundation.errors import NotFound
from portal.people.access import Role
from portal.people.tables import Account

blp = Blueprint("complaints", __name__, url_prefix="/api", description="举报投诉")

_CODE = validate.Length(max=64)


class ComplaintInSchema(Strict):
    topic = fields.String(required=True, validate=validate.OneOf(list(complaints.TOPICS)))
    against = fields.String(required=True, validate=validate.OneOf(list(complaints.AGAINST)))
    place = fields.String(
        load_default="", validate=_CODE, metadata={"description": "a county or below it"}
    )
    words = fields.String(required=True, validate=validate.Length(max=4000))
    phone = fields.String(
        load_default="", validate=_CODE, metadata={"description": "to be called back on"}
    )
    named = fields.Boolean(
        load_default=True, metadata={"description": "false: no trace of who wrote it"}
    )


class ComplaintHandedInSchema(Schema):
    code = fields.String(metadata={"description": "sixteen digits, told once: the answer is there"})
    due_on = fields.Date(metadata={"description": "our own target; the law counts no days"})


class ComplaintFollowedSchema(Schema):
    topic = fields.String()
    place = fields.String()
    created_at = fields.AwareDateTime()
    answered_at = fields.AwareDateTime(allow_none=True)
    answer = fields.String()
    escalated = fields.Boolean()
    clock = fields.Dict(allow_none=True)


class ComplaintListedSchema(Schema):
    id = fields.UUID()
    topic = fields.String()
    region_code = fields.String()
    created_at = fields.AwareDateTime()
    due_on = fields.Date()
    escalated_at = fields.AwareDateTime(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)


class ComplaintsWaitingSchema(Schema):
    open = fields.List(fields.Nested(ComplaintListedSchema))
    answered = fields.List(fields.Nested(ComplaintListedSchema))
    not_for_you = fields.Integer(metadata={"description": "about files this person handled"})


class ComplaintOpenedSchema(ComplaintFollowedSchema):
    id = fields.UUID()
    words = fields.String()
    phone = fields.String()
    application_id = fields.UUID(allow_none=True)


class ComplaintAnswerSchema(Strict):
    sentence = fields.String(required=True, validate=validate.Length(max=2000))


@blp.post("/complaints")
@blp.arguments(ComplaintInSchema)
@blp.response(201, ComplaintHandedInSchema)
def hand_in(wanted: dict[str, Any]) -> dict[str, Any]:
    """Needs no sign-in; signed in and `named`, the answer comes as a message as well."""
    return handed_in(wanted)


@blp.post("/applications/<uuid:application_id>/complaints")
@blp.arguments(ComplaintInSchema)
@blp.response(201, ComplaintHandedInSchema)
def about_mine(wanted: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """About how one's own file is dealt with: it goes past the office that has it."""
    return handed_in(wanted, about=mine.find(application_id))


@blp.get("/complaints/<string:code>")
@blp.response(200, ComplaintFollowedSchema)
def follow(code: str) -> dict[str, Any]:
    """The state and the answer; nothing of what was written. Raises NotFound."""
    return followed(code)


@blp.get("/office/complaints")
@blp.response(200, ComplaintsWaitingSchema)
def waiting() -> answering.Waiting:
    """What the county, or the prefecture, has to answer."""
    return answering.lists(session(), actor=actor())


@blp.get("/office/complaints/<uuid:complaint_id>")
@blp.response(200, ComplaintOpenedSchema)
def read(complaint_id: UUID) -> dict[str, Any]:
    """That it was read is recorded."""
    return opened(complaint_id)


@blp.post("/office/complaints/<uuid:complaint_id>/answers")
@blp.arguments(ComplaintAnswerSchema)
@blp.response(201, ComplaintOpenedSchema)
def answer(said: dict[str, str], complaint_id: UUID) -> dict[str, Any]:
    """In words, once."""
    found = answering.find(session(), complaint_id, actor=actor(), to_answer=True)
    complaints.answer(session(), found, said["sentence"], actor=actor(), now=now())
    return complaints.opened(session(), found, now=now())


def handed_in(
    wanted: dict[str, Any], about: Application | None = None, *, key: str | None = None
) -> dict[str, Any]:
    """{"code", "due_on"}; said again under its key, the same."""

    def act() -> idempotent.Told:
        made, code = complaints.hand_in(
            session(), complaints.Said(**wanted), about=about, account=_account(),
            device=callers.device(), network=callers.network(), now=now(),
        )  # fmt: skip
        return {"code": code, "due_on": made.due_on.isoformat()}, made.key_id

    said = {"about": about and about.id, **wanted}
    told = idempotent.anyones("complaint", said, act, key=key)
    return {**told, "due_on": date.fromisoformat(told["due_on"])}


def followed(code: str) -> dict[str, Any]:
    """A wrong code counts as a try."""
    try:
        found = complaints.follow(session(), code)
    except NotFound:
        _count_miss()
        raise
    return complaints.opened(session(), found, now=now())


def _count_miss() -> None:
    """A look has no writer of its own; a form has, and keeps what it counted."""
    if request.method in SAFE:
        with portal().database.writing() as short:
            complaints.count_miss(short, callers.device(), now=now())
    else:
        g.keeps = True
        complaints.count_miss(session(), callers.device(), now=now())


def opened(complaint_id: UUID) -> dict[str, Any]:
    """Recorded and committed before anything is shown."""
    with portal().database.writing() as short:
        found = answering.find(short, complaint_id, actor=actor())
        answering.note_reading(short, found, actor=actor(), now=now())
    return complaints.opened(session(), session().get_one(Complaint, complaint_id), now=now())


def _account() -> Account | None:
    who = maybe_actor()
    if who is None or who.role is not Role.APPLICANT or not who.proved:
        return None
    return session().get(Account, who.id)
