"""The roster of a village: its households by name and group, who was there when, handed over.

It belongs to the village and not to the assistant. Nothing stands in it but name, group and
house; that a household is on it says nothing of any application.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.foundation import audit, rates, vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people import appointments, mandates
from portal.people.access import Actor
from portal.people.appointment_tables import Appointment, RosterHousehold, RosterVisit
from portal.people.appointments import Wanted
from portal.people.mandate_tables import Mandate
from portal.people.names import PersonName
from portal.policy.characters import initials, plain, syllables

MOST_A_DAY = 500
_DAY = timedelta(days=1)
LONGEST_AGO = timedelta(days=30)
"""A visit may be told so much later: there was no signal."""
_LONGEST = 20
_FIGURES = "零一二三四五六七八九十"
_GROUP = re.compile(r"第?([0-9]{1,3}|[一二三四五六七八九十]{1,3})(?:村民)?小?组")
_NUMBER = re.compile(r"[0-9]+")


def add(
    session: Session,
    held: Sequence[Appointment],
    name: str,
    group: str = "",
    house: str = "",
    *,
    village: str = "",
    household_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> RosterHousehold:
    """A household by name; `village` only where the assistant has several.

    Raises Invalid by field, Conflict (already_there) for a second one of the same name, group
    and house, TooOften past 500 a day.
    """
    rates.count(session, f"roster:{actor.id}", most=MOST_A_DAY, per=_DAY, now=now)
    called, where, number = _checked(name, group, house)
    code = _village(held, village, where)
    there = [one for one in _in(session, [code]) if (one.group, one.house) == (where, number)]
    if any(PersonName(name_of(session, one)).key == called.key for one in there):
        message = "同组已有这个名字。不是一家，请写门牌。"
        raise Conflict(message, code="already_there", fields={"house": [message]})
    made = RosterHousehold(
        id=uuid4(), key_id=_key(session, code, now=now), village_code=code, group=where,
        house=number, household_id=household_id, added_by=actor.id, added_at=now,
    )  # fmt: skip
    made.name_sealed = vault.seal_text(session, made.key_id, called.value, place=_place(made))
    session.add(made)
    session.flush()
    told = {"entry": str(made.id), "village": code}
    audit.record(session, "roster.added", actor=str(actor), detail=told, now=now)
    return made


def find(
    session: Session, entry_id: UUID, held: Sequence[Appointment], *, lock: bool = False
) -> RosterHousehold:
    """One of the assistant's own villages and groups. Raises NotFound."""
    found = session.get(RosterHousehold, entry_id, with_for_update=lock or None)
    if found is None or not any(_sees(one, found) for one in held):
        raise NotFound("名册上没有这一家。")
    return found


def of(session: Session, held: Sequence[Appointment]) -> list[RosterHousehold]:
    """Everything these appointments are about, by group and house."""
    rows = _in(session, {one.village_code for one in held})
    return sorted(
        (row for row in rows if any(_sees(one, row) for one in held)),
        key=lambda row: (row.village_code, _order(row.group), _order(row.house), row.added_at),
    )


def name_of(session: Session, entry: RosterHousehold) -> str:
    return vault.unseal_text(session, entry.key_id, entry.name_sealed, place=_place(entry))


def matches(typed: str, name: str, group: str = "", house: str = "") -> bool:
    """By name, by its sound (szy or shizhenying for 石珍英), by group or house."""
    words = plain(typed)[0]
    where = plain(group + house)[0]
    if words in plain(name)[0] or (words and words in where):
        return True
    heard = {*initials(name), *syllables(name)}
    return words.isascii() and any(one.startswith(words) for one in heard)


