"""What the pages of one resident's own application share."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, request

from api import applications as api
from api import errors
from api.pages import calling, go
from portal.filing.applications import OPEN_TO_EDIT
from portal.filing.tables import Application
from portal.foundation.errors import Forbidden
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status


def room(name: str) -> Blueprint:
    """A blueprint whose refusals for want of consent or proof lead to where that is done."""
    pages = Blueprint(name, "api.pages")
    pages.register_error_handler(Forbidden, _lead)
    return pages


def my(application_id: UUID) -> tuple[Application, Program]:
    """The signed-in resident's own application. Raises NotFound, SignInNeeded, Forbidden."""
    application = api.find(application_id)
    calling.about(application.region_path)
    return application, api.program_of(application)


def editable(application: Application) -> bool:
    return Status(application.status) in OPEN_TO_EDIT


def at(application: Application, *parts: str) -> str:
    return "/".join([f"/applications/{application.id}", *parts])


def _lead(refusal: Forbidden) -> Response:
    ways = {"consents_missing": "/consents", "proof_needed": "/prove"}
    if refusal.code not in ways:
        return errors.from_refusal(refusal)
    back = request.path if request.method == "GET" else request.form.get("back", "/applications")
    return go(f"{ways[refusal.code]}?next={quote(back, safe='/')}")
