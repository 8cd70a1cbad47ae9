"""An assistant begins to help a household of the roster: one tap, and then the person says yes."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing import helping, telling
from portal.foundation.errors import Conflict
from portal.people import appointments, mandates, rosters
from portal.people.access import Actor
from portal.people.appointment_tables import Appointment, RosterHousehold
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import Said
from portal.people.tables import Account, Household

KIND = "assistant"
_RELATION = "村里的协理员"


def begin(
    session: Session,
    entry: RosterHousehold,
    held: Sequence[Appointment],
    account: Account,
    *,
    actor: Actor,
    now: datetime,
) -> Mandate:
    """The assistant's mandate for this household; the one there is, when there is one.

    A household nobody has begun gets an empty file that may be filled in at once, as whoever
    helps begins. One that has a file stays shut until the person has said yes.
    """
    there = standing(session, entry, account.id, now=now)
    if there is not None:
        return there
    told = appointments.opened(session, held[0])
    said = Said(rosters.name_of(session, entry), "", _RELATION, "", told.name)
    entry.to_ask_since = None
    household = session.get(Household, entry.household_id) if entry.household_id else None
    if household is None:
        made = helping.begin(session, KIND, said, helper=account, actor=actor, now=now)
        entry.household_id = made.household_id
        return made
    return _ask(session, household, said, account, actor=actor, now=now)


def put_on_roster(
    session: Session, mandate: Mandate, account: Account, *, actor: Actor, now: datetime
) -> None:
    """Whom an assistant began to help without the roster stands on it from now on, by name.

    Only where the village is clear; one of the same name there is left as it is.
    """
    mine = appointments.of_account(session, account.id)
    held = [one for one in mine if appointments.in_force(one, now=now)]
    if mandate.kind not in mandates.BY_OFFICE or len({one.village_code for one in held}) != 1:
        return
    name = mandates.details(session, mandate).person
    with suppress(Conflict):
        rosters.add(session, held, name, household_id=mandate.household_id, actor=actor, now=now)


def standing(
    session: Session, entry: RosterHousehold, account_id: UUID, *, now: datetime
) -> Mandate | None:
    """The newest mandate of this helper for the household that is not over."""
    if entry.household_id is None:
        return None
    mine = [m for m in mandates.of_household(session, entry.household_id)
            if m.helper_account_id == account_id]  # fmt: skip
    return next((m for m in mine if not helping.over(session, m, now=now)), None)


def _ask(
    session: Session, household: Household, said: Said, account: Account, *, actor: Actor,
    now: datetime,
) -> Mandate:  # fmt: skip
    """A mandate that opens nothing yet. Told through the number the person named before."""
    numbers = [mandates.details(session, m).phone
               for m in mandates.of_household(session, household.id)]  # fmt: skip
    known = next((number for number in numbers if number), "")
    said = Said(**{**vars(said), "phone": known})
    made = mandates.start(session, household, KIND, said, helper=account, actor=actor, now=now)
    mandates.flag(made, mandates.WAITS)
    telling.of_mandate(session, made, now=now)
    return made
