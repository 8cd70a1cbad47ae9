"""The desk's survey and means check: two panels of a file's page, the form, the reports."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, g, request

from api import delegating, desk_reading, investigating
from api.context import actor, now, portal, session
from api.pages import answers, desk, desk_look, desk_room, go, survey_form
from portal.casework.said import CHECK_OUTCOMES
from portal.casework.survey import (
    checks,
    disputes,
    look,
    obligors,
    taking_back,
    visits,
)
from portal.filing.tables import Application
from portal.foundation.clock import local
from portal.foundation.errors import Conflict, Invalid
from portal.policy.catalogue import Program

pages = desk_room.room("desk_survey")

_AT = "/files/<uuid:application_id>"
_PEOPLE_ASKED_ABOUT = ("name", "id_number", "relation", "why")


def panel(application: Application, program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/survey.html is given; None when there is nothing to show now."""
    found = investigating.survey_panel(application)
    return None if found is None else {**found, "today": local(now()).date().isoformat()}


def check_panel(application: Application, program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/check.html is given; None when there is nothing to show now."""
    return investigating.check_panel(application)


@pages.post(f"{_AT}/visits")
def plan(application_id: UUID) -> Response:
    def act(application: Application) -> None:
        at, who = survey_form.moment(request.form), survey_form.ids(request.form)
        visits.plan(session(), application, at, who, actor=actor(), now=now())

    return _done(application_id, "visit", act)


@pages.get(f"{_AT}/survey")
def read(application_id: UUID) -> Response:
    application = investigating.read_survey(application_id)
    view = investigating.survey(application)
    return _form_page(
        application, survey_form.as_typed(session(), application, _of(application)), view
    )


@pages.post(f"{_AT}/survey")
def save(application_id: UUID) -> Response:
    """保存, or 办结: saved first, so that nothing typed is lost."""
    application = desk.find(application_id)
    try:
        changes, revision = survey_form.read(session(), application, _of(application), request.form)
        investigating.save(application, changes, revision)
        delegating.answered(application, request.form)
    except (Invalid, Conflict) as refusal:
        return _again(application_id, refusal)
    if request.form.get("go") != "finish":
        return go(f"{desk_look.at(application_id)}/survey?saved=1")
    return _finish(application)


@pages.get(f"{_AT}/survey.pdf")
def sheet(application_id: UUID) -> Response:
    """`?blank=1` to write on."""
    application = investigating.read_survey(application_id)
    return investigating.sheet(application, blank="blank" in request.args)


@pages.post(f"{_AT}/visit-signatures")
def sign(application_id: UUID) -> Response:
    application, signer = desk.find(application_id), request.form.get("signer", "")[:64]
    checks.sign_at_visit(session(), application, _of(application), signer, actor=actor(), now=now())
    return go(f"{desk_look.at(application_id)}/survey#signing")


@pages.post(f"{_AT}/visit-photos")
def add_photos(application_id: UUID) -> Response:
    desk.find(application_id)
    received = investigating.receive_photos(application_id)
    investigating.add_photos(desk.find(application_id), received)
    return go(f"{desk_look.at(application_id)}/survey#photos")


@pages.get(f"{_AT}/visit-photos/<uuid:photo_id>")
def photo(application_id: UUID, photo_id: UUID) -> Response:
    return investigating.photo(application_id, photo_id)


@pages.post(f"{_AT}/obligors")
def add_obligor(application_id: UUID) -> Response:
    def act(application: Application) -> None:
        said = {name: request.form.get(f"obligor.{name}", "") for name in _PEOPLE_ASKED_ABOUT}
        consent = request.form.get("obligor.consent", "")
        obligors.add(session(), application, said, consent, actor=actor(), now=now())

    return _done(application_id, "obligor", act)


@pages.post(f"{_AT}/obligors/<uuid:obligor_id>/end")
def let_off(application_id: UUID, obligor_id: UUID) -> Response:
    def act(application: Application) -> None:
        obligors.let_off(session(), application, obligor_id, actor=actor(), now=now())

    return _done(application_id, "obligor", act)


@pages.post(f"{_AT}/check-requests")
def ask(application_id: UUID) -> Response:
    def act(application: Application) -> None:
        checks.request(session(), application, _of(application), actor=actor(), now=now())

    return _done(application_id, "check", act)


@pages.post(f"{_AT}/check-starts")
def start(application_id: UUID) -> Response:
    def act(application: Application) -> None:
        checks.start(session(), application, _of(application), actor=actor(), now=now())

    return _done(application_id, "check", act)


@pages.post(f"{_AT}/recognitions")
def leave_out(application_id: UUID) -> Response:
    def act(application: Application) -> None:
        checks.leave_out(session(), application, actor=actor(), now=now())

    return _done(application_id, "check", act)


@pages.get(f"{_AT}/check")
def details(application_id: UUID) -> Response:
    """Every line of every report: looking is recorded by itself."""
    return _check_page(investigating.read_check(application_id))


@pages.post(f"{_AT}/check-results")
def tell(application_id: UUID) -> Response:
    application, said = desk.find(application_id), request.form
    try:
        checks.tell(
            session(), application, said.get("outcome", ""), said.get("sentence", ""),
            actor=actor(), now=now(),
        )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return _check_page(desk.afresh(application_id), refusal, "result")
    return go(f"{desk_look.at(application_id)}#panel-check")


@pages.post(f"{_AT}/dispute-answers")
def answer(application_id: UUID) -> Response:
    application, said = desk.find(application_id), request.form
    lines = [(one.partition("/")[0], one.partition("/")[2]) for one in said.getlist("line")]
    try:
        disputes.answer(
            session(), application, said.get("outcome", ""), said.get("sentence", ""), lines,
            actor=actor(), now=now(),
        )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return _check_page(desk.afresh(application_id), refusal, "dispute")
    return go(f"{desk_look.at(application_id)}#panel-check")


def refused(application_id: UUID, refusal: Invalid | Conflict) -> Response:
    """The form as it is kept, with what was refused beside it."""
    application = desk.afresh(application_id)
    told = Invalid(refusal.message, code=refusal.code, fields={"signing": [refusal.message]})
    kept = survey_form.as_typed(session(), application, _of(application))
    return _form_page(application, kept, investigating.survey(application), told)


def _done(application_id: UUID, form: str, act: Callable[[Application], None]) -> Response:
    """Back to the file; what was refused stands on it beside the form, and nothing is kept."""
    try:
        act(desk.find(application_id))
    except (Invalid, Conflict) as refusal:
        told = shown(refusal)
        return desk_look.file_page(desk.afresh(application_id), refusal=told, form=form)
    where = "survey" if form == "visit" else "check"
    return go(f"{desk_look.at(application_id)}#panel-{where}")


def _finish(application: Application) -> Response:
    """Where something is still lacking, what was saved stays."""
    try:
        investigating.finish(application)
    except (Invalid, Conflict) as refusal:
        g.keeps = True
        view = investigating.survey(application)
        return _form_page(application, request.form, view, refusal)
    return go(f"{desk_look.at(application.id)}#panel-survey")


def _again(application_id: UUID, refusal: Invalid | Conflict) -> Response:
    """The form as it was typed, with what is wrong; nothing of it is kept."""
    application = desk.afresh(application_id)
    view, typed = investigating.survey(application), answers.typed(request.form)
    if refusal.code == "survey_conflict":
        kept = survey_form.as_typed(session(), application, _of(application))
        typed = survey_form.merged(kept, typed)
    return _form_page(application, typed, view, refusal)


def _form_page(
    application: Application,
    raw: Any,
    view: dict[str, Any],
    refusal: Invalid | Conflict | None = None,
) -> Response:
    return desk_look.page(
        "desk/survey.html",
        refusal.status if refusal else 200,
        application=application,
        program=_of(application),
        form=view,
        relations=survey_form.relations(_of(application)),
        raw=raw,
        refusal=refusal,
        saved="saved" in request.args and not refusal,
        today=local(now()).date().isoformat(),
        back_how=taking_back.HOW,
    )


def _check_page(
    application: Application, refusal: Invalid | Conflict | None = None, form: str = ""
) -> Response:
    return desk_look.page(
        "desk/check.html",
        refusal.status if refusal else 200,
        application=application,
        program=_of(application),
        found=investigating.details(application),
        may=investigating.check_panel(application) or {},
        photos=look.dispute_photos(session(), application),
        outcomes=CHECK_OUTCOMES,
        answers=disputes.OUTCOMES,
        mark=desk_reading.mark(),
        refusal=shown(refusal) if refusal else None,
        form=form,
        typed=request.form,
    )


def shown(refusal: Invalid | Conflict) -> Invalid:
    """A Conflict has no field: it stands above the forms."""
    if isinstance(refusal, Invalid):
        return refusal
    return Invalid(refusal.message, code=refusal.code, fields={"_": [refusal.message]})


def _of(application: Application) -> Program:
    return portal().catalogue.find(application.program_id)
