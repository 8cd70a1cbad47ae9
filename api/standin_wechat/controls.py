"""What the phone and the WeChat app would do, and what tests change: codes, quotas, faults, clock."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from api.standin_wechat.platform import state
from api.standin_wechat.pushing import push
from api.standin_wechat.state import Fault
from portal.contact.wechat import STANDIN_PUSH_KEY, STANDIN_PUSH_TOKEN
from portal.contact.wechat_push import Inlet

controls = Blueprint("controls", __name__)


@controls.post("/login")
def login() -> Response:
    """{user} → {code}, as wx.login gives it."""
    return jsonify(code=state().tap(str(_asked().get("user", "alice"))))


@controls.post("/phone")
def phone() -> Response:
    """{phone} → {code}, as the phone button gives it."""
    return jsonify(code=state().show_phone(str(_asked().get("phone", "13800138000"))))


@controls.post("/quota")
def quota() -> Response:
    """{user, template_id, n}: the person allows messages."""
    asked = _asked()
    state().accept(
        str(asked.get("user", "alice")), str(asked.get("template_id", "")), int(asked.get("n", 1))
    )
    return jsonify({})


@controls.get("/outbox")
def outbox() -> Response:
    """The subscription messages that were sent, oldest first."""
    return jsonify(state().outbox)


@controls.get("/calls")
def calls() -> Response:
    return jsonify(state().calls)


@controls.post("/fault")
def fault() -> Response:
    """{path, times, errcode | status | silence}."""
    asked = _asked()
    state().faults[str(asked.pop("path", ""))] = Fault(**asked)
    return jsonify({})


@controls.post("/push")
def push_event() -> Response:
    """{event}: WeChat's servers tell the portal something. `user` becomes FromUserName."""
    asked = _asked()
    event = dict(asked.get("event") or {})
    if "user" in asked:
        event["FromUserName"] = state().openid(str(asked["user"]))
    inlet = Inlet(STANDIN_PUSH_TOKEN, STANDIN_PUSH_KEY, state().app_id)
    address = str(asked.get("url") or f"{request.host_url}wechat/push")
    return jsonify(answer=push(address, event, inlet, now=state().now()))


@controls.post("/clock")
def clock() -> Response:
    """{advance}: seconds."""
    state().ahead += timedelta(seconds=float(_asked().get("advance", 0)))
    return jsonify(now=state().now().isoformat())


def _asked() -> dict[str, Any]:
    found = request.get_json(force=True, silent=True)
    return found if isinstance(found, dict) else {}
