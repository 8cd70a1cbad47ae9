"""/api/…/wechat: signing in from the mini-program, the number, binding, subscriptions.

Every view asks WeChat before it opens the writer: nobody waits for a network.
"""

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import auth, callers, me
from api.context import actor, now, portal, session
from api.schemas import Strict
from portal.casework import joining
from portal.contact import wechat_codes
from portal.contact.wechat import Wechat, refusal
from portal.contact.wechat_line import WechatFault
from portal.contact.wechat_templates import MOMENTS
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.people import sign_in, wechat, wechat_quotas
from portal.people.access import Role
from portal.people.tables import Account
from portal.policy import regions

blp = Blueprint("wechat", __name__, url_prefix="/api", description="微信小程序")


class CodeSchema(Strict):
    """As wx.login or the phone button gave it: good once, for five minutes."""

    code = fields.String(required=True, validate=validate.Length(1, 256))


class WechatSessionSchema(auth.SessionSchema):
    phone_known = fields.Boolean(metadata={"description": "false: only WeChat opens the account"})


class PhoneTakenSchema(Schema):
    phone = fields.String(metadata={"description": "masked"})
    joined = fields.Boolean(metadata={"description": "two accounts became one"})
    session = fields.Nested(
        WechatSessionSchema,
        metadata={"description": "only when joined: the tokens from now on"},
    )


class BoundSchema(Schema):
    joined = fields.Boolean(metadata={"description": "what WeChat had begun came along"})


class SubscriptionsSchema(Strict):
    """What wx.requestSubscribeMessage answered, by template id."""

    answers = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.String(validate=validate.OneOf(wechat_quotas.ANSWERS)),
        required=True,
        validate=validate.Length(1, len(MOMENTS)),
    )


class TemplatesSchema(Schema):
    submitted = fields.List(fields.String())
    correction = fields.List(fields.String())
    decision = fields.List(fields.String())


class LinkQuerySchema(Strict):
    region = fields.String(load_default="", validate=validate.Length(max=12))
    program = fields.String(load_default="", validate=validate.Length(max=16))


class LinkSchema(Schema):
    url = fields.String()


@blp.post("/auth/wechat-sessions")
@blp.arguments(CodeSchema)
@blp.response(201, WechatSessionSchema)
def begin(wanted: dict[str, str]) -> dict[str, Any]:
    """Sign in with WeChat; the first time opens an account, which needs no number."""
    with portal().database.writing() as short:
        wechat.count_try(short, callers.network(), now=now())
    openid = ask(lambda line: line.openid(wanted["code"]))
    return _session(wechat.open_account(session(), openid, now=now()))


@blp.put("/me/wechat-phone")
@blp.arguments(CodeSchema)
@blp.response(200, PhoneTakenSchema)
def take_phone(wanted: dict[str, str]) -> dict[str, Any]:
    """The number of the phone button becomes the account's.

    409 sms_code_needed: the number's account has files. Sign in with a code by text, then
    POST /api/me/wechat; what was begun here comes along.
    """
    _check_resident()
    number = ask(lambda line: line.phone(wanted["code"]))
    mine = me.account()
    account, joined = joining.take_phone(session(), mine, number, now=now())
    said = {"phone": sign_in.phone_of(session(), account).masked, "joined": joined}
    return {**said, "session": _session(account)} if joined else said


@blp.post("/me/wechat")
@blp.arguments(CodeSchema)
@blp.response(200, BoundSchema)
def bind(wanted: dict[str, str]) -> dict[str, bool]:
    """This WeChat opens the account signed in; what it had begun without a number comes along."""
    _check_resident()
    openid = ask(lambda line: line.openid(wanted["code"]))
    return {"joined": joining.bind(session(), me.account(), openid, now=now())}


@blp.delete("/me/wechat")
@blp.response(204)
def unbind() -> None:
    """WeChat opens the account no longer. 409 phone_needed while it is the only way in."""
    _check_resident()
    wechat.let_go(session(), me.account(), now=now())


@blp.get("/wechat/templates")
@blp.response(200, TemplatesSchema)
def templates() -> dict[str, list[str]]:
    """Which template ids to ask for at which moment; none while WeChat is off."""
    return {moment: [name] if (name := _template(moment)) else [] for moment in MOMENTS}


@blp.get("/wechat/link")
@blp.arguments(LinkQuerySchema, location="query")
@blp.response(200, LinkSchema)
def link(wanted: dict[str, str]) -> dict[str, str]:
    """An address that opens the mini-program from a text or a browser, for a place and program."""
    region, program = wanted["region"], wanted["program"]
    if region:
        regions.path(session(), region)
    told = wechat_codes.scene(region, portal().catalogue.find(program).id if program else "")
    url = ask(lambda line: wechat_codes.link(line, portal().database, told, now=now()))
    return {"url": url}


@blp.put("/me/wechat-subscriptions")
@blp.arguments(SubscriptionsSchema)
@blp.response(204)
def subscribe(wanted: dict[str, dict[str, str]]) -> None:
    """What the person answered: one acceptance is one message."""
    moments = {name: moment for moment in MOMENTS if (name := _template(moment))}
    if unknown := sorted(wanted["answers"].keys() - moments.keys()):
        message = "没有这个消息模板。"
        raise Invalid(message, fields={f"answers.{name}": [message] for name in unknown})
    answers = {moments[name]: said for name, said in wanted["answers"].items()}
    wechat_quotas.note(session(), me.account(), answers, now=now())


def ask(question: Callable[[Wechat], str]) -> str:
    """What WeChat says. Raises Conflict (wechat_off), and for a fault what helps on."""
    line = portal().wechat
    if line is None:
        raise Conflict("这里没有开通微信。请用手机号登录。", code="wechat_off")
    try:
        return question(line)
    except WechatFault as fault:
        raise refusal(fault) from fault


def _check_resident() -> None:
    """Before WeChat is asked: a code is good once. Raises SignInNeeded, Forbidden."""
    if actor().role is not Role.APPLICANT:
        raise Forbidden("请用申请人的账号登录。")


def _session(account: Account) -> dict[str, Any]:
    auth.waive_proof_of_nothing(account)
    token = sign_in.issue(session(), account=account, now=now())
    return {**auth.told(account, token), "phone_known": account.phone_sealed is not None}


def _template(moment: str) -> str:
    line = portal().wechat
    return line.templates[moment].id if line is not None and moment in line.templates else ""
