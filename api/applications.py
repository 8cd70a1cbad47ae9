"""/api/applications and everything below one application."""

from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from api import callers, schemas
from api.context import actor, now, portal, reader, session
from api.idempotent import once
from portal.casework import events, timeline
from portal.filing import applications, documents, forms, photo_check, signatures
from portal.filing.tables import Application, Document
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.handover import submission
from portal.people import consents
from portal.people.access import Role
from portal.people.tables import Account
from portal.policy.catalogue import Program

blp = Blueprint("applications", __name__, url_prefix="/api/applications", description="申请")


@blp.post("")
@once
@blp.arguments(schemas.StartSchema)
@blp.response(201, schemas.ApplicationSchema)
def start(wanted: dict[str, str]) -> Application:
    """Start a draft. One open application per program: a second is answered 409 already_open."""
    who = resident()
    program = portal().catalogue.find(wanted["program_id"])
    if applications.open_one(session(), who.id, program.id):
        raise Conflict("您已经有一份这样的申请，请先看那一份。", code="already_open")
    return applications.start(session(), program, account_id=who.id, actor=actor(), now=now())


@blp.get("")
@blp.response(200, schemas.ApplicationSchema(many=True))
def mine() -> list[Application]:
    return applications.mine(session(), resident().id)


@blp.get("/<uuid:application_id>")
@blp.response(200, schemas.ApplicationSchema)
def one(application_id: UUID) -> Application:
    return find(application_id)


@blp.delete("/<uuid:application_id>")
@blp.response(204)
def discard(application_id: UUID) -> None:
    """Throw a draft away; what was submitted is withdrawn instead."""
    applications.discard(session(), find(application_id), actor=actor(), now=now())


@blp.get("/<uuid:application_id>/answers")
@blp.response(200, schemas.AnswersSchema)
def answers(application_id: UUID) -> dict[str, Any]:
    return kept(find(application_id))


