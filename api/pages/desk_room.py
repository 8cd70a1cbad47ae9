"""What every blueprint of the desk's pages has: its place, and its own page for refusals."""

from flask import Blueprint, Response, g

from api.pages import go, show
from portal.foundation.errors import Refusal, SignInNeeded


def room(name: str) -> Blueprint:
    """A blueprint below /desk whose refusals are the desk's own page."""
    pages = Blueprint(name, f"api.pages.{name}", url_prefix="/desk")
    pages.register_error_handler(Refusal, refuse)
    return pages


def refuse(refusal: Refusal) -> Response:
    """The desk's own page for what could not be done; nobody signed in goes to sign in."""
    g.keeps = refusal.keeps
    if isinstance(refusal, SignInNeeded):
        return go("/desk/sign-in")
    answer = show("desk/sorry.html", refusal.status, refusal=refusal, who=None, alerts=0)
    if refusal.retry_after is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer
