"""The check platform of the province: what it is asked, what it answers, how it is reached.

A platform is a function. It may answer later, in parts, twice, or about somebody else; what
is made of that stands in answers.py.
"""

import hmac
import json
import urllib.request
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from http.client import HTTPException
from typing import Any

from portal.casework.survey import standin_platform
from portal.casework.survey.question import Line, NotAnswered, Platform, Question, Report
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings, WrongSettings
from portal.foundation.settings_check import encrypted

_TIMEOUT = 20.0
_MOST_BYTES = 512 * 1024
_PENDING = 202


def platform_of(settings: Settings) -> Platform | None:
    """The platform the settings name; None where checks are done without one.

    Raises WrongSettings.
    """
    if settings.check_platform == "standin":
        return standin_platform.standin()
    if settings.check_platform == "https":
        return https_platform(settings.check_url, settings.check_key)
    if settings.check_platform == "off":
        return None
    raise WrongSettings(f"PORTAL_CHECK_PLATFORM={settings.check_platform}: standin, https or off")


def https_platform(
    url: str, key: str, *, timeout: float = _TIMEOUT, clock: Callable[[], datetime] = utc_now
) -> Platform:
    """Posts a question as JSON, signed as texts are (`X-Portal-Signature`, HMAC-SHA256).

    202: it has no answer yet and is asked again; 200: a report as `read_report` takes it.
    `Idempotency-Key` is the question's id, the same each time. Redirects are not followed.
    Raises WrongSettings for an address that is not https (http on this machine only).
    """
    if not encrypted(url):
        raise WrongSettings("PORTAL_CHECK_URL must begin with https://")

    def ask(question: Question, _now: datetime) -> Report | None:
        return _post(_signed(url, key, question, clock()), timeout)

    return ask


def read_report(body: Any) -> Report:
    """{number, id_number, made_at, lines: [{item, title, text, amount}], missing: [item]}.

    Raises NotAnswered for anything else.
    """
    try:
        return Report(
            number=_text(body["number"], 80),
            id_number=_text(body["id_number"], 40),
            made_at=_moment(body["made_at"]),
            lines=tuple(_line(one) for one in body["lines"]),
            missing=tuple(_text(one, 64) for one in body.get("missing", ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise NotAnswered("the check platform's answer cannot be read") from fault


def _line(one: Mapping[str, Any]) -> Line:
    amount = one.get("amount")
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int)):
        raise ValueError("an amount is whole 分 or null")
    return Line(
        _text(one["item"], 64), _text(one.get("title", ""), 60, least=0), _text(one["text"], 300), amount
    )  # fmt: skip


def _text(given: Any, most: int, *, least: int = 1) -> str:
    if not isinstance(given, str) or not least <= len(given) <= most:
        raise ValueError("a text is missing or too long")
    return given


def _moment(given: Any) -> datetime:
    found = datetime.fromisoformat(_text(given, 40))
    if found.tzinfo is None:
        raise ValueError("a moment without its zone")
    return found


def _signed(url: str, key: str, question: Question, now: datetime) -> urllib.request.Request:
    body = json.dumps(question.shape(), ensure_ascii=False, sort_keys=True).encode()
    stamp = str(int(now.timestamp()))
    signature = hmac.new(key.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": str(question.id),
        "X-Portal-Timestamp": stamp,
        "X-Portal-Signature": signature,
    }
    return urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect(), urllib.request.ProxyHandler({}))


def _post(request: urllib.request.Request, timeout: float) -> Report | None:
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            if answer.status == _PENDING:
                return None
            body = answer.read(_MOST_BYTES + 1)
    except (OSError, HTTPException) as fault:
        raise NotAnswered("the check platform did not answer") from fault
    if len(body) > _MOST_BYTES:
        raise NotAnswered("the check platform's answer is too long")
    try:
        return read_report(json.loads(body))
    except ValueError as fault:
        raise NotAnswered("the check platform's answer cannot be read") from fault
