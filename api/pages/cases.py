"""My applications, and where each one stands."""

from uuid import UUID

from flask import Response

from api import applications as api
from api.context import actor, now, portal, session
from api.pages import go, mine, show
from portal.casework import applicant, events, stages
from portal.casework.talk import rating
from portal.filing import applications, documents
from portal.filing.tables import Application
from portal.foundation.errors import NotFound
from portal.people import access, appointments, households
from portal.people.access import Act, Never
from portal.policy.lifecycle import FINAL, MOVES, Status

pages = mine.room("cases")

_CAN_WITHDRAW = frozenset(m.before for m in MOVES if m.after is Status.WITHDRAWN)
"""Where the lifecycle lets the applicant take a file back."""


@pages.get("/applications")
def every() -> Response:
    account = api.resident()
    found = applications.mine(session(), account.id)
    return show(
        "pages/applications.html",
        applications=[_line(a) for a in found if applications.readable(session(), a)],
        assistant=bool(appointments.of_account(session(), account.id)),
        at=mine.at,
    )


@pages.get("/applications/<uuid:application_id>")
def one(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    if application.status == Status.DRAFT:
        return go(mine.at(application, "tasks"))
    access.check_act(actor(), Act.FOLLOW)
    story = applicant.story(session(), application, portal().catalogue, actor=actor(), now=now())
    states = [stage["state"] for stage in story["stages"]]
    return show(
        "pages/case.html",
        application=application,
        program=program,
        story=story,
        step_of={f.name: step.key for step in program.form.steps for f in step.fields},
        can_withdraw=Status(application.status) in _CAN_WITHDRAW and actor().grant is None,
        here=states.index("now") + 1 if "now" in states else 0,
        photos_open=application.status in documents.TAKES_PHOTOS,
        may_rate=rating.may_rate(application) and actor().grant is None,
        chain=_chain(application),
        at=mine.at,
    )


@pages.get("/applications/<uuid:application_id>/withdrawal")
def ask_withdrawal(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    access.refuse_helper(actor(), Never.WITHDRAW)
    return show("pages/withdrawal.html", application=application, program=program, at=mine.at)


@pages.post("/applications/<uuid:application_id>/withdrawal")
def withdraw(application_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    access.refuse_helper(actor(), Never.WITHDRAW)
    events.withdraw(session(), application, actor=actor(), now=now())
    return go(mine.at(application))


def _chain(application: Application) -> str:
    """Where all of the household's aid stands; empty where it has none, or not for who looks."""
    household, who = application.household_id, actor()
    if household is None:
        return ""
    try:
        households.find(session(), household, actor=who, now=now())
    except NotFound:
        return ""
    return f"/household/{household}/chain"


def _line(application: Application) -> dict[str, object]:
    status = Status(application.status)
    program = portal().catalogue.find(application.program_id)
    return {
        "application": application,
        "title": program.short,
        "label": stages.LABELS[status],
        "yours": stages.turn(status) == "you",
        "over": status in FINAL,
        "draft": status is Status.DRAFT,
    }
