"""Whether this device proved the second factor: a cookie no script can read, or a header."""

from flask import Response, request

from api.context import now, portal, session
from portal.foundation.errors import Forbidden
from portal.people import appointments, second_factor
from portal.people.appointment_tables import Appointment
from portal.people.tables import Account

HEADER, _COOKIE = "X-Known-Device", "known_device"


def is_known(account: Account) -> bool:
    device = request.headers.get(HEADER) or request.cookies.get(_COOKIE, "")
    return second_factor.known(session(), account.id, device[:128], now=now())


def is_missing(account: Account) -> bool:
    """Whether an assistant's roster waits for the code of this device."""
    held = appointments.is_assistant(session(), account.id, now=now())
    return held and not is_known(account)


def held(account: Account) -> list[Appointment]:
    """What the account is appointed to, on a device that is known.

    Raises Forbidden: not_appointed, suspended, factor_needed.
    """
    found = appointments.held(session(), account.id, now=now())
    if not is_known(account):
        raise Forbidden("请先输协理员的动态码。", code="factor_needed")
    return found


def keep(response: Response, device: str) -> Response:
    response.set_cookie(
        _COOKIE, device, max_age=int(second_factor.KNOWN_FOR.total_seconds()), httponly=True,
        samesite="Lax", secure=portal().settings.secure,
    )  # fmt: skip
    return response
