"""The household on the desk's file page: its other 事项, and one more added for it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request

from api import office_households as api
from api.context import actor, portal, session
from api.pages import desk_look, go, show
from portal.casework import matters, stages
from portal.casework.said import MOST_CHARACTERS
from portal.filing import family
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Invalid, Refusal, SignInNeeded
from portal.people.access import Role
from portal.people.tables import Household
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status

pages = Blueprint("desk_household", __name__, url_prefix="/desk")


@pages.errorhandler(Refusal)
def refuse(refusal: Refusal) -> Response:
    """The desk's own page for what could not be done; nobody signed in goes to sign in."""
    g.keeps = refusal.keeps
    if isinstance(refusal, SignInNeeded):
        return go("/desk/sign-in")
    return show("desk/sorry.html", refusal.status, refusal=refusal, who=None, alerts=0)


@pages.post("/files/<uuid:application_id>/matters")
def add(application_id: UUID) -> Response:
    """Filed at once for the household of this file, which is told why."""
    application = api.find(application_id)
    try:
        api.add_matter(
            application, request.form.get("program", ""), request.form.get("sentence", "")
        )
    except (Invalid, Conflict) as refused:
        session().rollback()
        wrong = Invalid(refused.message, fields=refused.fields or {"program": [refused.message]})
        return desk_look.file_page(api.find(application_id), refusal=wrong, form="household")
    return go(f"{desk_look.at(application.id)}#household")


def panel(application: Application, _program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/household.html is given."""
    found: dict[str, Any] = {"carried": _carried(application), "most": MOST_CHARACTERS}
    if application.household_id is None:
        return {**found, "others": [], "granted": [], "can_add": []}
    household = session().get_one(Household, application.household_id)
    catalogue, clerk = portal().catalogue, actor().holds(Role.TOWNSHIP_CLERK)
    known = [one for one in family.of(session(), household) if one.status != Status.DRAFT]
    granted = family.recognised(session(), household)
    return {
        **found,
        "others": [_line(one) for one in known if one.id != application.id],
        "granted": [catalogue.find(one).short for one in granted],
        "can_add": matters.can_be_added(session(), household, catalogue) if clerk else [],
    }


def _line(one: Application) -> dict[str, Any]:
    """Nothing personal: program, number, where it stands, and whether it is this desk's."""
    return {
        "application": one,
        "title": portal().catalogue.find(one.program_id).short,
        "label": stages.LABELS[Status(one.status)],
        "ours": api.is_ours(one),
    }


def _carried(application: Application) -> str:
    """由低保申请自动转评, where the office opened the file itself."""
    if application.carried_from is None:
        return ""
    source = session().get_one(Application, application.carried_from)
    title = portal().catalogue.find(source.program_id).short
    how = "自动转评" if application.carried_why == "next_tier" else "由窗口加办"
    return f"接{title}申请 {source.reference_no}，{how}。"
