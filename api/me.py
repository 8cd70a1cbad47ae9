"""/api/me: what the portal holds about the person who asks, consents, number, proof."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import cookies
from api.auth import end_everywhere
from api.context import actor, maybe_actor, now, portal, session
from api.schemas import ApplicationSchema, Strict
from portal.casework.talk import bundle, own_copy
from portal.filing import applications
from portal.foundation.errors import Forbidden, Invalid
from portal.people import consents, sign_in, wechat
from portal.people.access import Role
from portal.people.tables import Account

blp = Blueprint("me", __name__, url_prefix="/api/me", description="我的信息")

_SHORT = validate.Length(max=64)


class GivenConsentSchema(Schema):
    kind = fields.String()
    version = fields.String()
    given_at = fields.AwareDateTime(allow_none=True)


class ConsentSchema(GivenConsentSchema):
    title = fields.String()
    agree = fields.String(metadata={"description": "the sentence agreed to"})
    parts = fields.List(
        fields.Tuple((fields.String(), fields.List(fields.String()))),
        metadata={"description": "[heading, [sentences]]"},
    )
    needed = fields.Boolean(metadata={"description": "nothing can be filled in without it"})


class MeSchema(Schema):
    id = fields.UUID()
    phone = fields.String(allow_none=True, metadata={"description": "masked"})
    wechat = fields.Boolean(metadata={"description": "a WeChat opens this account too"})
    created_at = fields.AwareDateTime()
    last_seen_at = fields.AwareDateTime()
    needs_proof = fields.Boolean(
        metadata={"description": "true: nothing of the files is shown before POST /api/me/proof"}
    )
    consents = fields.List(fields.Nested(GivenConsentSchema))
    applications = fields.List(fields.Nested(ApplicationSchema))


class ConsentsInSchema(Strict):
    """{kind: version read} gives, {kind: null} withdraws; kinds not named stay."""

    consents = fields.Dict(
        keys=fields.String(validate=_SHORT),
        values=fields.String(allow_none=True, validate=_SHORT),
        required=True,
    )


class ProofSchema(Strict):
    last_six = fields.String(required=True, validate=_SHORT)


class PhoneSchema(Strict):
    """`code` came to the new number; and `old_code` to the old one, or `last_six` instead; an
    account without a number needs neither."""

    phone = fields.String(required=True, validate=_SHORT)
    code = fields.String(required=True, validate=_SHORT)
    old_code = fields.String(validate=_SHORT)
    last_six = fields.String(validate=_SHORT)


@blp.get("")
@blp.response(200, MeSchema)
def held() -> dict[str, Any]:
    """What the portal holds about you."""
    return about(account())


@blp.get("/copy.zip")
@blp.response(200, content_type="application/zip")
def take_copy() -> Response:
    """Everything the portal holds of you, streamed: account, household, every file."""
    mine, who = account(), actor()
    made = own_copy.parts(session(), mine, portal().catalogue, portal().blobs, actor=who, now=now())
    with portal().database.writing() as short:
        own_copy.note(short, short.get_one(Account, mine.id), actor=who, now=now())
    answer = Response(bundle.stream(portal().database, made), content_type="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="jiuzhutong.zip"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blp.get("/consents")
@blp.response(200, ConsentSchema(many=True))
def read_consents() -> list[dict[str, Any]]:
    """The four texts, for everybody; `given_at` for who is signed in."""
    return texts(account() if maybe_actor() else None)


@blp.put("/consents")
@blp.arguments(ConsentsInSchema)
@blp.response(200, ConsentSchema(many=True))
def change_consents(wanted: dict[str, dict[str, str | None]]) -> list[dict[str, Any]]:
    """Give and withdraw, one by one."""
    mine, changes = account(), wanted["consents"]
    read = {kind: version for kind, version in changes.items() if version is not None}
    consents.give(session(), mine, read, versions=read, now=now())
    gone = [kind for kind, version in changes.items() if version is None]
    consents.withdraw(session(), mine, gone, now=now())
    return texts(mine)


@blp.post("/proof")
@blp.arguments(ProofSchema)
@blp.response(200, MeSchema)
def prove(wanted: dict[str, str]) -> dict[str, Any]:
    """After 180 days: the last six of the identity number in an own application."""
    mine = account()
    sign_in.prove_person(session(), mine, wanted["last_six"], own_numbers(mine), now=now())
    return about(mine)


@blp.post("/fresh-start")
@blp.response(204)
def start_afresh() -> None:
    """The number is new to its holder: the old account lets it go. Sign in again afterwards."""
    sign_in.start_afresh(session(), account(), now=now())
    cookies.drop()


@blp.put("/phone")
@blp.arguments(PhoneSchema)
@blp.response(204)
def change_phone(wanted: dict[str, str]) -> None:
    """Move to another number; signs out everywhere and tells the old number."""
    move_phone(wanted)
    cookies.drop()


@blp.delete("/sessions")
@blp.response(204)
def sign_out_everywhere() -> None:
    """All devices, with the next request."""
    end_everywhere()
    cookies.drop()


def account() -> Account:
    """The account of the resident signed in, proved or not. Raises SignInNeeded, Forbidden."""
    who = actor(unproved=True)
    if who.role is not Role.APPLICANT:
        raise Forbidden("请用申请人的账号登录。")
    return session().get_one(Account, who.id)


def about(mine: Account) -> dict[str, Any]:
    """Nothing of the files while the number has still to prove who holds it."""
    closed = sign_in.needs_proof(mine, now())
    number = None if mine.phone_sealed is None else sign_in.phone_of(session(), mine).masked
    return {
        "id": mine.id,
        "phone": number,
        "wechat": wechat.is_bound(session(), mine),
        "created_at": mine.created_at,
        "last_seen_at": mine.last_seen_at,
        "needs_proof": closed,
        "consents": [] if closed else texts(mine),
        "applications": [] if closed else applications.mine(session(), mine.id),
    }


def texts(mine: Account | None) -> list[dict[str, Any]]:
    """Every consent text, with when it was given."""
    given = consents.given(session(), mine) if mine is not None else {}
    return [
        {
            "kind": kind,
            "version": text.version,
            "title": text.title,
            "agree": text.agree,
            "parts": text.parts,
            "needed": kind in consents.NEEDED,
            "given_at": given.get(kind),
        }
        for kind, text in consents.TEXTS.items()
    ]


def own_numbers(mine: Account) -> list[str]:
    """The person's own identity numbers in the own applications, to compare with."""
    found = []
    for application in applications.mine(session(), mine.id):
        program = portal().catalogue.programs.get(application.program_id)
        if program is None or not applications.readable(session(), application):
            continue
        answers = applications.answers(session(), application)
        asked = (field.name for field in program.form.fields if field.kind == "id_number")
        found += [str(answers[name]) for name in asked if answers.get(name)]
    return found


def move_phone(wanted: dict[str, str]) -> None:
    """Both numbers proved by code, or the old one by the identity number instead; an account
    that has none yet needs the new one's only."""
    mine = account()
    codes = {"code": (wanted["phone"], wanted["code"])}
    if "last_six" in wanted:
        sign_in.prove_person(session(), mine, wanted["last_six"], own_numbers(mine), now=now())
    elif "old_code" in wanted and mine.phone_sealed is not None:
        codes["old_code"] = (sign_in.phone_of(session(), mine).value, wanted["old_code"])
    elif mine.phone_sealed is not None:
        raise Invalid("还要原号码的验证码。", fields={"old_code": ["请填原号码收到的验证码。"]})
    if sign_in.needs_proof(mine, now()):
        raise Forbidden("请先证明是您本人。", code="proof_needed")
    sign_in.prove_codes(session(), codes, purpose=f"phone:{mine.id}", now=now())
    sign_in.change_phone(session(), mine, wanted["phone"], now=now())
