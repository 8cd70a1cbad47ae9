"""What the desk's pages and its JSON share of boards, changes, rechecks and kept-off households."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from api.context import actor, now, portal, session
from portal.casework import chain, office
from portal.casework.after import changes, rechecks
from portal.casework.publicity import board, publishing, unlisting
from portal.filing import family
from portal.filing.tables import Application
from portal.people import access
from portal.people.tables import Household
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status


def find(application_id: UUID) -> Application:
    return office.find(session(), application_id, actor=actor())


def places() -> list[tuple[str, str, int]]:
    return board.places(session(), actor=actor(), now=now())


def paper(code: str) -> bytes:
    return board.paper(session(), code, actor=actor(), now=now())


def answer(report_id: UUID, sentence: str) -> None:
    changes.answer(session(), report_id, sentence, actor=actor(), now=now())


def keep_off(application: Application, sentence: str, *, keep: bool) -> None:
    unlisting.decide(session(), application, sentence, keep=keep, actor=actor(), now=now())


def note_recheck(application: Application, how: str, changed: Sequence[str]) -> None:
    rechecks.note(session(), application, how, changed, actor=actor(), now=now())


def post_stop(application: Application) -> None:
    publishing.post_stop(session(), application, program(application), actor=actor(), now=now())


def links(application: Application) -> list[dict[str, Any]]:
    """The household's chain, of the files this office may see; of the one file without one."""
    files = [application]
    if application.household_id is not None:
        household = session().get_one(Household, application.household_id)
        files = [one for one in family.of(session(), household) if _is_ours(one)]
    return chain.links(session(), files, portal().catalogue, now=now())


def panel(application: Application, its: Program) -> dict[str, Any]:
    """Everything of it on one file: {"reports", "recheck", "unlisted", "hidden", "stop",
    "posted_until", "links"}."""
    found = unlisting.of(session(), application)
    posted = publishing.stop_posting(session(), application)
    stops = publishing.needs_stop_posting(its)
    ending = application.status in (Status.REVIEWING, Status.GRADUATING)
    return {
        "reports": changes.of(session(), application),
        "recheck": rechecks.shown(session(), application, now=now()),
        "unlisted": found,
        "said": unlisting.said(session(), application),
        "stop": stops and ending,
        "posted_until": posted.last_day if posted is not None else None,
        "links": links(application),
    }


def _is_ours(application: Application) -> bool:
    who = actor()
    path = application.region_path
    return access.may_read(who, owner=None, region_path=path)


def program(application: Application) -> Program:
    return portal().catalogue.find(application.program_id)
