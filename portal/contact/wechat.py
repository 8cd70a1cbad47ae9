"""What the portal asks of WeChat. Its secret, its session keys and its tokens never leave here.

Pictures are never sent to WeChat: identity papers are nobody else's to look at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.contact.wechat_line import Breaker, Line, NoAnswer, WechatFault
from portal.contact.wechat_templates import Template, read_template
from portal.contact.wechat_token import Tokens
from portal.foundation.clock import utc_now
from portal.foundation.database import Database
from portal.foundation.errors import Busy, Forbidden, Invalid, Refusal, TooOften
from portal.foundation.settings import WECHAT_HOME, Settings, WrongSettings

STANDIN_APP_ID, STANDIN_SECRET = "wxstandin000000001", "stand-in secret"
STANDIN_PUSH_TOKEN = "standin"  # noqa: S105
STANDIN_PUSH_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
STANDIN_PATH = "/dev/wechat"
LINK_DAYS = 30
_TOKEN_OVER = frozenset({40001, 40014, 42001})
_CODE_OVER = frozenset({40029, 40163, 41008})
_TOO_OFTEN = frozenset({45009, 45011})
_RISKY_USER = 40226
_SHOWN_TO_OTHERS = 2


@dataclass(frozen=True)
class Wechat:
    """One mini-program's line. Every call raises WechatFault; none may be made inside a
    transaction."""

    line: Line
    tokens: Tokens
    templates: Mapping[str, Template]
    """By the moment they are asked for: submitted · correction · decision."""

    def openid(self, code: str) -> str:
        """Who has just tapped, by the code of wx.login: good once, for five minutes."""
        query = {
            "appid": self.tokens.app_id, "secret": self.tokens.secret, "js_code": code,
            "grant_type": "authorization_code",
        }  # fmt: skip
        return _text(self.line.ask("/sns/jscode2session", query=query), "openid")

    def phone(self, code: str) -> str:
        """The number behind the phone button's code: checked by WeChat, perhaps not today.

        Raises Invalid for a number of another country.
        """
        said = self._call("/wxa/business/getuserphonenumber", {"code": code}).get("phone_info")
        found = said if isinstance(said, dict) else {}
        if str(found.get("countryCode", "86")) != "86":
            message = "请用中国大陆的手机号。"
            raise Invalid(message, code="foreign_phone", fields={"code": [message]})
        return _text(found, "purePhoneNumber")

    def send(self, openid: str, template: Template, values: Mapping[str, str], page: str) -> str:
        """One subscription message; WeChat's number of it. Never said twice by itself."""
        said = self._call(
            "/cgi-bin/message/subscribe/send",
            {
                "touser": openid, "template_id": template.id, "page": page, "lang": "zh_CN",
                "miniprogram_state": "formal",
                "data": {template.keys[k]: {"value": v} for k, v in values.items()},
            },
        )  # fmt: skip
        return str(said.get("msgid", ""))

    def may_show(self, openid: str, words: str) -> bool:
        """False when WeChat forbids that others read these words; in doubt they may."""
        said = self._call(
            "/wxa/msg_sec_check",
            {"version": 2, "openid": openid, "scene": _SHOWN_TO_OTHERS, "content": words[:2500]},
            repeatable=True,
        )
        result = said.get("result")
        return not (isinstance(result, dict) and result.get("suggest") == "risky")

    def code(self, scene: str, page: str) -> bytes:
        """The picture of a mini-program code that opens `page` with `scene`."""
        wanted = {"scene": scene, "page": page, "check_path": False, "width": 430}
        said = self._call("/wxa/getwxacodeunlimit", wanted, repeatable=True)
        picture = said.get("picture")
        if not isinstance(picture, bytes):
            raise NoAnswer("no picture in the answer")
        return picture

    def link(self, page: str, query: str) -> str:
        """An https address that opens `page` from outside WeChat, for thirty days."""
        wanted = {
            "path": page, "query": query, "expire_type": 1, "expire_interval": LINK_DAYS,
        }  # fmt: skip
        return _text(self._call("/wxa/generate_urllink", wanted, repeatable=True), "url_link")

    def _call(
        self, path: str, body: Mapping[str, Any], *, repeatable: bool = False
    ) -> dict[str, Any]:
        """With the shared token; one that ran out or was called back is renewed, once."""
        token = self.tokens.current()
        try:
            return self._with(token, path, body, repeatable=repeatable)
        except WechatFault as fault:
            if fault.errcode not in _TOKEN_OVER:
                raise
        return self._with(self.tokens.current(stale=token), path, body, repeatable=repeatable)

    def _with(
        self, token: str, path: str, body: Mapping[str, Any], *, repeatable: bool
    ) -> dict[str, Any]:
        return self.line.ask(path, query={"access_token": token}, body=body, repeatable=repeatable)


def open_wechat(
    settings: Settings, database: Database, *, clock: Callable[[], datetime] = utc_now
) -> Wechat | None:
    """The line the settings name; None where WeChat is off. Raises WrongSettings."""
    if settings.wechat == "off":
        return None
    if settings.wechat not in ("standin", "https"):
        raise WrongSettings(f"PORTAL_WECHAT={settings.wechat}: off, standin or https")
    standin = settings.wechat == "standin"
    if not standin and settings.wechat_url not in ("", WECHAT_HOME):
        raise WrongSettings(f"PORTAL_WECHAT_URL must be {WECHAT_HOME}, or empty")
    base = settings.wechat_url or f"{settings.public_url}{STANDIN_PATH}"
    line = Line(base if standin else WECHAT_HOME, breaker=Breaker(clock))
    app_id = settings.wechat_app_id or (STANDIN_APP_ID if standin else "")
    secret = settings.wechat_app_secret or (STANDIN_SECRET if standin else "")
    return Wechat(line, Tokens(database, line, app_id, secret, clock), _templates(settings))


def refusal(fault: WechatFault) -> Refusal:
    """What to say to the person, and the way on."""
    if fault.errcode in _CODE_OVER:
        message = "微信登录码过期了。请再点一次。"
        return Invalid(message, code="wechat_code", fields={"code": [message]})
    if fault.errcode == _RISKY_USER:
        return Forbidden("微信不让这个号登录。请用手机号登录。", code="wechat_blocked")
    if fault.errcode in _TOO_OFTEN:
        message = "微信那边太忙了。请用手机号，或过会再试。"
        return TooOften(message, code="wechat_busy", retry_after=60)
    return Busy("微信连不上。请用手机号，或过会再试。", code="wechat_down", retry_after=30)


def _templates(settings: Settings) -> Mapping[str, Template]:
    named = {
        "submitted": settings.wechat_submitted,
        "correction": settings.wechat_correction,
        "decision": settings.wechat_decision,
    }
    if settings.wechat == "standin":
        named = {moment: said or f"standin-{moment}" for moment, said in named.items()}
    return {moment: read_template(said) for moment, said in named.items() if said}


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise NoAnswer(f"no {name} in the answer")
    return found
