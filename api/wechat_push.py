"""/wechat/push: where WeChat's servers knock."""

from flask import Response, request
from flask_smorest import Blueprint

from api.context import now, portal, session
from portal.contact.wechat import Wechat
from portal.contact.wechat_push import Inlet, inlet_of
from portal.foundation.errors import NotFound
from portal.people import wechat_events

blp = Blueprint("wechat_push", __name__, url_prefix="/wechat", description="微信推送")


@blp.get("/push")
@blp.response(200, content_type="text/plain")
def greet() -> Response:
    """Signed by WeChat: its word back, once, when the address is entered in the console."""
    inlet, _line = _open()
    return Response(inlet.greet(request.args, now=now()), content_type="text/plain")


@blp.post("/push")
@blp.response(200, content_type="text/plain")
def take() -> Response:
    """An event, signed and encrypted (安全模式, JSON). A repeat changes nothing."""
    inlet, line = _open()
    event = inlet.open(request.args, request.get_data(), now=now())
    wechat_events.take(session(), line, event, now=now())
    return Response("success", content_type="text/plain")


def _open() -> tuple[Inlet, Wechat]:
    inlet, line = inlet_of(portal().settings), portal().wechat
    if inlet is None or line is None:
        raise NotFound()
    return inlet, line
