"""The desk's page of village assistants: who, where, suspended, handed over, second factor."""

from typing import Any
from uuid import UUID

from flask import Response, request

from api.context import actor, now, session
from api.pages import desk_look, desk_room, go
from portal.foundation.errors import Conflict, Invalid, Refusal
from portal.people import appointments, rosters, second_factor
from portal.people.appointment_tables import Appointment
from portal.policy import regions

pages = desk_room.room("desk_assistants")

ONE = "/assistants/<uuid:appointment_id>"
DONE = {
    "suspended": "已停用，他马上就进不来了", "resumed": "已恢复", "reset": "动态码已重设，他下次登录再设",
    "handed_over": "已交接，接手的人要一家一家问",
}  # fmt: skip


@pages.get("/assistants")
def everybody() -> Response:
    return _page()


@pages.post(f"{ONE}/suspension")
def suspend(appointment_id: UUID) -> Response:
    appointments.suspend(session(), _one(appointment_id), actor=actor(), now=now())
    return go("/desk/assistants?done=suspended")


@pages.post(f"{ONE}/resumption")
def resume(appointment_id: UUID) -> Response:
    appointments.resume(session(), _one(appointment_id), actor=actor(), now=now())
    return go("/desk/assistants?done=resumed")


@pages.post(f"{ONE}/factor-reset")
def reset_factor(appointment_id: UUID) -> Response:
    appointments.reset_factor(session(), _one(appointment_id), actor=actor(), now=now())
    return go("/desk/assistants?done=reset")


@pages.post(f"{ONE}/hand-over")
def hand_over(appointment_id: UUID) -> Response:
    old = _one(appointment_id)
    try:
        heir = _one(_chosen(request.form.get("to", "")))
        rosters.hand_over(session(), old, heir, actor=actor(), now=now())
    except (Conflict, Invalid) as refused:
        session().rollback()
        return _page(refused)
    return go("/desk/assistants?done=handed_over")


def _one(appointment_id: UUID) -> Appointment:
    return appointments.find(session(), appointment_id, actor=actor())


def _chosen(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as fault:
        raise Invalid("请选谁来接手。", fields={"to": ["请选谁来接手。"]}) from fault


def _page(refusal: Refusal | None = None) -> Response:
    lines = [_line(one) for one in appointments.of_office(session(), actor=actor())]
    return desk_look.page(
        "desk/assistants.html", refusal.status if refusal else 200, lines=lines, refusal=refusal,
        done=DONE.get(request.args.get("done", ""), ""),
    )  # fmt: skip


def _line(one: Appointment) -> dict[str, Any]:
    told = appointments.opened(session(), one)
    over = one.ends_at is not None and one.ends_at <= now()
    account = one.account_id
    return {
        "one": one,
        "name": told.name,
        "phone": told.phone.value,
        "village": regions.find(session(), one.village_code).name,
        "groups": "、".join(one.groups) or "全村",
        "suspended": one.suspended_at is not None,
        "over": over,
        "in_force": appointments.in_force(one, now=now()),
        "came": account is not None,
        "enrolled": account is not None and second_factor.enrolled(session(), account),
    }