@blp.put("/<uuid:application_id>/answers")
@blp.arguments(schemas.AnswersInSchema)
@blp.response(200, schemas.AnswersSchema)
def save(body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Merged field by field; 409 names the fields that somebody else changed meanwhile."""
    application = find(application_id)
    applications.save_answers(
        session(), application, program_of(application), body["answers"],
        revision=body["revision"], actor=actor(), now=now(),
    )  # fmt: skip
    return kept(application)


@blp.get("/<uuid:application_id>/documents")
@blp.response(200, schemas.DocumentSchema(many=True))
def photos(application_id: UUID) -> list[Document]:
    return list(documents.of(session(), find(application_id)))


@blp.post("/<uuid:application_id>/documents")
@blp.response(201, schemas.DocumentSchema)
def add_photo(application_id: UUID) -> Document:
    """multipart: item, photo, digest (SHA-256 hex of the photo). The same photo twice is one."""
    found, item = check_photo(application_id)
    return keep_photo(application_id, found, item)


@blp.delete("/<uuid:application_id>/documents/<uuid:document_id>")
@blp.response(204)
def remove_photo(application_id: UUID, document_id: UUID) -> None:
    document = documents.find(session(), find(application_id), document_id)
    documents.remove(session(), document, actor=actor(), now=now())


@blp.get("/<uuid:application_id>/documents/<uuid:document_id>/<any(prepared, thumbnail):which>")
@blp.response(200, content_type="image/jpeg")
def photo(application_id: UUID, document_id: UUID, which: documents.Which) -> Response:
    """The prepared copy; never the bytes as sent."""
    document = documents.find(session(), find(application_id), document_id)
    data = documents.open_copy(session(), portal().blobs, document, which)
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return Response(data, content_type="image/jpeg", headers=headers)


@blp.get("/<uuid:application_id>/signatures")
@blp.response(200, schemas.SignerSchema(many=True))
def signers(application_id: UUID) -> list[signatures.Signer]:
    application = find(application_id)
    return signatures.needed(session(), application, program_of(application), now=now())


@blp.post("/<uuid:application_id>/signatures")
@blp.arguments(schemas.SignatureInSchema)
@blp.response(201, schemas.SignerSchema(many=True))
def sign(body: dict[str, Any], application_id: UUID) -> list[signatures.Signer]:
    """Sign, or have a code sent (method code without a code)."""
    application = find(application_id)
    sign_as(session(), application, body)
    return signatures.needed(session(), application, program_of(application), now=now())


@blp.post("/<uuid:application_id>/submission")
@blp.response(201, schemas.ReceiptSchema)
def submit(application_id: UUID) -> dict[str, Any]:
    """Hand in. Repeated, it answers with the same receipt."""
    application = find(application_id)
    receipt = submission.submit(
        session(), application, program_of(application), actor=actor(), now=now()
    )
    return {"receipt": receipt}


@blp.get("/<uuid:application_id>/submission")
@blp.response(200, schemas.ReceiptSchema)
def receipt(application_id: UUID) -> dict[str, Any]:
    return {"receipt": submission.receipt(session(), find(application_id))}


@blp.post("/<uuid:application_id>/withdrawal")
@blp.response(200, schemas.ApplicationSchema)
def withdraw(application_id: UUID) -> Application:
    application = find(application_id)
    events.withdraw(session(), application, actor=actor(), now=now())
    return application


@blp.get("/<uuid:application_id>/timeline")
@blp.response(200, schemas.TimelineSchema)
def story(application_id: UUID) -> dict[str, Any]:
    application = find(application_id)
    return {"timeline": timeline.timeline(session(), application, portal().catalogue, now=now())}


def resident() -> Account:
    """The signed-in resident's account, privacy notice read and consents given.

    Raises SignInNeeded, Forbidden for staff, or Forbidden consents_missing.
    """
    who = actor()
    if who.role is not Role.APPLICANT:
        raise Forbidden("请用申请人的账号登录。")
    account = reader().get_one(Account, who.id)
    if request.method != "GET" and consents.missing(reader(), account):
        raise Forbidden("请先看隐私说明并同意。", code="consents_missing")
    return account


def find(application_id: UUID) -> Application:
    """The resident's own application, locked when it is about to change."""
    resident()
    writes = request.method != "GET"
    return applications.find(session(), application_id, actor=actor(), lock=writes)


def program_of(application: Application) -> Program:
    return portal().catalogue.find(application.program_id)


def kept(application: Application) -> dict[str, Any]:
    """The answers, what is missing, and what is merely open."""
    program, found = program_of(application), applications.answers(session(), application)
    return {
        "revision": application.revision,
        "answers": found,
        "missing": forms.missing(program.form, found),
        "to_do": [f.name for f in forms.open_questions(program.form, found)],
    }


def check_photo(application_id: UUID) -> tuple[photo_check.Received, str]:
    """Read and check the upload before any writer waits for us."""
    who = actor()
    applications.find(reader(), application_id, actor=who)
    sent = request.files.get("photo")
    if sent is None:
        raise Invalid("没有收到照片。请再选一次。", fields={"photo": ["没有收到照片。"]})
    with sent.stream as stream:
        data = stream.read()
    received = photo_check.check(data, request.form.get("digest"))
    return received, request.form.get("item", documents.OTHER)


def keep_photo(application_id: UUID, received: photo_check.Received, item: str) -> Document:
    """On disk first, then in the database."""
    blob = documents.seal_and_store(reader(), portal().blobs, application_id, received)
    application = find(application_id)
    return documents.add(
        session(), application, program_of(application), item=item, received=received, blob=blob,
        actor=actor(), now=now(),
    )  # fmt: skip


def sign_as(open_session: Session, application: Application, body: dict[str, Any]) -> None:
    """One of the four ways to sign; raises Invalid when the way lacks what it needs."""
    if body["text_version"] != signatures.TEXT_VERSION:
        raise Conflict("授权书更新了。请重新看一遍再签。", code="consent_changed")
    program, signer, method = program_of(application), body["signer"], body["method"]
    common = (open_session, application, program, signer)
    if method == "screen":
        signatures.sign_on_screen(*common, body.get("strokes") or [], actor=actor(), now=now())
    elif method == "visit":
        signatures.sign_at_visit(*common, actor=actor(), now=now())
    elif method == "paper":
        document = documents.find(open_session, application, _needed(body, "document_id"))
        signatures.sign_on_paper(*common, document, actor=actor(), now=now())
    elif body.get("code"):
        phone = _needed(body, "phone")
        signatures.sign_by_code(*common, phone, body["code"], actor=actor(), now=now())
    else:
        phone = _needed(body, "phone")
        signatures.request_code(
            *common, phone, device=callers.device(), network=callers.network(), now=now()
        )


def _needed(body: dict[str, Any], name: str) -> Any:
    if name not in body:
        raise Invalid("还差一项。", fields={name: ["这一项要填。"]})
    return body[name]
