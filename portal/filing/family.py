"""The files of one household: which there are, which are open, what it has been granted."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing import applications
from portal.filing.tables import Application
from portal.people.access import Actor
from portal.people.tables import Household
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import FINAL, Status

APPROVED = frozenset({Status.APPROVED, Status.PAYING, Status.REVIEWING, Status.GRADUATING})
_OVER = APPROVED | FINAL
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def of(session: Session, household: Household) -> list[Application]:
    """Every file of the household, first to last; not the drafts thrown away."""
    rows = select(Application).where(Application.household_id == household.id)
    found = session.scalars(rows.order_by(Application.created_at, Application.program_id))
    return [one for one in found if applications.readable(session, one)]


def drafts(
    session: Session, household: Household, catalogue: Catalogue, *, actor: Actor
) -> list[Application]:
    """Those still being filled in together; what goes to charity is filled in by itself, and
    what a helper's mandate does not name is not the helper's."""
    return [
        one
        for one in of(session, household)
        if one.status == Status.DRAFT
        and not catalogue.find(one.program_id).travels_alone
        and (actor.grant is None or actor.grant.covers(one.program_id))
    ]


def running(session: Session, household: Household) -> list[Application]:
    """Files nobody has decided yet, drafts among them."""
    return [one for one in of(session, household) if one.status not in _OVER]


def open_in(session: Session, household: Household, program_id: str) -> Application | None:
    """The household's own file for this program that is not over, drafts too; or None."""
    found = (one for one in of(session, household) if one.program_id == program_id)
    return next((one for one in found if one.status not in FINAL), None)


def recognised(session: Session, household: Household) -> list[str]:
    """The programs it has been granted: no office examines them again (社会救助法 第42条)."""
    found = [one.program_id for one in of(session, household) if one.status in APPROVED]
    return list(dict.fromkeys(found))


def siblings(
    session: Session, application: Application, catalogue: Catalogue, *, actor: Actor
) -> list[Application]:
    """The other drafts of its household that this actor may fill in; none for a file that
    goes to charity."""
    if application.household_id is None or catalogue.find(application.program_id).travels_alone:
        return []
    household = session.get_one(Household, application.household_id)
    found = drafts(session, household, catalogue, actor=actor)
    return [one for one in found if one.id != application.id]


def moment(found: Iterable[Application]) -> int:
    """When anything in these files last changed, in microseconds: grows with every save."""
    return microseconds(max((one.changed_at for one in found), default=_EPOCH))


def microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
