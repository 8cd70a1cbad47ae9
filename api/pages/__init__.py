"""Page views: server-rendered, complete without JavaScript."""

import re
from typing import Any
from urllib.parse import quote

from flask import Response, make_response, redirect, render_template, request

from api import acting, assets, cookies, sealed, security
from api.pages import calling, forgetting, unread

_BETWEEN_TAGS = re.compile(r">\s*\n\s*<")


def show(template: str, status: int = 200, *, public: bool = False, **values: Any) -> Response:
    """A page. `public` pages hold nothing personal and may be kept by the browser; what the service
    worker keeps shares one style sheet."""
    html = render_template(
        template,
        css=assets.css(),
        asset=assets.url,
        size=request.cookies.get("size", ""),
        theme=request.cookies.get("theme", ""),
        csrf="" if public else security.csrf_token(),
        seal=sealed.key,
        public=public,
        shared=not public and cookies.is_shared(),
        kept=assets.for_keeping(),
        call=calling.call(),
        unread=0 if public else unread.count(),
        acting=None if public else acting.bar(),
        forget={} if public else forgetting.marks(),
        **values,
    )
    answer = make_response(_BETWEEN_TAGS.sub("><", html), status)
    answer.headers["Cache-Control"] = "private, max-age=600" if public else "no-store"
    if public:
        answer.vary.update(("Cookie", "X-Kept"))
    calling.keep(answer)
    return answer


def go(path: str) -> Response:
    """See other: what every successful form post answers."""
    return redirect(path, 303)  # type: ignore[return-value]


def to_sign_in() -> Response:
    here = request.full_path.rstrip("?") if request.method == "GET" else "/applications"
    if request.path.startswith("/desk"):
        return go("/desk/sign-in")
    return go("/sign-in?next=" + quote(here, safe="/"))


def safe_next(path: str | None, otherwise: str = "/applications") -> str:
    """Only a path on this site, never another address."""
    if path and re.match(r"/(?![/\\])[^\\\x00-\x1f]*\Z", path):
        return path
    return otherwise


def sorry(message: str, fields: dict[str, list[str]]) -> Response:
    return show("pages/sorry.html", message=message, fields=fields)
