"""The desk's page of village assistants: who, where, suspended, handed over, second factor."""

from collections.abc import Sequence
from uuid import UUID

from flask import Response, request

from api import office_assistants as api
from api.context import actor, now, session
from api.pages import desk_look, desk_room, go
from portal.foundation.errors import Conflict, Invalid, Refusal
from portal.people import appointment_lists, appointments

pages = desk_room.room("desk_assistants")

ONE = "/assistants/<uuid:appointment_id>"
_MOST_SHOWN = 100
DONE = {
    "suspended": "已停用，他马上就进不来了", "resumed": "已恢复", "reset": "动态码已重设，他下次登录再设",
    "handed_over": "已交接，接手的人要一家一家问",
}  # fmt: skip


@pages.get("/assistants")
def everybody() -> Response:
    return _page()


@pages.post("/assistants")
def take_in() -> Response:
    """Tried without a trace, or appointed; a list with a fault changes nothing."""
    dry_run = "try" in request.form
    try:
        made = api.taken_in(dry_run=dry_run)
    except Invalid as refused:
        return _page(refused)
    said = appointment_lists.told(made, dry_run=dry_run)
    shown = [*said[:_MOST_SHOWN], *said[-1:]] if len(said) > _MOST_SHOWN else said
    return _page(said=shown, good=not made.faults)


@pages.post(f"{ONE}/suspension")
def suspend(appointment_id: UUID) -> Response:
    appointments.suspend(session(), api.find(appointment_id), actor=actor(), now=now())
    return go("/desk/assistants?done=suspended")


@pages.post(f"{ONE}/resumption")
def resume(appointment_id: UUID) -> Response:
    appointments.resume(session(), api.find(appointment_id), actor=actor(), now=now())
    return go("/desk/assistants?done=resumed")


@pages.post(f"{ONE}/factor-reset")
def reset_factor(appointment_id: UUID) -> Response:
    appointments.reset_factor(session(), api.find(appointment_id), actor=actor(), now=now())
    return go("/desk/assistants?done=reset")


@pages.post(f"{ONE}/hand-over")
def hand_over(appointment_id: UUID) -> Response:
    try:
        api.passed_on(appointment_id, _chosen(request.form.get("to", "")))
    except (Conflict, Invalid) as refused:
        session().rollback()
        return _page(refused)
    return go("/desk/assistants?done=handed_over")


def _chosen(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as fault:
        raise Invalid("请选谁来接手。", fields={"to": ["请选谁来接手。"]}) from fault


def _page(
    refusal: Refusal | None = None, *, said: Sequence[str] = (), good: bool = True
) -> Response:
    status = refusal.status if refusal else 200 if good else 422
    return desk_look.page(
        "desk/assistants.html", status, lines=api.lines(), refusal=refusal, said=said, good=good,
        titles=[called[0] for called in appointment_lists.COLUMNS.values()], done=DONE.get(request.args.get("done", ""), ""),
    )  # fmt: skip
