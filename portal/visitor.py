"""A visitor of the site over HTTP, as a program or as a browser without JavaScript."""

import http.cookiejar
import json
import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


class Refused(Exception):
    """The site answered with an error; its own words."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    url: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Visitor:
    """One person or program; cookies are kept, `token` is sent along."""

    site: str
    token: str = ""
    opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
    )

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None, {})

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """JSON to the API. Raises Refused for anything but success."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._send("POST", path, json.dumps(body).encode(), {**named, **_type("json")})

    def put(self, path: str, body: Any) -> Answer:
        return self._send("PUT", path, json.dumps(body).encode(), _type("json"))

    def send_photo(self, path: str, item: str, photo: bytes) -> Answer:
        """multipart/form-data with the photo's digest, as the web client sends it."""
        border = secrets.token_hex(16)
        parts = {"item": item, "digest": sha256(photo).hexdigest()}
        body = b"".join(
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in parts.items()
        )
        head = 'Content-Disposition: form-data; name="photo"; filename="photo.jpg"'
        body += f"--{border}\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode() + photo
        body += f"\r\n--{border}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
        return self._send("POST", path, body, kind)

    def press(self, page: Answer, action: str, **values: str) -> Answer:
        """Fill in the page's form that goes to `action` and send it."""
        hidden = _forms(page.text)[action]
        body = urllib.parse.urlencode({**hidden, **values}).encode()
        return self._send("POST", action, body, _type("form"))

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        request = urllib.request.Request(  # noqa: S310 - our own site
            self.site + path, data=body, method=method, headers=dict(headers)
        )
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with self.opener.open(request, timeout=30) as answer:
                return Answer(answer.status, answer.read(), answer.url)
        except urllib.error.HTTPError as refused:
            words = refused.read().decode(errors="replace")
            raise Refused(f"{method} {path}: {refused.code} {_plain(words)[:300]}") from refused


class _Forms(HTMLParser):
    """action → its hidden fields, of every form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._open: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self.found.setdefault(given.get("action", ""), {})
        elif tag == "input" and self._open is not None and given.get("type") == "hidden":
            self._open[given.get("name", "")] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def _forms(page: str) -> dict[str, dict[str, str]]:
    parser = _Forms()
    parser.feed(page)
    return parser.found


def _type(kind: str) -> dict[str, str]:
    return {"Content-Type": _TYPES[kind]}


def _plain(words: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]+>", " ", words, flags=re.S)).strip()
