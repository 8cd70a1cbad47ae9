"""HTTP: JSON blueprints and page views, thin, over the domain's verbs."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

from flask import Flask
from flask_smorest import Api, Blueprint
from werkzeug.middleware.proxy_fix import ProxyFix

from api import assets, context, cookies, errors, schemas, security, strict_json
from portal.assembly import Portal
from portal.foundation.clock import utc_now

JSON_ROOMS = (
    "system",
    "programs",
    "regions",
    "policies",
    "self_checks",
    "contacts",
    "auth",
    "me",
    "applications",
    "status",
    "intake",
    "intake_events",
)
PAGE_ROOMS = (
    "home",
    "finding",
    "self_check",
    "papers",
    "sign_in",
    "apply",
    "steps",
    "photos",
    "signing",
    "cases",
    "desk",
)

Blueprint.ARGUMENTS_PARSER = strict_json.StrictParser()


class PortalApi(Api):
    """flask-smorest, answering every error in our one shape."""

    ERROR_SCHEMA = schemas.ErrorSchema

    def handle_http_exception(self, error: object) -> object:
        return errors.from_http(error)


def create_app(portal: Portal, *, clock: Callable[[], datetime] = utc_now) -> Flask:
    """The whole HTTP side over one opened portal. `clock` is what the time is."""
    app = Flask("api", static_folder=None, template_folder=str(assets.STATIC))
    app.json = strict_json.StrictJson(app)
    app.config.update(
        API_TITLE="救助通",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=13 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=400,
    )
    if hops := portal.settings.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    app.extensions["portal"] = portal
    app.extensions["clock"] = clock
    context.install(app)
    errors.install(app)
    security.install(app, portal.settings)
    cookies.install(app)
    security.close(app)
    assets.install(app)
    api = PortalApi(app)
    app.extensions["openapi"] = api
    for name in JSON_ROOMS:
        api.register_blueprint(import_module(f"api.{name}").blp)
    for name in PAGE_ROOMS:
        app.register_blueprint(import_module(f"api.pages.{name}").pages)
    return app
