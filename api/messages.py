"""Messages to a person, talk with the office about a file, how they want to be told; receipts of texts."""

from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import applications as mine
from api import me
from api.context import actor, now, portal, reader, session
from api.schemas import ErrorSchema, Strict
from portal.casework.talk import audio, thread
from portal.contact import inbox, receipts
from portal.contact.messages import STATES
from portal.contact.signing import is_signed
from portal.contact.templates import WORDS
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.errors import Invalid, SignInNeeded
from portal.people import access, choices
from portal.people.access import Act

blp = Blueprint("messages", __name__, url_prefix="/api", description="消息和留言")

_SHORT = validate.Length(max=64)


class InboxSchema(Schema):
    id = fields.UUID()
    title = fields.String()
    body = fields.String()
    application_id = fields.UUID(allow_none=True)
    created_at = fields.AwareDateTime()
    new = fields.Boolean()


class InboxSeenSchema(Strict):
    ids = fields.List(fields.UUID(), validate=validate.Length(max=200), load_default=None)


class ContactChoicesSchema(Schema):
    word = fields.String(metadata={"description": "begins every text; empty: none chosen"})
    second_phone = fields.Function(
        lambda row: row.second_phone.masked if row.second_phone else None,
        metadata={"type": ["string", "null"], "description": "masked"},
    )
    reminders = fields.Boolean(metadata={"description": "of drafts that wait"})
    words = fields.Function(lambda _row: list(WORDS), metadata={"description": "to choose from"})


class ContactChoicesInSchema(Strict):
    """What is left out stays as it is; an empty string takes it back."""

    word = fields.String(validate=_SHORT)
    second_phone = fields.String(validate=_SHORT)
    reminders = fields.Boolean()


class TalkLineSchema(Schema):
    id = fields.UUID()
    side = fields.String(metadata={"enum": ["resident", "office"]})
    mine = fields.Boolean()
    who = fields.String()
    text = fields.String()
    voice = fields.Boolean(metadata={"description": "GET …/messages/{id}/voice plays it"})
    seconds = fields.Integer(allow_none=True)
    at = fields.AwareDateTime()
    new = fields.Boolean()


class TalkSchema(Schema):
    messages = fields.List(fields.Nested(TalkLineSchema))
    clock = fields.Dict(
        allow_none=True, metadata={"description": "of the answer: our own target, and says so"}
    )


class ReceiptEntrySchema(Schema):
    """One entry of a pushed list."""

    out_id = fields.String(required=True, metadata={"description": "the id the text was sent with"})
    success = fields.Boolean(required=True)
    err_code = fields.String(required=True)


class ReceiptsTakenSchema(Schema):
    code = fields.Integer()
    msg = fields.String()


@blp.get("/messages")
@blp.response(200, InboxSchema(many=True))
def box() -> list[inbox.Read]:
    """Newest first. Looking does not mark them as seen."""
    return inbox.of(session(), mine.resident().id)


@blp.put("/messages/seen")
@blp.arguments(InboxSeenSchema)
@blp.response(204)
def mark_seen(wanted: dict[str, Any]) -> None:
    """These, or without `ids` all."""
    inbox.mark_read(session(), me.account().id, wanted["ids"], now=now())


@blp.get("/me/contact")
@blp.response(200, ContactChoicesSchema)
def contact() -> choices.Choices:
    """How this person wants to be told."""
    return choices.of(session(), me.account())


@blp.put("/me/contact")
@blp.arguments(ContactChoicesInSchema)
@blp.response(200, ContactChoicesSchema)
def choose(wanted: dict[str, Any]) -> choices.Choices:
    """The code word in our texts, a second number, reminders."""
    mine.resident()
    account = me.account()
    if "word" in wanted:
        choices.choose_word(session(), account, wanted["word"], now=now())
    if "second_phone" in wanted:
        choices.choose_second(session(), account, wanted["second_phone"], now=now())
    if "reminders" in wanted:
        choices.choose_reminders(session(), account, wanted["reminders"], now=now())
    return choices.of(session(), account)


