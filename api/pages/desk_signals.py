"""The county's page about helpers: coincidences and counts, each with the words 这不是结论."""

from flask import Response

from api import office_signals
from api.context import session
from api.pages import desk_look, desk_room
from portal.casework import signals
from portal.filing.tables import Application

pages = desk_room.room("desk_signals")


@pages.get("/signals")
def board() -> Response:
    found, named = office_signals.looked()
    return desk_look.page(
        "desk/signals.html", found=found, named=named, many=signals.MANY_A_DAY,
        note=signals.NOT_A_VERDICT, sayings=SAYINGS,
        file=lambda one: session().get_one(Application, one),
    )  # fmt: skip


SAYINGS = {
    "account": "几户填了同一个收款账号。可能是亲戚代领，也可能填错。请问一问。",
    "phone": "几户留了同一个电话。可能一家人合用，也可能是代办人的。请问一问。",
    "photo": "几户的材料里有同一张照片。可能传错了户。请对一对。",
}
"""What it may mean; the innocent cause first."""
