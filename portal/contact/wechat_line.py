"""One line to WeChat: time-outs, a breaker, and answers read for what they say."""

import json
import logging
import threading
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from portal.foundation.clock import utc_now

TIMEOUT = 5.0
BUSY = -1
SILENCES, PAUSE = 5, timedelta(seconds=30)
_MOST_BYTES = 2 * 1024 * 1024
_log = logging.getLogger(__name__)


class WechatFault(Exception):
    """WeChat said no; `errcode` as WeChat numbers it."""

    def __init__(self, errcode: int, said: str = "") -> None:
        super().__init__(f"WeChat said {errcode}: {said[:120]}")
        self.errcode = errcode


class NoAnswer(WechatFault):
    """Silence, a 502, or what is no answer: whether WeChat acted is unknown."""

    def __init__(self, why: str) -> None:
        super().__init__(BUSY, why)


@dataclass
class Breaker:
    """After five silences in a row nothing is asked for half a minute."""

    clock: Callable[[], datetime] = utc_now
    silences: int = 0
    closed_until: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """Raises NoAnswer while the line rests."""
        with self.lock:
            if self.closed_until is not None and self.clock() < self.closed_until:
                raise NoAnswer("the line rests")

    def note(self, *, answered: bool) -> None:
        with self.lock:
            self.silences = 0 if answered else self.silences + 1
            rests = self.silences >= SILENCES
            self.closed_until = self.clock() + PAUSE if rests else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect(), urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Line:
    """`base` is WeChat's address, or the stand-in's."""

    base: str
    timeout: float = TIMEOUT
    breaker: Breaker = field(default_factory=Breaker)

    def ask(
        self,
        path: str,
        *,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        repeatable: bool = False,
    ) -> dict[str, Any]:
        """GET, or POST of raw UTF-8 JSON; a `repeatable` call is said twice after a silence.

        A picture comes as {"picture": bytes}. Raises NoAnswer, WechatFault.
        """
        request = _request(f"{self.base}{path}?{urlencode(query)}", body)
        for again in (repeatable, False):
            try:
                return self._once(request, path)
            except WechatFault as fault:
                if fault.errcode != BUSY or not again:
                    raise
        raise AssertionError  # the second round has answered or raised

    def _once(self, request: urllib.request.Request, path: str) -> dict[str, Any]:
        self.breaker.check()
        try:
            found = _read(request, self.timeout)
        except NoAnswer as silence:
            self.breaker.note(answered=False)
            _log.warning("WeChat %s: %s", path, silence)
            raise
        self.breaker.note(answered=True)
        errcode = found.get("errcode", 0)
        if errcode:
            _log.warning("WeChat %s: %s", path, errcode)
            raise WechatFault(int(errcode), str(found.get("errmsg", "")))
        return found


def _request(address: str, body: Mapping[str, Any] | None) -> urllib.request.Request:
    if body is None:
        return urllib.request.Request(address)  # noqa: S310 - the settings name the address
    data = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return urllib.request.Request(address, data=data, headers=headers, method="POST")  # noqa: S310


def _read(request: urllib.request.Request, timeout: float) -> dict[str, Any]:
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            said, kind = answer.read(_MOST_BYTES), answer.headers.get_content_maintype()
    except HTTPError as fault:
        fault.close()
        raise NoAnswer(f"HTTP {fault.code}") from fault
    except (OSError, HTTPException) as fault:
        raise NoAnswer(type(fault).__name__) from fault
    if kind == "image":
        return {"picture": said}
    try:
        found = json.loads(said)
    except ValueError as fault:
        raise NoAnswer("no JSON") from fault
    if not isinstance(found, dict) or not isinstance(found.get("errcode", 0), int):
        raise NoAnswer("no object")
    return found