@blp.get("/applications/<uuid:application_id>/messages")
@blp.response(200, TalkSchema)
def read(application_id: UUID) -> dict[str, Any]:
    """The talk with the office about one file, first to last; for a helper whose mandate names
    following, as all of this."""
    return talk(followed(application_id))


@blp.post("/applications/<uuid:application_id>/messages")
@blp.response(201, TalkSchema)
def write(application_id: UUID) -> dict[str, Any]:
    """multipart or form: `text` (500 characters), or `voice` (amr, m4a, aac, mp3, webm, ogg;
    a minute, 2 MB). The same Idempotency-Key again makes no second message."""
    mine.resident()
    spoken = stored(applications.find(reader(), application_id, actor=actor(), now=now()))
    application = followed(application_id)
    say(application, spoken)
    return talk(application)


@blp.get("/applications/<uuid:application_id>/messages/<uuid:message_id>/voice")
@blp.response(200, content_type="audio/mp4")
def voice(application_id: UUID, message_id: UUID) -> Response:
    """The recording, in the type it was sent; parts of it with a Range."""
    return played(followed(application_id), message_id)


@blp.post("/contact/receipts")
@blp.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": ReceiptEntrySchema(many=True)}},
    },
    parameters=[
        {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
        for name in ("X-Portal-Timestamp", "X-Portal-Signature")
    ],
)
@blp.response(200, ReceiptsTakenSchema)
@blp.alt_response(401, schema=ErrorSchema, description="not signed by the gateway")
@blp.alt_response(422, schema=ErrorSchema, description="not a list of receipts")
def take_receipts() -> dict[str, Any]:
    """What became of texts, pushed by the SMS gateway under the secret both know: hex
    HMAC-SHA256 of timestamp, full stop and body. Repeats are harmless."""
    body = request.get_data(cache=True)
    if not is_signed(portal().settings.sms_key, dict(request.headers), body, now=now()):
        raise SignInNeeded("签名不对。", code="signature")
    try:
        found = receipts.read(request.get_json(silent=True))
    except receipts.NotUnderstood as fault:
        raise Invalid("回执的格式不对。") from fault
    receipts.take(session(), found, now=now())
    return {"code": 0, "msg": "接收成功"}


def followed(application_id: UUID) -> Application:
    """Raises NotFound, Forbidden (out_of_scope) for a helper who may not follow it."""
    application = mine.find(application_id)
    access.check_act(actor(), Act.FOLLOW)
    return application


def stored(application: Application) -> tuple[UUID, tuple[audio.Voice, str] | None]:
    """The message's id, and what was spoken: checked and on disk before any writer waits."""
    message_id = _own_id()
    sent = request.files.get("voice")
    if sent is None or not sent.filename:
        return message_id, None
    with sent.stream as stream:
        found = audio.check(stream.read(audio.MOST_BYTES + 1))
    blob = thread.seal_and_store(reader(), portal().blobs, application, message_id, found)
    return message_id, (found, blob)


def say(
    application: Application, stored_message: tuple[UUID, tuple[audio.Voice, str] | None]
) -> None:
    message_id, spoken = stored_message
    thread.write(
        session(), application, message_id, text=request.form.get("text", "")[:2000],
        spoken=spoken, actor=actor(), now=now(),
    )  # fmt: skip


def talk(application: Application) -> dict[str, Any]:
    return {
        "messages": thread.lines(session(), application, actor=actor()),
        "clock": thread.clock(session(), application, now=now()),
    }


def played(application: Application, message_id: UUID) -> Response:
    message = thread.find(session(), application, message_id)
    data, kind = thread.open_voice(session(), portal().blobs, application, message)
    answer = Response(data, content_type=kind)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = "inline"
    answer.make_conditional(request, accept_ranges=True, complete_length=len(data))
    return answer


def state_text(state: str, fault: str | None) -> str:
    """As /dev/outbox says it."""
    return f"{STATES[state]}（{fault}）" if fault else STATES[state]


def _own_id() -> UUID:
    """One press makes one message, however often it arrives: whoever sends it names it."""
    key = request.headers.get("Idempotency-Key") or request.form.get("key", "")
    return uuid5(NAMESPACE_OID, f"{actor()} {request.path} {key[:128]}") if key else uuid4()
