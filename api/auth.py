"""/api/auth: codes by text, sessions of residents and of staff."""

from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from api import callers, cookies, known_device, tokens
from api.context import actor, now, reader, session
from api.schemas import Strict
from portal.filing import applications
from portal.foundation.errors import Conflict, Forbidden
from portal.people import appointments, consents, mandates, sign_in, staff
from portal.people.access import Role
from portal.people.codes import PAUSE, VALID
from portal.people.tables import Account, Staff

blp = Blueprint("auth", __name__, url_prefix="/api/auth", description="登录")

_SHORT = validate.Length(max=64)
_TOKEN = validate.Length(max=256)


class CodeRequestSchema(Strict):
    """`change_phone` and `leave_phone` need a session: a code to the new number, and one to the
    number the account has now, which is not named."""

    phone = fields.String(load_default="", validate=_SHORT)
    purpose = fields.String(
        load_default="sign_in",
        validate=validate.OneOf(["sign_in", "change_phone", "leave_phone"]),
    )
    device = fields.String(load_default="", validate=_SHORT)


class CodeSentSchema(Strict):
    valid_seconds = fields.Integer()
    again_after_seconds = fields.Integer()


class SignInSchema(Strict):
    phone = fields.String(required=True, validate=_SHORT)
    code = fields.String(required=True, validate=_SHORT)


class RefreshSchema(Strict):
    refresh_token = fields.String(required=True, validate=_TOKEN)


class StaffSignInSchema(Strict):
    username = fields.String(required=True, validate=_SHORT)
    password = fields.String(required=True, validate=_TOKEN)
    totp = fields.String(required=True, validate=_SHORT)


class SessionSchema(Strict):
    """Tokens for programs; browsers get cookies from the pages instead."""

    access_token = fields.String()
    token_type = fields.String(metadata={"description": "Bearer"})
    expires_in = fields.Integer(metadata={"description": "seconds"})
    refresh_token = fields.String(metadata={"description": "changes with every use"})
    needs_proof = fields.Boolean(metadata={"description": "see POST /api/me/proof"})
    factor_needed = fields.Boolean(
        metadata={"description": "an assistant on a new device: see POST /api/roster/devices"}
    )
    consents_missing = fields.List(fields.String())


@blp.post("/sms-codes")
@blp.arguments(CodeRequestSchema)
@blp.response(202, CodeSentSchema)
def send_code(wanted: dict[str, str]) -> dict[str, int]:
    """Send six digits to a phone. The same answer whether or not the number has an account."""
    purpose, phone = wanted["purpose"], wanted["phone"]
    if purpose != "sign_in":
        account = _resident()
        phone = _own_phone(account) if purpose == "leave_phone" else phone
        if purpose == "change_phone":
            sign_in.check_new_number(reader(), account, phone)
        purpose = f"phone:{account.id}"
    device = wanted["device"] or callers.device()
    network = callers.network()
    sign_in.request_code(
        session(), phone, purpose=purpose, device=device, network=network, now=now()
    )
    return {
        "valid_seconds": int(VALID.total_seconds()),
        "again_after_seconds": int(PAUSE.total_seconds()),
    }


@blp.post("/sessions")
@blp.arguments(SignInSchema)
@blp.response(201, SessionSchema)
def begin(wanted: dict[str, str]) -> dict[str, Any]:
    """Sign in with phone and code; the first time opens the account."""
    account = enter(wanted["phone"], wanted["code"])
    return told(account, sign_in.issue(session(), account=account, now=now()))


@blp.post("/sessions/refresh")
@blp.arguments(RefreshSchema)
@blp.response(200, SessionSchema)
def refresh(wanted: dict[str, str]) -> dict[str, Any]:
    """The next pair of tokens. For 30 seconds the old token gives the same answer again."""
    owner, successor = sign_in.rotate(session(), wanted["refresh_token"], now=now())
    return told(owner, successor)


@blp.delete("/sessions/current")
@blp.response(204)
def end() -> None:
    """Sign out, at once. A browser's cookies, or the session of `X-Refresh-Token`; with
    neither, every session of this person."""
    token = request.headers.get("X-Refresh-Token", "")
    if token:
        sign_in.end(session(), token[:256], now=now())
    elif "Authorization" in request.headers:
        end_everywhere()
    else:
        cookies.sign_out_browser(session())


@blp.post("/staff-sessions")
@blp.arguments(StaffSignInSchema)
@blp.response(201, SessionSchema)
def begin_staff(wanted: dict[str, str]) -> dict[str, Any]:
    """Sign in to the desk: password and second factor. Twelve hours at most."""
    member = staff.prove(
        session(), wanted["username"], wanted["password"], wanted["totp"],
        network=callers.network(), now=now(),
    )  # fmt: skip
    return told(member, sign_in.issue(session(), staff=member, now=now()))


def _resident() -> Account:
    """Raises SignInNeeded, Forbidden for staff."""
    account = reader().get(Account, actor(unproved=True).id)
    if account is None:
        raise Forbidden("请用申请人的账号登录。")
    return account


def _own_phone(account: Account) -> str:
    """Raises Conflict for an account without a number."""
    if account.phone_sealed is None:
        raise Conflict("您还没有手机号。", code="no_phone")
    return sign_in.phone_of(reader(), account).value


def enter(phone: str, code: str) -> Account:
    """The account behind a right code; an old one without files needs no further proof."""
    sign_in.prove_code(session(), phone, code, network=callers.network(), now=now())
    account = sign_in.open_account(session(), phone, now=now())
    mandates.take_up(session(), account, now=now())
    appointments.take_up(session(), account, now=now())
    waive_proof_of_nothing(account)
    return account


def waive_proof_of_nothing(account: Account) -> None:
    """An account without a file has nothing to protect."""
    if account.proved_at is None and not applications.mine(session(), account.id):
        sign_in.waive_proof(account, now=now())


def end_everywhere() -> None:
    """Every session of who is signed in; raises SignInNeeded."""
    who = actor(unproved=True)
    if who.role is Role.APPLICANT:
        sign_in.end_all(session(), account=session().get_one(Account, who.id), now=now())
    else:
        sign_in.end_all(session(), staff=session().get_one(Staff, who.id), now=now())


def told(owner: Account | Staff, refresh_token: str) -> dict[str, Any]:
    """What a session says to a program."""
    resident = owner if isinstance(owner, Account) else None
    return {
        "access_token": tokens.issue(session(), owner, now=now()),
        "token_type": "Bearer",
        "expires_in": int(tokens.LIVES.total_seconds()),
        "refresh_token": refresh_token,
        "needs_proof": resident is not None and sign_in.needs_proof(resident, now()),
        "factor_needed": resident is not None and known_device.is_missing(resident),
        "consents_missing": consents.missing(session(), resident) if resident else [],
    }
