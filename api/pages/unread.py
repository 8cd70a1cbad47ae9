"""How many messages wait for whoever looks at a page."""

from flask import request
from sqlalchemy.exc import SQLAlchemyError

from api import context
from portal.contact import inbox
from portal.foundation.errors import SignInNeeded
from portal.people.access import Actor, Role


def count() -> int:
    """For the frame of a resident's page; 0 for everybody else. Never a reason to fail."""
    who = resident()
    if who is None:
        return 0
    try:
        return inbox.unread(context.reader(), who.id)
    except SQLAlchemyError:
        return 0


def resident() -> Actor | None:
    """The signed-in resident with nothing left to prove."""
    if request.path.startswith("/desk"):
        return None
    try:
        who = context.maybe_actor()
    except (SignInNeeded, SQLAlchemyError):
        return None
    return who if who is not None and who.role is Role.APPLICANT and who.proved else None
