"""The second factor of an assistant: put into an app once, asked on each new device."""

import segno
from flask import Response, g, request

from api import applications as api
from api import known_device, roster
from api.context import now, session
from api.pages import go, mine, safe_next, show
from portal.foundation.errors import Refusal
from portal.people import appointments, second_factor
from portal.people.tables import Account

pages = mine.room("roster_factor")


@pages.get("/roster/factor")
def ask() -> Response:
    account = _appointed()
    return go(_after()) if known_device.is_known(account) else _page(account)


@pages.post("/roster/factor")
def begin() -> Response:
    """The secret, on this answer only; pressed again it is the same until a code was right."""
    account = _appointed()
    return _page(account, second_factor.begin(session(), account, now=now()))


@pages.post("/roster/factor/code")
def prove() -> Response:
    account = _appointed()
    try:
        device = roster.proved(request.form.get("code", "")[:64])
    except Refusal as refused:
        if refused.status == 403:
            raise
        g.keeps = refused.keeps
        return _page(account, refused=refused)
    return known_device.keep(go(_after()), device)


def _appointed() -> Account:
    """Raises Forbidden for whoever is no assistant now."""
    account = api.resident()
    appointments.held(session(), account.id, now=now())
    return account


def _page(
    account: Account, shown: tuple[str, str] | None = None, refused: Refusal | None = None
) -> Response:
    secret, address = shown or ("", "")
    return show(
        "pages/roster_factor.html", refused.status if refused else 200, address=address,
        secret=" ".join(secret[n : n + 4] for n in range(0, len(secret), 4)), after=_after(),
        drawn=_drawn(address) if address else "", wrong=refused.message if refused else "",
        enrolled=second_factor.enrolled(session(), account.id),
    )  # fmt: skip


def _drawn(address: str) -> str:
    """The same address to photograph with another phone."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=4))


def _after() -> str:
    return safe_next(request.values.get("next"), "/roster")
