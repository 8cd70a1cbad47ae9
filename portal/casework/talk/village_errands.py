"""当面告知 in a village: what its assistant is asked to say, to whom, and that they did.

A name is shown only where it stands on the assistant's own roster; otherwise the township says who.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.casework.talk import errands
from portal.contact import in_person
from portal.contact.tables import Errand
from portal.contact.templates import ABOUT_A_HELPER
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Invalid, NotFound
from portal.people import mandates, rosters
from portal.people.access import Actor
from portal.people.appointment_tables import Appointment, RosterHousehold
from portal.people.tables import Account
from portal.policy import directory
from portal.policy.directory import Contact

HOW = {way: words for way, words in in_person.HOW.items() if way != "window"}
"""What an assistant can have done; the window tells people itself."""
_MOST = 200


@dataclass(frozen=True)
class Call:
    """One errand as the assistant reads it. `name` "": the township is asked, by `ask` and the
    last four digits of the file's number."""

    id: UUID
    household_id: UUID | None
    name: str
    where: str
    sayings: Sequence[str]
    why: str
    created_at: datetime
    tries: int
    ask: Contact
    last_four: str


def waiting(session: Session, held: Sequence[Appointment], account: Account) -> list[Call]:
    """What is still to be said in the villages of these appointments, the longest wait first.

    Who is on the roster of another group is another assistant's. That somebody helps is told by
    nobody who is the helper.
    """
    rows = _rows(held).order_by(Errand.created_at, Errand.id).limit(_MOST)
    seen = {row.household_id: row for row in rosters.of(session, held) if row.household_id}
    others = _of_other_groups(session, held, seen)
    return [
        _call(session, errand, file, _named(session, seen, file, account))
        for errand, file in session.execute(rows)
        if file.household_id not in others and not _of_own_help(session, errand, file, account)
    ]


def households(session: Session, held: Sequence[Appointment], account: Account) -> set[UUID]:
    """Those on the roster who are still to be told something."""
    found = waiting(session, held, account)
    return {one.household_id for one in found if one.name and one.household_id}


def finish(
    session: Session,
    errand_id: UUID,
    how: str,
    held: Sequence[Appointment],
    account: Account,
    *,
    actor: Actor,
    now: datetime,
) -> Errand:
    """Told, or nobody found. Raises NotFound beyond the own villages and groups, Invalid,
    Conflict."""
    if how not in (*HOW, in_person.NOT_FOUND):
        raise Invalid("请选怎么告诉的。", fields={"how": ["请选一种。"]})
    rows = select(Errand).where(Errand.id == errand_id, Errand.region_code.in_(_codes(held)))
    errand = session.scalars(rows.with_for_update()).first()
    open_here = {one.id for one in waiting(session, held, account)}
    if errand is None or (errand.done_at is None and errand_id not in open_here):
        raise NotFound("没有找到这件事。")
    return errands.complete(session, errand, how, actor=actor, now=now)


def note_reading(session: Session, call: Call, *, actor: Actor, now: datetime) -> None:
    detail = {"errand": str(call.id)}
    audit.record(
        session, "read.errand", actor=str(actor), subject=call.household_id, detail=detail, now=now
    )


def _rows(held: Sequence[Appointment]) -> Select[Errand, Application]:
    return (
        select(Errand, Application)
        .join(Application, Application.id == Errand.application_id)
        .where(Errand.region_code.in_(_codes(held)), Errand.done_at.is_(None))
    )


def _codes(held: Sequence[Appointment]) -> list[str]:
    return sorted({one.village_code for one in held})


def _of_other_groups(
    session: Session, held: Sequence[Appointment], own: Iterable[UUID]
) -> set[UUID | None]:
    rows = select(RosterHousehold.household_id).where(
        RosterHousehold.village_code.in_(_codes(held)), RosterHousehold.household_id.is_not(None)
    )
    return set(session.scalars(rows)).difference(own)


def _of_own_help(session: Session, errand: Errand, file: Application, account: Account) -> bool:
    if file.household_id is None or ABOUT_A_HELPER.isdisjoint(errand.topics.split(",")):
        return False
    given = mandates.of_household(session, file.household_id)
    return any(mandate.helper_account_id == account.id for mandate in given)


def _named(
    session: Session,
    seen: Mapping[UUID, RosterHousehold],
    file: Application,
    account: Account,
) -> RosterHousehold | None:
    """Not to a helper of whom the person said they never agreed."""
    entry = seen.get(file.household_id) if file.household_id else None
    if entry is None or file.household_id is None:
        return None
    given = mandates.of_household(session, file.household_id)
    refused = any(m.helper_account_id == account.id and "not_me" in m.flags for m in given)
    return None if refused else entry


def _call(
    session: Session, errand: Errand, file: Application, entry: RosterHousehold | None
) -> Call:
    return Call(
        errand.id, file.household_id, rosters.name_of(session, entry) if entry else "",
        " ".join(filter(None, (entry.group, entry.house))) if entry else "",
        in_person.sayings(errand), in_person.WHY[errand.why], errand.created_at, errand.tries,
        directory.for_place(session, errand.region_path, kinds=directory.OFFICES),
        (file.reference_no or "")[-4:],
    )  # fmt: skip
