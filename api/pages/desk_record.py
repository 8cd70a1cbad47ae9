"""What a file's page notes in its record: a line corrected, and what the person said themselves."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, request

from api.context import actor, now, session
from api.pages import desk, desk_look, desk_room, go
from portal.casework import amending, own_word
from portal.casework.said import MOST_CHARACTERS, SPOKEN_HOW
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid
from portal.policy.catalogue import Program

pages = desk_room.room("desk_record")

_AT = "/files/<uuid:application_id>"


def panel(application: Application, _program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/own_word.html is given; None when there is nothing to write down."""
    may = own_word.may(session(), application, actor=actor())
    if not any(may.values()):
        return None
    return {"may": may, "how": SPOKEN_HOW, "today": local_date(now()), "most": MOST_CHARACTERS}


@pages.post(f"{_AT}/corrections")
def amend(application_id: UUID) -> Response:
    line = desk.uuid_of(request.form.get("corrects"))

    def write(application: Application) -> None:
        if line is None:
            raise Conflict("没有找到要更正的记录。", code="nothing_to_correct")
        amending.amend(session(), application, line, _said("sentence"), actor=actor(), now=now())

    return _done(application_id, f"correct-{line}", write)


@pages.post(f"{_AT}/own-withdrawals")
def withdraw(application_id: UUID) -> Response:
    def write(application: Application) -> None:
        own_word.withdraw(
            session(), application, _said("how"), _day(), _said("sentence"), actor=actor(),
            now=now(),
        )  # fmt: skip

    return _done(application_id, "own-withdrawal", write)


@pages.post(f"{_AT}/own-disputes")
def dispute(application_id: UUID) -> Response:
    def write(application: Application) -> None:
        own_word.dispute(
            session(), application, _said("how"), _day(), _said("sentence"), actor=actor(),
            now=now(),
        )  # fmt: skip

    return _done(application_id, "own-dispute", write)


def _done(application_id: UUID, form: str, act: Callable[[Application], object]) -> Response:
    """Back to the file; what was refused stands on it beside the form, and nothing is kept."""
    try:
        act(desk.find(application_id))
    except (Invalid, Conflict) as refusal:
        told = Invalid(
            refusal.message, code=refusal.code, fields=refusal.fields or {"_": [refusal.message]}
        )
        return desk_look.file_page(desk.afresh(application_id), refusal=told, form=form)
    return go(f"{desk_look.at(application_id)}#record")


def _said(name: str) -> str:
    return request.form.get(name, "").strip()[: MOST_CHARACTERS + 1]


def _day() -> date:
    """Raises Invalid."""
    try:
        return date.fromisoformat(_said("day"))
    except ValueError:
        raise Invalid("日期不对。", fields={"day": ["请填日期。"]}) from None
