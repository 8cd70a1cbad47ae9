"""WeChat played by ourselves: its paths, shapes and error codes, for demonstration and tests.

`create(state)` makes the WSGI application; `__fake__` below it plays the phone and the faults.
"""

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from api.standin_wechat import controls, platform
from api.standin_wechat.state import State
from portal.contact.wechat import STANDIN_PATH
from portal.foundation.settings import Mode, Settings

__all__ = ["State", "create", "install"]


def create(state: State | None = None) -> Flask:
    app = Flask("standin_wechat", static_folder=None)
    app.extensions["wechat"] = state or State()
    app.register_blueprint(platform.calls)
    app.register_blueprint(controls.controls, url_prefix="/__fake__")
    return app


def install(app: Flask, settings: Settings) -> None:
    """Mounted beside the portal: in a demonstration that plays WeChat, and nowhere else."""
    if settings.mode is not Mode.DEMO or settings.wechat != "standin":
        return
    mounted = DispatcherMiddleware(app.wsgi_app, {STANDIN_PATH: create()})
    app.wsgi_app = mounted  # type: ignore[method-assign]
