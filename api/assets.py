"""The client's files: read once at start, compressed once, served under a versioned path."""

import base64
import gzip
import re
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import cast

import brotli
import rjsmin
from flask import Flask, Response, request
from jinja2 import Environment, FileSystemLoader

from portal.filing import signing_words
from portal.foundation.errors import NotFound
from portal.people import mandate_terms

STATIC = Path(__file__).resolve().parent.parent / "static"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_SIGNING = "assets/signing.html"
_SMALLEST = 200
_KEPT_QUERIES = (b"", b"region=")


def install(app: Flask) -> None:
    app.add_url_rule("/s/<version>/<path:name>", "asset", _serve)
    app.after_request(_compress)


@cache
def files() -> dict[str, bytes]:
    """Names as in the address: assets/x.js, shared/x.js, desk/x.js."""
    found = {}
    for folder in ("assets", "shared", "desk"):
        for path in sorted((STATIC / folder).rglob("*")):
            if path.suffix in _TYPES:
                found[path.relative_to(STATIC).as_posix()] = _lean(path.read_bytes(), path.suffix)
    found[_SIGNING] = _signing().encode()
    return found


def _signing() -> str:
    """What is read and signed without a signal: other words have another address. A mandate begun
    there is for all of the household."""
    consent = [line for line in signing_words.TEXT.splitlines() if line.strip()]
    mandate = [line for line in mandate_terms.TEXT.splitlines() if line.strip()]
    mandate.insert(2, mandate_terms.scope(()))
    pages = Environment(loader=FileSystemLoader(STATIC / "pages" / "parts"), autoescape=True)
    return pages.get_template("signing.html").render(
        consent={"version": signing_words.TEXT_VERSION, "lines": consent},
        mandate={"version": mandate_terms.TEXT_VERSION, "lines": mandate},
    )


def _lean(data: bytes, suffix: str) -> bytes:
    """Scripts travel without their comments and spaces, style sheets also without line breaks."""
    if suffix == ".js":
        return cast(bytes, rjsmin.jsmin(data))
    if suffix != ".css":
        return data
    text = re.sub(rb"\s*\n\s*", b"", re.sub(rb"/\*.*?\*/", b"", data, flags=re.S))
    return re.sub(rb"\s*([{};,>])\s*|(:)\s+", rb"\1\2", text)


@cache
def version() -> str:
    whole = sha256()
    for name, data in files().items():
        whole.update(name.encode() + b"\0" + data)
    return whole.hexdigest()[:10]


def url(name: str) -> str:
    return f"/s/{version()}/{name}"


@cache
def css() -> str:
    """The one style sheet of the applicant's pages, for the page itself."""
    return files()["assets/app.css"].decode()


@cache
def css_digest() -> str:
    return "sha256-" + base64.b64encode(sha256(css().encode()).digest()).decode()


@cache
def _packed(name: str, encoding: str) -> bytes:
    data = files()[name]
    return (
        brotli.compress(data, quality=11) if encoding == "br" else gzip.compress(data, 9, mtime=0)
    )


def _serve(version: str, name: str) -> Response:
    if name not in files():
        raise NotFound()
    encoding = _accepted()
    data = _packed(name, encoding) if encoding else files()[name]
    kind = _TYPES.get(Path(name).suffix, "text/html; charset=utf-8")
    answer = Response(data, content_type=kind)
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.vary.add("Accept-Encoding")
    return answer


def _compress(response: Response) -> Response:
    """Live pages and JSON: brotli 5, else gzip. Nothing that is already packed or an image."""
    kind = response.mimetype or ""
    if (
        not (kind.startswith("text/") or kind.endswith("json"))
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    if response.is_streamed or response.status_code == 204:
        return response
    data = response.get_data()
    encoding = _accepted()
    if encoding and len(data) >= _SMALLEST:
        if encoding == "br":
            packed = _packed_well(data) if for_keeping() else brotli.compress(data, quality=5)
        else:
            packed = gzip.compress(data, 6)
        response.set_data(packed)
        response.headers["Content-Encoding"] = encoding
    return response


def for_keeping() -> bool:
    """Whether the service worker asks, for what it keeps on the phone: nothing personal or typed."""
    plain = request.query_string in _KEPT_QUERIES and not request.cookies
    return plain and request.headers.get("X-Kept") == "1"


@lru_cache(maxsize=64)
def _packed_well(data: bytes) -> bytes:
    """For what is sent once to every phone, the same bytes to each."""
    packed: bytes = brotli.compress(data, quality=11)
    return packed


def _accepted() -> str:
    wanted = request.headers.get("Accept-Encoding", "")
    return "br" if "br" in wanted else "gzip" if "gzip" in wanted else ""
