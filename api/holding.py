"""Never two at work on one file: whoever has it open acts, others wait, for every act of the desk."""

import re

from flask import Flask, request

from api.context import SAFE, maybe_actor, now, reader
from portal.casework import queue
from portal.filing.tables import Application
from portal.people import access

_ACT = re.compile(r"/(?:desk/files|api/office/applications)/[0-9a-f-]{36}/([a-z-]+)")
BESIDE = frozenset(
    {
        "alert", "alert-answers", "numbers", "copy", "copies", "release", "releases", "reasons",
        "openings", "messages", "talk", "nudges", "nudge-answers", "readers", "complaints",
        "mandates",
    }
)  # fmt: skip
"""What may be done beside a colleague at work: help, looks, words; nothing that moves the file."""


def install(app: Flask) -> None:
    app.before_request(_check_free)


def _check_free() -> None:
    """Raises Conflict (taken); a file of another division is left to its view."""
    found = _ACT.match(request.path)
    if request.method in SAFE or found is None or found[1] in BESIDE:
        return
    who, file_id = maybe_actor(), (request.view_args or {}).get("application_id")
    application = reader().get(Application, file_id) if file_id else None
    if who is None or application is None:
        return
    if access.may_read(who, owner=application.account_id, region_path=application.region_path):
        queue.check_free(reader(), application, actor=who, now=now())
