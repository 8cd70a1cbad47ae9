"""/api/applications and everything below one application."""

from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from api import acting, schemas, sealed, sign_ways
from api.context import actor, now, portal, reader, session
from api.idempotent import once
from portal.casework import applicant, events
from portal.casework.talk import telling
from portal.filing import (
    applications,
    documents,
    forms,
    helping,
    masking,
    photo_check,
    shared_papers,
    sharing,
    sign_links,
    signatures,
)
from portal.filing.tables import Application, Document
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.handover import submission
from portal.people import access, consents, households, mandates
from portal.people.access import Act, Never, Role
from portal.people.tables import Account, Household
from portal.policy.catalogue import Program

blp = Blueprint("applications", __name__, url_prefix="/api/applications", description="申请")


@blp.post("")
@sealed.taken("mandate_id")
@once
@blp.arguments(schemas.StartSchema)
@blp.response(201, schemas.ApplicationSchema)
def start(wanted: dict[str, Any]) -> Application:
    """Start a draft. One open application per program: a second is answered 409 already_open."""
    who, own_id = resident(), wanted.get("id")
    program = portal().catalogue.find(wanted["program_id"])
    if own_id is not None and session().get(Application, own_id) is not None:
        return acting.find(session(), own_id)
    if "mandate_id" in wanted:
        mandate = mandates.find(session(), wanted["mandate_id"], actor=actor())
        return helping.start(
            session(), mandate, portal().catalogue, program, own_id=own_id, actor=actor(), now=now()
        )
    if applications.open_one(session(), who.id, program.id):
        raise Conflict("您已经有一份这样的申请，请先看那一份。", code="already_open")
    return sharing.start(
        session(),
        home_of(who),
        portal().catalogue,
        program,
        own_id=own_id,
        actor=actor(),
        now=now(),
    )


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
    sharing.save(
        session(), application, portal().catalogue, body["answers"],
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
    application, catalogue = find(application_id), portal().catalogue
    document = documents.find(session(), application, document_id)
    shared_papers.remove_photo(
        session(), application, document, catalogue, actor=actor(), now=now()
    )


@blp.get("/<uuid:application_id>/documents/<uuid:document_id>/<any(prepared, thumbnail):which>")
@blp.response(200, content_type="image/jpeg")
def photo(application_id: UUID, document_id: UUID, which: documents.Which) -> Response:
    """The prepared copy; never the bytes as sent."""
    document = documents.find(session(), find(application_id), document_id)
    data = documents.open_copy(session(), portal().blobs, document, which, actor=actor())
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
    sign_ways.sign_as(session(), application, program_of(application), body)
    return signatures.needed(session(), application, program_of(application), now=now())


@blp.delete("/<uuid:application_id>/signatures/<signer>")
@blp.response(204)
def unsign(application_id: UUID, signer: str) -> None:
    """Take a consent back; not for helpers."""
    application = find(application_id)
    program = program_of(application)
    shared_papers.withdraw_signature(
        session(), application, program, signer, actor=actor(), now=now()
    )


@blp.post("/<uuid:application_id>/signers/<signer>/links")
@blp.response(201, schemas.SignLinkSchema)
def send_link(application_id: UUID, signer: str) -> dict[str, Any]:
    """A link that opens this signer's page for 72 hours; the one before stops working."""
    application = find(application_id)
    program = program_of(application)
    token = sign_links.make(session(), application, program, signer, actor=actor(), now=now())
    url = f"{portal().settings.public_url}/sign/{token}"
    return {"url": url, "expires_at": now() + sign_links.STAYS}


@blp.post("/<uuid:application_id>/submission")
@blp.response(201, schemas.ReceiptSchema)
def submit(application_id: UUID) -> dict[str, Any]:
    """Hand in. Repeated, it answers with the same receipt."""
    application = find(application_id)
    receipt = submission.submit(
        session(), application, program_of(application), actor=actor(), now=now()
    )
    telling.submitted(session(), application, now=now())
    return {"receipt": receipt}


@blp.get("/<uuid:application_id>/submission")
@blp.response(200, schemas.ReceiptSchema)
def receipt(application_id: UUID) -> dict[str, Any]:
    application = find(application_id)
    access.check_act(actor(), Act.FOLLOW, Act.SUBMIT)
    return {"receipt": submission.receipt(session(), application)}


@blp.post("/<uuid:application_id>/withdrawal")
@blp.response(200, schemas.ApplicationSchema)
def withdraw(application_id: UUID) -> Application:
    application = find(application_id)
    access.refuse_helper(actor(), Never.WITHDRAW)
    events.withdraw(session(), application, actor=actor(), now=now())
    return application


@blp.get("/<uuid:application_id>/timeline")
@blp.response(200, schemas.TimelineSchema)
def story(application_id: UUID) -> dict[str, Any]:
    application = find(application_id)
    access.check_act(actor(), Act.FOLLOW)
    told = applicant.story(session(), application, portal().catalogue, actor=actor(), now=now())
    return {"timeline": told}


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


def home_of(account: Account) -> Household:
    """The only family of the account; else a new one."""
    homes = households.of_account(session(), account.id)
    if len(homes) == 1:
        return homes[0]
    return households.start(session(), account_id=account.id, actor=actor(), now=now())


def find(application_id: UUID) -> Application:
    """The resident's own application, or one they help with, locked when it is about to change.

    From here on `actor()` acts under the mandate, if there is one.
    """
    resident()
    return acting.find(session(), application_id, lock=request.method != "GET")


def program_of(application: Application) -> Program:
    """As the offices of its place carry it out."""
    return portal().catalogue.at(application.program_id, application.region_path)


def kept(application: Application) -> dict[str, Any]:
    """The answers, what is missing, and what is merely open."""
    program, found = program_of(application), applications.answers(session(), application)
    hidden = masking.masks(session(), application, actor=actor())
    return {
        "revision": application.revision,
        "answers": masking.masked(program.form, found) if hidden else found,
        "missing": forms.missing(program.form, found),
        "to_do": [f.name for f in forms.open_questions(program.form, found)],
    }


def check_photo(application_id: UUID) -> tuple[photo_check.Received, str]:
    """Read and check the upload before any writer waits for us."""
    acting.find(reader(), application_id)
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
    return shared_papers.add_photo(
        session(), application, portal().catalogue, item=item, received=received, blob=blob,
        actor=actor(), now=now(),
    )  # fmt: skip
