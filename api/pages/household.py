"""「我家有困难」: one household, several 事项, one status line each; more added without retyping."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, request

from api import applications as api
from api import households as api_households
from api.context import actor, now, portal, session
from api.pages import go, mine, show, together
from portal.casework import events, stages, timeline
from portal.filing import applications, family, guarding
from portal.filing.tables import Application
from portal.foundation.clock import spoken
from portal.foundation.errors import NotFound
from portal.people import access, households
from portal.people.access import Never
from portal.people.tables import Household
from portal.policy import guide
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL, Status

pages = mine.room("household")

_PATH = "/household/<uuid:household_id>"


@dataclass(frozen=True)
class Line:
    """One 事项: where it stands, whose turn it is, what comes and by when. `why`: what the
    office said when it opened the file itself; such a file can be refused with one tap."""

    application: Application
    program: Program
    label: str
    turn: str
    what: str
    by: str
    why: str
    can_say_no: bool


@pages.get("/household")
def mine_all() -> Response:
    """The one household, or the list where an account has several."""
    account = api.resident()
    found = households.of_account(session(), account.id)
    if len(found) == 1:
        return go(together.at(found[0]))
    named = [
        (home, together.name_of(home), _counted(home), spoken(home.created_at)) for home in found
    ]
    return show("pages/households.html", households=named, at=together.at)


@pages.get(_PATH)
def one(household_id: UUID) -> Response:
    household = together.my(household_id)
    lines = [_line(a) for a in _visible(household)]
    drafts = family.drafts(session(), household, portal().catalogue, actor=actor())
    return show(
        "pages/household.html",
        household=household,
        name=together.name_of(household),
        lines=[line for line in lines if line.application.status not in FINAL],
        over=[line for line in lines if line.application.status in FINAL],
        drafts=len(drafts),
        granted=_granted(household),
        at=together.at,
        file_at=mine.at,
    )


@pages.get(f"{_PATH}/matters")
def choose(household_id: UUID) -> Response:
    return _choose_page(together.my(household_id))


@pages.post(f"{_PATH}/matters")
def add(household_id: UUID) -> Response:
    """A further 事项, with everything the household has said before."""
    household = together.my(household_id)
    wanted = request.form.getlist("program")
    if not wanted:
        return _choose_page(household, error="请至少勾一样。", status=422)
    api_households.add_matters(household, wanted)
    return go(together.at(household, "tasks"))


@pages.post(f"{_PATH}/matters/<uuid:application_id>/no")
def say_no(household_id: UUID, application_id: UUID) -> Response:
    """One tap against what the office opened by itself."""
    household = together.my(household_id)
    access.refuse_helper(actor(), Never.WITHDRAW)
    application = api.find(application_id)
    if application.household_id != household.id or not application.carried_why:
        raise NotFound("没有找到这份申请。")
    if application.status == Status.DRAFT:
        applications.discard(session(), application, actor=actor(), now=now())
    else:
        events.withdraw(session(), application, actor=actor(), now=now())
    return go(together.at(household))


def addable(household: Household) -> list[Program]:
    """What is applied for here and not under way, those most people come for first."""
    programs = guide.in_order(portal().catalogue.programs)
    return [
        program
        for program in programs
        if program.has_form
        and not program.travels_alone
        and access.in_scope(actor(), program.id)
        and family.open_in(session(), household, program.id) is None
    ]


def _choose_page(household: Household, *, error: str = "", status: int = 200) -> Response:
    return show(
        "pages/matters.html",
        status,
        household=household,
        name=together.name_of(household),
        programs=addable(household),
        chosen=request.values.getlist("program"),
        error=error,
        at=together.at,
    )


def _visible(household: Household) -> list[Application]:
    found = family.of(session(), household)
    return [one for one in found if guarding.open_to(one, actor=actor(), now=now())]


def _granted(household: Household) -> list[str]:
    titles = portal().catalogue.programs
    return [titles[p].short for p in family.recognised(session(), household) if p in titles]


def _counted(household: Household) -> int:
    return len([one for one in family.of(session(), household) if one.status not in FINAL])


def _line(application: Application) -> Line:
    program, status = portal().catalogue.find(application.program_id), Status(application.status)
    story = timeline.timeline(session(), application, portal().catalogue, now=now())
    following: dict[str, Any] = story["next"]
    return Line(
        application, program, stages.LABELS[status], story["turn_text"], following["what"],
        following["by_text"], api_households.why_opened(application),
        api_households.can_say_no(application),
    )  # fmt: skip
