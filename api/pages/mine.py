"""What the pages of one resident's own application share."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, g, request

from api import acting, errors
from api import applications as api
from api.context import actor, session
from api.pages import calling, go
from portal.filing import applications, masking
from portal.filing.applications import OPEN_TO_EDIT
from portal.filing.tables import Application
from portal.foundation.errors import Forbidden
from portal.policy.catalogue import Program, Step
from portal.policy.lifecycle import Status


def room(name: str) -> Blueprint:
    """A blueprint whose refusals for want of consent or proof lead to where that is done."""
    pages = Blueprint(name, "api.pages")
    pages.register_error_handler(Forbidden, _lead)
    return pages


def my(application_id: UUID) -> tuple[Application, Program]:
    """The signed-in resident's own application, or one of a household they act for.

    Raises NotFound, SignInNeeded, Forbidden.
    """
    application = api.find(application_id)
    acting.check_page()
    calling.about(application.region_path)
    return application, api.program_of(application)


def answers(application: Application, program: Program) -> dict[str, Any]:
    """What is answered, as this actor may see it: a helper sees the ends of numbers once
    anything was handed in."""
    found = applications.answers(session(), application)
    hidden = masking.masks(session(), application, actor=actor())
    return masking.masked(program.form, found) if hidden else found


def step_of(step: Step) -> Step:
    """The questions of it this actor may answer: agreeing is the person's own."""
    if actor().grant is None:
        return step
    return replace(step, fields=tuple(f for f in step.fields if f.kind != "consent"))


def editable(application: Application) -> bool:
    return Status(application.status) in OPEN_TO_EDIT


def at(application: Application, *parts: str) -> str:
    return "/".join([f"/applications/{application.id}", *parts])


def _lead(refusal: Forbidden) -> Response:
    ways = {
        "consents_missing": "/consents",
        "proof_needed": "/prove",
        "factor_needed": "/roster/factor",
        "acting_needed": g.get("enter", "/helping"),
    }
    if refusal.code not in ways:
        return errors.from_refusal(refusal)
    back = request.path if request.method == "GET" else request.form.get("back", "/applications")
    return go(f"{ways[refusal.code]}?next={quote(back, safe='/')}")