def visit(
    session: Session,
    entry: RosterHousehold,
    *,
    on: date | None = None,
    actor: Actor,
    now: datetime,
) -> RosterVisit:
    """Somebody was there, today or `on` a day of the last thirty; said twice it is one visit.

    Raises Invalid for another day.
    """
    day = on or local_date(now)
    if not timedelta(0) <= local_date(now) - day <= LONGEST_AGO:
        message = "请写今天，或前30天里的一天。"
        raise Invalid(message, fields={"on": [message]})
    found = session.get(RosterVisit, (entry.id, day))
    if found is not None:
        return found
    made = RosterVisit(roster_household_id=entry.id, on=day, account_id=actor.id, at=now)
    session.add(made)
    session.flush()
    told = {"entry": str(entry.id), "on": day.isoformat()}
    audit.record(session, "roster.visited", actor=str(actor), detail=told, now=now)
    return made


def remove(session: Session, entry: RosterHousehold, *, actor: Actor, now: datetime) -> None:
    """Added by mistake, or moved away. Raises Conflict (stays) once somebody was
    helped; the words tell nobody so."""
    if entry.household_id is not None:
        raise Conflict("这一家现在不能去掉。", code="stays")
    session.execute(delete(RosterVisit).where(RosterVisit.roster_household_id == entry.id))
    session.delete(entry)
    session.flush()
    told = {"entry": str(entry.id), "village": entry.village_code}
    audit.record(session, "roster.removed", actor=str(actor), detail=told, now=now)


def last_visits(session: Session, villages: Iterable[str]) -> dict[UUID, date]:
    """By entry: the day somebody was there last."""
    rows = (
        select(RosterVisit.roster_household_id, func.max(RosterVisit.on))
        .join(RosterHousehold, RosterHousehold.id == RosterVisit.roster_household_id)
        .where(RosterHousehold.village_code.in_(sorted(villages)))
        .group_by(RosterVisit.roster_household_id)
    )
    return dict(session.execute(rows).all())


def hand_over(
    session: Session, old: Appointment, heir: Appointment, *, actor: Actor | str, now: datetime
) -> int:
    """`old` ends; the heir gets its village and groups, and each household that was being helped
    as one still to be asked. No mandate passes on: only the person can give it. How many.

    Drafts stay where they are, with the household. Raises Conflict (same_person,
    heir_not_in_force).
    """
    if heir.phone_index == old.phone_index:
        raise Conflict("接手的要是另一个人。", code="same_person")
    if not appointments.in_force(heir, now=now):
        raise Conflict("接手的人要在岗。", code="heir_not_in_force")
    asked = _to_ask(session, old, now=now)
    for entry, mandate in asked:
        entry.to_ask_since = now
        mandates.revoke(session, mandate, actor=str(actor), now=now)
    _widen(session, old, heir, actor=actor, now=now)
    appointments.end(session, old, actor=actor, now=now)
    told = {"from": str(old.id), "to": str(heir.id), "households": len({e.id for e, _ in asked})}
    audit.record(session, "assistant.handed_over", actor=str(actor), detail=told, now=now)
    return len({entry.id for entry, _mandate in asked})


def group_of(said: str) -> str:
    """第三村民小组 → 3组; a name like 上湾组 stays as it is."""
    found = _GROUP.fullmatch(said)
    return f"{_figure(found[1])}组" if found else said


def _to_ask(
    session: Session, old: Appointment, *, now: datetime
) -> list[tuple[RosterHousehold, Mandate]]:
    """The households `old` helps as an assistant; one that is on no roster is put on it."""
    if old.account_id is None:
        return []
    entries = {row.household_id: row for row in of(session, [old]) if row.household_id}
    others = set(
        session.scalars(
            select(RosterHousehold.household_id).where(RosterHousehold.household_id.is_not(None))
        )
    ) - set(entries)
    found = []
    for mandate in mandates.by_office(session, old.account_id):
        if mandate.household_id in others or not mandates.standing(mandate, now=now):
            continue
        entry = entries.get(mandate.household_id) or _put_on(session, old, mandate, now=now)
        entries[mandate.household_id] = entry
        found.append((entry, mandate))
    return found


