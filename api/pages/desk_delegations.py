"""The desk's panel 代办: what to ask the person, the payee account, the recording."""

from typing import Any
from uuid import UUID

from flask import Response, request

from api import delegating
from api.context import actor, now, session
from api.pages import desk, desk_look, desk_room, desk_survey, go
from portal.casework.survey import delegations
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Invalid
from portal.policy.catalogue import Program

pages = desk_room.room("desk_delegations")

_AT = "/files/<uuid:application_id>"
_MANDATE = f"{_AT}/mandates/<uuid:mandate_id>"


def panel(application: Application, _program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/delegations.html is given."""
    return delegating.panel(application)


@pages.get(f"{_MANDATE}/voice")
def voice(application_id: UUID, mandate_id: UUID) -> Response:
    return delegating.heard(application_id, mandate_id)


@pages.post(f"{_MANDATE}/answers")
def answer(application_id: UUID, mandate_id: UUID) -> Response:
    application, said = desk.find(application_id), request.form
    code = said.get("code", "")[:64]
    try:
        delegations.answer(
            session(), application, mandate_id, code, said.get("sentence", ""), actor=actor(),
            now=now(),
        )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return _again(application_id, refusal, f"ask.{code}.{mandate_id}")
    return go(f"{desk_look.at(application_id)}#panel-delegations")


@pages.post(f"{_MANDATE}/payee-openings")
def open_payee(application_id: UUID, mandate_id: UUID) -> Response:
    application, said = desk.find(application_id), request.form
    try:
        delegations.open_payee(
            session(), application, mandate_id, said.get("reason", ""),
            seen=said.get("seen") == "yes", actor=actor(), now=now(),
        )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return _again(application_id, refusal, f"payee.{mandate_id}")
    return go(f"{desk_look.at(application_id)}#panel-delegations")


@pages.post(f"{_AT}/signature-withdrawals")
def take_back(application_id: UUID) -> Response:
    application, said = desk.find(application_id), request.form
    signer = said.get("signer", "")[:64]
    try:
        delegating.taken_back(application, signer, said.get("how", ""), said.get("on", ""))
    except (Invalid, Conflict) as refusal:
        return desk_survey.refused(application_id, refusal)
    return go(f"{desk_look.at(application_id)}/survey#signing")


def _again(application_id: UUID, refusal: Invalid | Conflict, form: str) -> Response:
    """The file with what is wrong beside the form it was typed in; nothing is kept."""
    shown = desk_survey.shown(refusal)
    return desk_look.file_page(desk.afresh(application_id), refusal=shown, form=form)
