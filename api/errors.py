"""One error shape for programs, one plain page for people; nothing of the request echoed."""

import logging
import re
from itertools import islice
from typing import Any
from uuid import uuid4

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from api import pages
from portal.foundation import database
from portal.foundation.errors import Busy, Refusal, SignInNeeded

log = logging.getLogger("portal.api")

_SENTENCES = {
    400: "请求内容有问题，请检查后再试。",
    404: "没有找到。请回到首页再试。",
    405: "不能这样操作。请回到首页再试。",
    408: "网络太慢，请再试一次。",
    413: "内容太大了，请减少后再试。",
    415: "这种格式不支持。",
    422: "有几处需要改一下。",
    500: "我们这边出了问题。请稍后再试。",
}
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_type",
    422: "invalid",
    500: "fault",
}
_MOST_FIELDS = 200
_FIELD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a field may be called; a name of the sender's own is not said back."""
_PAGES = {"proof_needed": "/prove", "consents_missing": "/consents"}
"""Refusals that a page answers by leading to where they end."""
_CHINESE = {
    "Missing data for required field.": "这一项要填。",
    "Field may not be null.": "这一项要填。",
    "Not a valid string.": "这里要填文字。",
    "Not a valid integer.": "这里要填整数。",
    "Not a valid number.": "这里要填数字。",
    "Not a valid boolean.": "这里只能选是或否。",
    "Not a valid UUID.": "编号不对。",
    "Not a valid list.": "这里要填一个列表。",
    "Not a valid mapping type.": "这里的格式不对。",
    "Invalid input type.": "内容格式不对。",
    "Unknown field.": "没有这一项。",
    "Not a valid datetime.": "时间格式不对。",
    "Not a valid date.": "日期格式不对。",
}


def install(app: Flask) -> None:
    app.register_error_handler(Refusal, from_refusal)
    app.register_error_handler(Exception, from_fault)


def wants_json() -> bool:
    return request.path.startswith(
        ("/api", "/intake", "/wechat", "/healthz", "/readyz", "/metrics")
    )


def from_refusal(refusal: Refusal) -> Response:
    g.keeps = refusal.keeps
    if isinstance(refusal, SignInNeeded) and not wants_json():
        g.drop_cookies = True
        return pages.to_sign_in()
    if refusal.code in _PAGES and not wants_json():
        return pages.go(_PAGES[refusal.code])
    return _answer(
        refusal.status, refusal.code, refusal.message, refusal.fields, refusal.retry_after
    )


def from_http(error: Any) -> Response:
    """Whatever Flask, Werkzeug or flask-smorest refused."""
    original = getattr(error, "original_exception", None)
    if original is not None or not isinstance(error, HTTPException):
        return from_fault(original or error)
    status = error.code or 500
    if error.response is not None and 300 <= error.response.status_code < 400:
        return error.response  # type: ignore[return-value]
    messages = (getattr(error, "data", None) or {}).get("messages", {})
    fields = _in_chinese(messages)
    message = _SENTENCES.get(status, _SENTENCES[400 if status < 500 else 500])
    answer = _answer(status, _CODES.get(status, "refused"), message, fields, None)
    if status == 405 and getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    return answer


def from_fault(error: BaseException) -> Response:
    """Our own fault: logged with the request's number, never with what was sent."""
    if isinstance(error, HTTPException):
        return from_http(error)
    if isinstance(error, Refusal):
        return from_refusal(error)
    if database.passes(error):  # also when it shows only at the commit
        log.warning("database busy", extra={"request_id": request_id()}, exc_info=error)
        return from_refusal(Busy("现在人多，请过一会儿再试。", retry_after=5))
    log.error("fault", extra={"request_id": request_id()}, exc_info=error)
    return _answer(500, "fault", _SENTENCES[500], {}, None)


def request_id() -> str:
    if "request_id" not in g:
        g.request_id = str(uuid4())
    return str(g.request_id)


def _answer(
    status: int, code: str, message: str, fields: dict[str, list[str]], retry_after: int | None
) -> Response:
    if wants_json():
        told = dict(islice(fields.items(), _MOST_FIELDS))
        answer = jsonify(code=code, message=message, request_id=request_id(), fields=told)
    else:
        answer = pages.sorry(message, fields)
    answer.status_code = status
    g.refused = code
    answer.headers["Cache-Control"] = "no-store"
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def _in_chinese(messages: Any, path: str = "") -> dict[str, list[str]]:
    if isinstance(messages, list):
        return {path or "_": [_CHINESE.get(str(m), "请检查这一项。") for m in messages]}
    found: dict[str, list[str]] = {}
    if isinstance(messages, dict):
        for key, inner in messages.items():
            inside = (
                key in {"json", "form", "files", "query", "path", "headers", "_schema"} and not path
            )
            name = str(key) if _FIELD.fullmatch(str(key)) else "_"
            found.update(_in_chinese(inner, path if inside else f"{path}.{name}".lstrip(".")))
    return found