def _put_on(
    session: Session, old: Appointment, mandate: Mandate, *, now: datetime
) -> RosterHousehold:
    assert old.account_id is not None  # noqa: S101 - it holds the mandate
    made = RosterHousehold(
        id=uuid4(), key_id=_key(session, old.village_code, now=now), group="", house="",
        village_code=old.village_code, household_id=mandate.household_id,
        added_by=old.account_id, added_at=now,
    )  # fmt: skip
    name = mandates.details(session, mandate).person
    made.name_sealed = vault.seal_text(session, made.key_id, name, place=_place(made))
    session.add(made)
    session.flush()
    return made


def _widen(
    session: Session, old: Appointment, heir: Appointment, *, actor: Actor | str, now: datetime
) -> None:
    """The heir's appointment in the old one's village, for its own groups and the old one's."""
    told = appointments.opened(session, heir)
    there = appointments.of_phone_in(session, told.phone, old.village_code)
    groups = set(old.groups)
    own = there if there is not None and appointments.in_force(there, now=now) else None
    if own is not None:
        groups = groups | set(own.groups) if groups and own.groups else set()
    wanted = Wanted(
        old.village_code, old.region_path, told.name, told.phone, tuple(sorted(groups, key=_order)),
        starts=own.started_at if own else now, ends=own.ends_at if own else heir.ends_at,
    )  # fmt: skip
    appointments.appoint(session, wanted, actor=actor, now=now)


def _checked(name: str, group: str, house: str) -> tuple[PersonName, str, str]:
    errors: dict[str, list[str]] = {}
    called = PersonName("")
    try:
        called = PersonName.parse(name)
    except Invalid as refusal:
        errors["name"] = [refusal.message]
    said = {"group": plain(group)[0], "house": plain(house)[0]}
    errors |= {k: ["太长了，最多20个字。"] for k, words in said.items() if len(words) > _LONGEST}
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return called, group_of(said["group"]), said["house"]


def _village(held: Sequence[Appointment], wanted: str, group: str) -> str:
    """Where the household stands. Raises Invalid when it is none of the assistant's."""
    mine = [one for one in held if not wanted or one.village_code == wanted]
    if not mine or (not wanted and len({one.village_code for one in mine}) > 1):
        raise Invalid("请选是哪个村的。", fields={"village": ["请选是哪个村的。"]})
    if group and not any(not one.groups or group in one.groups for one in mine):
        raise Invalid("这个组不归您管。", fields={"group": ["这个组不归您管。"]})
    return mine[0].village_code


def _sees(appointment: Appointment, entry: RosterHousehold) -> bool:
    if appointment.village_code != entry.village_code:
        return False
    return not appointment.groups or not entry.group or entry.group in appointment.groups


def _in(session: Session, villages: Iterable[str]) -> list[RosterHousehold]:
    rows = select(RosterHousehold).where(RosterHousehold.village_code.in_(sorted(villages)))
    return list(session.scalars(rows))


def _key(session: Session, village: str, *, now: datetime) -> UUID:
    """One key for a village's names, so that a whole roster opens at once."""
    rows = select(RosterHousehold.key_id).where(RosterHousehold.village_code == village).limit(1)
    return session.scalars(rows).first() or vault.new_key(session, "roster", now=now)


def _order(words: str) -> tuple[int, str]:
    """2组 before 10组, names behind figures, and nothing said at the end."""
    found = _NUMBER.search(words)
    return (int(found[0]) if found else 10**6 if words else 10**7, words)


def _figure(said: str) -> int:
    if said.isascii():
        return int(said)
    tens, ten, ones = said.rpartition("十")
    high = (_FIGURES.find(tens) if tens else 1) if ten else 0
    return high * 10 + (_FIGURES.find(ones) if ones else 0)


def _place(entry: RosterHousehold) -> str:
    return f"roster_households.name:{entry.id}"
