"""Applying: start, the list of steps, check, hand in, receipt."""

from datetime import datetime
from io import BytesIO
from secrets import token_hex
from uuid import UUID

import segno
from flask import Response, request

from api import acting
from api import applications as api
from api.context import actor, maybe_actor, now, portal, session
from api.pages import go, guides, mine, overview, show, together
from portal.casework.talk import telling
from portal.filing import applications, family, sharing
from portal.filing.tables import Application
from portal.foundation import idempotency
from portal.foundation.clock import spoken
from portal.foundation.errors import Invalid
from portal.handover import submission
from portal.people import access, choices, consents, households
from portal.people.access import Act, Role
from portal.people.tables import Account, Household
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status

pages = mine.room("apply")


@pages.get("/apply/<program_id>")
def about(program_id: str) -> Response:
    """A number that still has to prove who holds it is told of no application."""
    program = portal().catalogue.find(program_id)
    if not program.has_form:
        return go(f"/guide/{program.id}")
    account, proved = _account()
    return show(
        "pages/apply.html",
        program=program,
        told=[(words, guides.under(program, words)) for words in ("要多久", "谁来决定")],
        cited=guides.cited,
        signed_in=account is not None,
        lacking=account is not None and bool(consents.missing(session(), account)),
        open_one=account and proved and applications.open_one(session(), account.id, program.id),
        homes=_free_homes(account, program) if account and proved else [],
        drafting=Status.DRAFT,
        key=token_hex(12),
    )


@pages.post("/apply/<program_id>")
def start(program_id: str) -> Response:
    program = portal().catalogue.find(program_id)
    account = api.resident()
    if acting.bar() is not None:
        return go(f"/helping/leave?next=/apply/{program.id}")
    running = _running(account, program)
    if running is not None:
        return go(mine.at(running, "tasks") if mine.editable(running) else mine.at(running))
    return go(mine.at(_begin(program, account), "tasks"))


@pages.get("/applications/<uuid:application_id>/tasks")
def tasks(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    if not mine.editable(application):
        return go(mine.at(application))
    if (walk := together.walked_with(application)) is not None:
        return go(f"{walk}/tasks")
    return show(
        "pages/tasks.html",
        application=application,
        program=program,
        todo=overview.of(session(), application, program, now=now()),
        word=_choices().word,
        at=mine.at,
    )


@pages.post("/applications/<uuid:application_id>/discard")
def discard(application_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    applications.discard(session(), application, actor=actor(), now=now())
    home = application.household_id if "home" in request.form else None
    return go(f"/household/{home}/tasks" if home else "/applications")


@pages.get("/applications/<uuid:application_id>/check")
def check(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    if not mine.editable(application):
        return go(mine.at(application))
    if (walk := together.walked_with(application)) is not None:
        return go(f"{walk}/check")
    return _check_page(application, program, {})


@pages.post("/applications/<uuid:application_id>/check")
def submit(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    try:
        submission.submit(session(), application, program, actor=actor(), now=now())
        telling.submitted(session(), application, now=now())
    except Invalid as refused:
        return _check_page(application, program, refused.fields, status=422)
    return go(mine.at(application, "receipt"))


@pages.get("/applications/<uuid:application_id>/receipt")
def receipt(application_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    access.check_act(actor(), Act.SUBMIT, Act.FOLLOW)
    given = submission.receipt(session(), application)
    return show(
        "pages/receipt.html",
        application=application,
        receipt=given,
        submitted=spoken(datetime.fromisoformat(given["submitted_at"])),
        word_asked=_choices().asked,
        at=mine.at,
    )


@pages.get("/applications/<uuid:application_id>/receipt/qr.svg")
def receipt_code(application_id: UUID) -> Response:
    """Leads to the status page with the reference number filled in."""
    application, _program = mine.my(application_id)
    address = f"{portal().settings.public_url}/status?no={application.reference_no}"
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=4, xmldecl=False)
    return Response(drawn.getvalue(), content_type="image/svg+xml")


def _begin(program: Program, account: Account) -> Application:
    """One press of the button makes one draft, however often it arrives."""
    key, who = request.form.get("key", "")[:64] or token_hex(12), str(actor())
    route = f"/apply/{program.id}"
    said = idempotency.claim(session(), key, actor=who, route=route, request=b"", now=now())
    if said is not None and said.application_id is not None:
        return applications.find(session(), said.application_id, actor=actor())
    home, catalogue = _home(account), portal().catalogue
    application = sharing.start(session(), home, catalogue, program, actor=actor(), now=now())
    idempotency.answered(
        session(), key, actor=who, route=route, status=303, answer=b"",
        application_id=application.id,
    )  # fmt: skip
    return application


def _check_page(
    application: Application, program: Program, errors: dict[str, list[str]], status: int = 200
) -> Response:
    return show(
        "pages/check.html",
        status,
        application=application,
        program=program,
        errors=errors,
        todo=overview.of(session(), application, program, now=now()),
        said=overview.said(session(), program, mine.answers(application, program)),
        at=mine.at,
    )


def _choices() -> choices.Choices:
    return choices.of(session(), session().get_one(Account, actor().id))


def _running(account: Account, program: Program) -> Application | None:
    """What is under way already for whom it is to be; None for another family's."""
    chosen = request.form.get("household", "")
    if "again" in request.form:
        return None
    if not chosen:
        return applications.open_one(session(), account.id, program.id)
    return family.open_in(session(), _home(account), program.id)


def _home(account: Account) -> Household:
    """The family chosen; the only one there is; else a new one."""
    chosen = request.form.get("household", type=lambda text: UUID(text))
    if chosen:
        return acting.household(session(), chosen, lock=True)
    if "again" in request.form:
        return households.start(session(), account_id=account.id, actor=actor(), now=now())
    return api.home_of(account)


def _free_homes(account: Account, program: Program) -> list[tuple[Household, str]]:
    """The account's families that have no such application yet."""
    homes = households.of_account(session(), account.id)
    return [
        (home, together.name_of(home))
        for home in homes
        if family.open_in(session(), home, program.id) is None
    ]


def _account() -> tuple[Account | None, bool]:
    """Who is signed in, and whether nothing is left to prove."""
    who = maybe_actor()
    if who is None or who.role is not Role.APPLICANT:
        return None, False
    return session().get(Account, who.id), who.proved
