"""Whom the call button of a screen rings, and the place this browser has chosen."""

import re

from flask import Response, g, request
from sqlalchemy.exc import OperationalError

from api.context import portal
from portal.foundation.errors import NotFound
from portal.policy import directory, regions
from portal.policy.directory import EVERYWHERE, Contact

COOKIE = "place"
_YEAR = 31536000
_CODE = re.compile(r"[0-9]{6,12}")


def about(path: str | None) -> None:
    """This screen is about a file of that place, a path from the province down."""
    g.place_path = path or ""


def call() -> Contact:
    """The nearest to the file on the screen, else to the place chosen earlier, else 12349."""
    path, code = g.get("place_path", ""), chosen()
    if request.path.startswith("/desk") or not (path or code):
        return EVERYWHERE
    try:
        with portal().database.reading() as short:
            return directory.for_place(short, path or regions.path(short, code))
    except (NotFound, OperationalError):
        return EVERYWHERE


def choose(code: str) -> None:
    """This place was just chosen: it counts from here on, and for a year in this browser."""
    if code:
        g.place_code = code


def chosen() -> str:
    """The code of the place chosen now or earlier in this browser, "" for none; may be unknown."""
    code: str = g.get("place_code") or request.cookies.get(COOKIE, "")
    return code if _CODE.fullmatch(code) else ""


def keep(answer: Response) -> None:
    """Send the place just chosen along, for the next pages."""
    code = g.get("place_code")
    if code and code != request.cookies.get(COOKIE):
        answer.set_cookie(
            COOKIE, code, max_age=_YEAR, samesite="Lax", httponly=True,
            secure=portal().settings.secure,
        )  # fmt: skip
