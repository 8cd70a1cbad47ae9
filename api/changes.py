"""/api/applications/{id}/…: what changed after the decision, 「still true?」, not to be shown."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.applications import find
from api.context import actor, now, session
from api.schemas import Strict
from portal.casework.after import changes, rechecks
from portal.casework.publicity import unlisting
from portal.people import access
from portal.people.access import Act

blp = Blueprint("changes", __name__, url_prefix="/api/applications", description="情况变化")

_AT = "/<uuid:application_id>"
_WORDS = validate.Length(max=2000)


class ChangeInSchema(Strict):
    kind = fields.String(required=True, validate=validate.OneOf(list(changes.KINDS)))
    sentence = fields.String(required=True, validate=_WORDS)


class RecheckInSchema(Strict):
    same = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(rechecks.QUESTIONS))),
        values=fields.Boolean(), load_default=None,
        metadata={"description": "every topic: true, as before; false, changed"},
    )  # fmt: skip
    how = fields.String(
        load_default="", validate=validate.OneOf(["", *rechecks.ANOTHER_WAY]),
        metadata={"description": "visit video phone, in place of answers"},
    )  # fmt: skip


class UnlistedInSchema(Strict):
    sentence = fields.String(required=True, validate=_WORDS)


class ChangeSchema(Schema):
    id = fields.UUID()
    kind = fields.String()
    title = fields.String()
    on_text = fields.String()
    sentence = fields.String()
    answer = fields.String()
    open = fields.Boolean()


class RecheckSchema(Schema):
    id = fields.UUID()
    due_on = fields.Date()
    due_text = fields.String()
    open_now = fields.Boolean()
    late = fields.Boolean()
    visit = fields.Boolean()


class AfterSchema(Schema):
    kinds = fields.Dict(metadata={"description": "what may be reported"})
    means = fields.Dict(metadata={"description": "what it may mean, said before"})
    reports = fields.List(fields.Nested(ChangeSchema))
    recheck = fields.Nested(RecheckSchema, allow_none=True)
    hidden = fields.Boolean(metadata={"description": "on no public board"})


@blp.get(f"{_AT}/changes")
@blp.response(200, AfterSchema)
def read(application_id: UUID) -> dict[str, Any]:
    return after(application_id)


@blp.post(f"{_AT}/changes")
@blp.arguments(ChangeInSchema)
@blp.response(201, AfterSchema)
def report(said: dict[str, str], application_id: UUID) -> dict[str, Any]:
    """It changes no money by itself: the township looks into it, and hears the person first."""
    reported(application_id, said["kind"], said["sentence"])
    return after(application_id)


@blp.post(f"{_AT}/rechecks")
@blp.arguments(RecheckInSchema)
@blp.response(201, AfterSchema)
def answer_recheck(said: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Answers for every topic, or another way to give them. No answer never stops money."""
    if said["how"]:
        asked_another_way(application_id, said["how"])
    else:
        answered(application_id, said["same"] or {})
    return after(application_id)


@blp.post(f"{_AT}/unlisted")
@blp.arguments(UnlistedInSchema)
@blp.response(201, AfterSchema)
def keep_off(said: dict[str, str], application_id: UUID) -> dict[str, Any]:
    """Hidden from every board at once; the office answers."""
    kept_off(application_id, said["sentence"])
    return after(application_id)


def after(application_id: UUID) -> dict[str, Any]:
    application = find(application_id)
    access.check_act(actor(), Act.FOLLOW)
    return {
        "kinds": changes.kinds(application),
        "means": changes.MEANS,
        "reports": changes.of(session(), application),
        "recheck": rechecks.shown(session(), application, now=now()),
        "hidden": unlisting.is_hidden(session(), application),
    }


def reported(application_id: UUID, kind: str, sentence: str) -> None:
    application = find(application_id)
    access.check_act(actor(), Act.FILL)
    changes.report(session(), application, kind, sentence, actor=actor(), now=now())


def answered(application_id: UUID, same: dict[str, bool]) -> None:
    application = find(application_id)
    access.check_act(actor(), Act.FILL)
    rechecks.answer(session(), application, same, actor=actor(), now=now())


def asked_another_way(application_id: UUID, how: str) -> None:
    application = find(application_id)
    access.check_act(actor(), Act.FILL)
    rechecks.ask_another_way(session(), application, how, actor=actor(), now=now())


def kept_off(application_id: UUID, sentence: str) -> None:
    application = find(application_id)
    access.check_act(actor(), Act.FILL)
    unlisting.ask(session(), application, sentence, actor=actor(), now=now())
