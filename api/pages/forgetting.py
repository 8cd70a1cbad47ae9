"""What a phone must not keep: files of households its helper may not open any more."""

from flask import g, request
from sqlalchemy import select

from api import acting
from api.context import SAFE, actor, maybe_actor, now, session
from portal.filing import helping
from portal.filing.tables import Application
from portal.foundation.errors import NotFound, SignInNeeded
from portal.people import mandates
from portal.people.access import Actor, Role
from portal.people.mandate_tables import Mandate
from portal.people.pass_tables import PassCode


def marks() -> dict[str, str]:
    """For the page: `gone`, everything of these goes; `sent`, what has reached the portal."""
    if request.method in SAFE and "forget" not in g:
        _of_the_last()
    found: dict[str, list[str]] = g.get("forget", {})
    return {which: " ".join(ids) for which, ids in found.items() if ids}


def of(mandate: Mandate, *, which: str = "gone") -> None:
    """The page being made tells the phone to drop what it keeps of this household."""
    rows = select(Application.id).where(
        Application.household_id == mandate.household_id,
        Application.created_at <= (mandate.revoked_at or now()),
    )
    ids = [str(mandate.household_id), *map(str, session().scalars(rows))]
    g.setdefault("forget", {}).setdefault(which, []).extend(ids)


def after_pass(row: PassCode) -> None:
    """The person has taken the file over: all of it goes, or, where the helper goes on, what
    the portal has."""
    mandate = session().get_one(Mandate, row.mandate_id)
    of(mandate, which="gone" if _closed(mandate, actor()) else "sent")


def of_over(mandate: Mandate) -> None:
    """Nothing while another mandate still opens the household to the same helper."""
    if _closed(mandate, actor()):
        of(mandate)


def _of_the_last() -> None:
    """The household this browser acted for, once that is over."""
    wanted, _fresh = acting.intended()
    if wanted is None:
        return
    try:
        who = maybe_actor()
        if who is None or who.role is not Role.APPLICANT:
            return
        mandate = mandates.find(session(), wanted, actor=who)
    except (NotFound, SignInNeeded):
        return
    if mandate.helper_account_id == who.id and _closed(mandate, who):
        of(mandate)


def _closed(mandate: Mandate, who: Actor) -> bool:
    others = mandates.grant(session(), mandate.household_id, actor=who, now=now())
    return others is None and helping.over(session(), mandate, now=now())
