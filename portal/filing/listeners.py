"""Whom to tell of progress where the person has no account: their own number, and helpers'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing import helping, telling
from portal.filing.tables import Application
from portal.people import mandates, sign_in
from portal.people.access import Act
from portal.people.tables import Account


@dataclass(frozen=True)
class Listeners:
    """The numbers to tell: the person's `own`, and those of `helpers` who may follow."""

    own: Sequence[str] = ()
    helpers: Sequence[str] = ()

    @property
    def numbers(self) -> list[str]:
        return list(dict.fromkeys([*self.own, *self.helpers]))


def of(session: Session, application: Application, *, now: datetime) -> Listeners:
    """Whom to tell of progress in a file whose person has no account. A helper's number never
    stands for the person's own."""
    if application.household_id is None:
        return Listeners()
    own: list[str] = []
    helpers: list[str] = []
    for mandate in mandates.of_household(session, application.household_id):
        if application not in helping.in_scope(session, mandate) or helping.over(
            session, mandate, now=now
        ):
            continue
        person = telling.way(session, mandate).phone
        helper = session.get(Account, mandate.helper_account_id or UUID(int=0))
        own += [person.value] if person else []
        follows = Act.FOLLOW in mandate.acts and mandates.WAITS not in mandate.flags
        if follows and helper is not None and helper.phone_sealed is not None:
            helpers.append(sign_in.phone_of(session, helper).value)
    return Listeners(own, helpers)
