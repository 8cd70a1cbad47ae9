"""/dev/mini/: the mini-program in a desktop browser, in demonstration mode only."""

from pathlib import Path

from flask import Blueprint, Flask, Response, redirect

from portal.foundation.errors import NotFound
from portal.foundation.settings import Mode, Settings

MADE = Path(__file__).resolve().parent.parent / "miniprogram_stub" / "dist"
"""Where `make mini` puts it."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".png": "image/png",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; connect-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"
)
"""The runtime that plays WeChat sets styles on elements."""

_NOT_MADE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>小程序演示</title><h1>小程序还没有编译</h1>
<p>要先装 Node 20 或更新的版本。</p>
<p>然后在项目目录里运行：<code>make mini</code></p>
<p>再刷新这一页。</p></html>"""

blp = Blueprint("dev_mini", __name__, url_prefix="/dev/mini")


def install(app: Flask, settings: Settings) -> None:
    if settings.mode is Mode.DEMO:
        app.register_blueprint(blp)


@blp.get("")
def enter() -> Response:
    return redirect("/dev/mini/", 308)  # type: ignore[return-value]


@blp.get("/")
@blp.get("/<name>")
def file(name: str = "index.html") -> Response:
    """What was built; before that, how to build it."""
    path = MADE / name
    if name == "index.html" and not path.is_file():
        return Response(_NOT_MADE, content_type=_TYPES[".html"])
    if path.suffix not in _TYPES or path.parent != MADE or not path.is_file():
        raise NotFound()
    answer = Response(path.read_bytes(), content_type=_TYPES[path.suffix])
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cache-Control"] = "no-cache"
    return answer
