"""The calls of api.weixin.qq.com that the portal makes: HTTP 200 even for a no."""

import json
import time
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from secrets import token_bytes, token_hex
from typing import Any, cast
from urllib.parse import quote

import segno
from flask import Blueprint, Response, current_app, jsonify, request

from api.standin_wechat.state import State
from portal.contact.wechat_templates import MOST_CHARACTERS

calls = Blueprint("calls", __name__)

_SCENE = frozenset(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$&'()*+,/:;=?@-._~"
)
_MOST_SCENE, _MOST_QUERY, _MOST_WORDS, _MOST_DAYS = 32, 1024, 2500, 30
_SAID = {
    40001: "invalid credential, access_token is invalid or not latest", 40003: "invalid openid",
    40013: "invalid appid", 40029: "invalid code", 40037: "invalid template_id",
    40125: "invalid appsecret", 40129: "invalid scene", 40163: "code been used",
    40169: "invalid length for scene, or the data is not json string",
    41001: "access_token missing", 41008: "missing code", 41030: "invalid page",
    42001: "access_token expired", 43101: "user refuse to accept the msg",
    44002: "empty post data", 45009: "reach max api daily quota limit", 47001: "data format error",
    47003: "argument invalid!", 85401: "time limit invalid",
}  # fmt: skip


def state() -> State:
    return cast(State, current_app.extensions["wechat"])


@calls.before_request
def _play_fault() -> Response | None:
    if request.path.startswith("/__fake__"):
        return None
    state().calls.append(request.path)
    fault = state().fault(request.path)
    if fault is None:
        return None
    time.sleep(fault.silence)
    if fault.status:
        return Response("<html>Bad Gateway</html>", fault.status)
    return _no(fault.errcode) if fault.errcode else None


@calls.get("/sns/jscode2session")
def code_to_session() -> Response:
    asked = request.args
    if wrong := _check_credentials(asked.get("appid"), asked.get("secret")):
        return wrong
    if not asked.get("js_code"):
        return _no(41008)
    user, errcode = state().spend(asked["js_code"], state().codes)
    if errcode:
        return _no(errcode)
    return jsonify(session_key=b64encode(token_bytes(16)).decode(), openid=state().openid(user))


@calls.post("/cgi-bin/stable_token")
def stable_token() -> Response:
    asked = _body()
    if asked.get("grant_type") != "client_credential":
        return _no(40002)
    if wrong := _check_credentials(asked.get("appid"), asked.get("secret")):
        return wrong
    token, seconds = state().token(force=asked.get("force_refresh") is True)
    return jsonify(access_token=token, expires_in=seconds)


@calls.post("/wxa/business/getuserphonenumber")
def phone() -> Response:
    return _with_token(_phone)


@calls.post("/cgi-bin/message/subscribe/send")
def send() -> Response:
    return _with_token(_send)


@calls.post("/wxa/msg_sec_check")
def check_words() -> Response:
    return _with_token(_check_words)


@calls.post("/wxa/getwxacodeunlimit")
def code() -> Response:
    return _with_token(_code)


@calls.post("/wxa/generate_urllink")
def link() -> Response:
    return _with_token(_link)


def _phone(asked: dict[str, Any]) -> Response:
    number, errcode = state().spend(str(asked.get("code", "")), state().phones)
    if errcode:
        return _no(40029)
    stamp = {"timestamp": int(state().now().timestamp()), "appid": state().app_id}
    found = {
        "phoneNumber": number, "purePhoneNumber": number, "countryCode": "86", "watermark": stamp,
    }  # fmt: skip
    return jsonify(errcode=0, errmsg="ok", phone_info=found)


def _send(asked: dict[str, Any]) -> Response:
    if not asked.get("template_id"):
        return _no(40037)
    if not str(asked.get("touser", "")).startswith("o"):
        return _no(40003)
    if str(asked.get("page", "")).startswith("/"):
        return _no(41030)
    wrong = [k for k, v in (asked.get("data") or {}).items() if not _fits(k, v)]
    if wrong or not asked.get("data"):
        return _no(47003, f" data.{','.join(wrong)}.value invalid")
    with state().lock:
        key = (asked["touser"], asked["template_id"])
        if state().quotas.get(key, 0) <= 0:
            return _no(43101)
        state().quotas[key] -= 1
        number = int(state().now().timestamp() * 1000) + len(state().outbox)
        state().outbox.append({**asked, "msgid": number, "at": state().now().isoformat()})
    return jsonify(errcode=0, errmsg="ok", msgid=number)


def _fits(key: str, said: Any) -> bool:
    value = said.get("value") if isinstance(said, dict) else None
    if not isinstance(value, str) or not value:
        return False
    return not key.startswith("thing") or len(value) <= MOST_CHARACTERS


def _check_words(asked: dict[str, Any]) -> Response:
    words = str(asked.get("content") or "")
    if not words:
        return _no(44002)
    if asked.get("scene") not in (1, 2, 3, 4):
        return _no(40129)
    if asked.get("version") != 2 or len(words) > _MOST_WORDS:
        return _no(47001)
    if not str(asked.get("openid", "")).startswith("o"):
        return _no(40003)
    found = (
        {"suggest": "risky", "label": 20006}
        if "违规" in words
        else {"suggest": "pass", "label": 100}
    )
    state().shown.append({"path": request.path, "body": asked})
    return jsonify(errcode=0, errmsg="ok", trace_id=token_hex(12), result=found)


def _code(asked: dict[str, Any]) -> Response:
    scene, page = str(asked.get("scene") or ""), str(asked.get("page") or "")
    if not scene or len(scene) > _MOST_SCENE or set(scene) - _SCENE:
        return _no(40169)
    if page.startswith("/") or "?" in page:
        return _no(41030)
    state().shown.append({"path": request.path, "body": asked})
    picture = BytesIO()
    address = f"{request.host_url}dev/mini/?scene={quote(scene)}"
    segno.make(address, micro=False).save(picture, kind="png", scale=8)
    return Response(picture.getvalue(), mimetype="image/png")


def _link(asked: dict[str, Any]) -> Response:
    if len(str(asked.get("query", ""))) > _MOST_QUERY:
        return _no(47001)
    if not 0 < int(asked.get("expire_interval", 0)) <= _MOST_DAYS:
        return _no(85401)
    state().shown.append({"path": request.path, "body": asked})
    return jsonify(errcode=0, errmsg="ok", url_link=f"https://wxaurl.cn/{token_hex(5)}")


def _with_token(answer: Callable[[dict[str, Any]], Response]) -> Response:
    token = request.args.get("access_token")
    if not token:
        return _no(41001)
    end = state().tokens.get(token)
    if end is None:
        return _no(40001)
    return _no(42001) if end <= state().now() else answer(_body())


def _check_credentials(app_id: str | None, secret: str | None) -> Response | None:
    if app_id != state().app_id:
        return _no(40013)
    return _no(40125) if secret != state().secret else None


def _body() -> dict[str, Any]:
    try:
        found = json.loads(request.get_data().decode())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _no(errcode: int, more: str = "") -> Response:
    rid = f"{token_hex(4)}-{token_hex(4)}-{token_hex(4)}"
    return jsonify(errcode=errcode, errmsg=f"{_SAID.get(errcode, 'system error')}{more} rid: {rid}")
