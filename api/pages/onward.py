"""What was chosen before signing in travels in the body of every form on the way; nothing is kept."""

from flask import Response, redirect, request

START = "/household/start"
CARRIED = ("program", "said", "place", "key", "household")
_LONGEST, _MOST = 20_000, 20


def fields() -> list[tuple[str, str]]:
    """What a page on the way sends on as hidden fields; empty for who is not on this way."""
    if not request.form.getlist("program"):
        return []
    return [
        (name, text[:_LONGEST]) for name in CARRIED for text in request.form.getlist(name)[:_MOST]
    ]


def again() -> Response:
    """The browser sends the same body once more, to where it was going."""
    return redirect(START, 307)  # type: ignore[return-value]
