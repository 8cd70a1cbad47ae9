"""HTTP: JSON blueprints and page views, thin, over the domain's verbs."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

from flask import Flask
from flask_smorest import Api, Blueprint
from werkzeug.middleware.proxy_fix import ProxyFix

from api import (
    acting,
    assets,
    context,
    cookies,
    dev_mini,
    errors,
    gate,
    holding,
    schemas,
    security,
    standin_wechat,
    strict_json,
)
from portal.assembly import Portal
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings

JSON_ROOMS = (
    "system",
    "programs",
    "regions",
    "policies",
    "self_checks",
    "contacts",
    "auth",
    "me",
    "wechat",
    "wechat_push",
    "applications",
    "phone_papers",
    "uploads",
    "phone_outbox",
    "sorting",
    "households",
    "office_households",
    "office_signals",
    "office_assistants",
    "mandates",
    "passing",
    "roster",
    "roster_leads",
    "roster_tasks",
    "status",
    "intake",
    "intake_events",
    "office",
    "readers",
    "office_decisions",
    "office_record",
    "decisions",
    "messages",
    "complaints",
    "leads",
    "office_leads",
    "public_notices",
    "changes",
    "office_open",
    "office_figures",
    "bundles",
    "opinions",
    "office_talk",
    "office_survey",
    "office_delegations",
    "checks",
    "office_clock",
    "nudges",
    "office_aid",
    "office_payments",
    "office_referrals",
    "referral_consents",
)
PAGE_ROOMS = (
    "home",
    "finding",
    "offline",
    "self_check",
    "papers",
    "sign_in",
    "my_phone",
    "apply",
    "steps",
    "photos",
    "sorting",
    "signing",
    "sign_link",
    "helping",
    "helping_yes",
    "who_helps",
    "passing",
    "roster",
    "roster_leads",
    "roster_tasks",
    "roster_factor",
    "roster_copy",
    "cases",
    "nudging",
    "readers",
    "household",
    "beginning",
    "walking",
    "hand_in",
    "desk_household",
    "desk_signals",
    "desk",
    "desk_places",
    "desk_copy",
    "desk_clock",
    "desk_survey",
    "desk_delegations",
    "desk_decision",
    "desk_record",
    "my_decisions",
    "check_result",
    "desk_aid",
    "desk_assistants",
    "desk_ledger",
    "desk_payments",
    "desk_referrals",
    "agreeing",
    "desk_talk",
    "desk_leads",
    "desk_opinions",
    "rating",
    "desk_figures",
    "report",
    "notices",
    "after",
    "desk_open",
    "talk",
    "talk_file",
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
    app.extensions["portal"] = portal
    app.extensions["clock"] = clock
    gate.install(app)
    context.install(app)
    errors.install(app)
    security.install(app, portal.settings)
    cookies.install(app)
    acting.install(app)
    security.close(app)
    holding.install(app)
    assets.install(app)
    put_before(app, portal.settings)
    dev_mini.install(app, portal.settings)
    api = PortalApi(app)
    app.extensions["openapi"] = api
    for name in JSON_ROOMS:
        api.register_blueprint(import_module(f"api.{name}").blp)
    for name in PAGE_ROOMS:
        app.register_blueprint(import_module(f"api.pages.{name}").pages)
    return app


def put_before(app: Flask, settings: Settings) -> None:
    """What a request passes before the app: the proxies' headers, the stand-in for WeChat."""
    if hops := settings.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    standin_wechat.install(app, settings)
