"""Village assistants (村级社会救助协理员): appointed, suspended, and what rests on it.

Law: 社会救助法 第37条, 第39条 (the village helps to ask). Appointed by number; whoever proves
the number by a code by text takes the appointment up, and nobody whom only WeChat's button names. Everything is read from the database at every
request, so that a suspension refuses from the next one on.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.foundation import audit, vault
from portal.foundation.errors import Forbidden, NotFound
from portal.people import access, second_factor, sessions
from portal.people.access import Actor, Role
from portal.people.appointment_tables import Appointment, RosterHousehold
from portal.people.codes import phone_index
from portal.people.identity import Phone
from portal.people.tables import Account

OFFICES = (Role.TOWNSHIP_CLERK, Role.COUNTY_CLERK)
"""Who looks after the assistants of their division."""


@dataclass(frozen=True)
class Wanted:
    """One appointment as an office writes it. `groups` empty: the whole village."""

    village_code: str
    region_path: str
    name: str
    phone: Phone
    groups: tuple[str, ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True)
class Told:
    """Who is appointed, opened."""

    name: str
    phone: Phone


def appoint(session: Session, wanted: Wanted, *, actor: Actor | str, now: datetime) -> Appointment:
    """The appointment of this number in this village: a new one, or the one there is, changed.

    A suspended one stays suspended.
    """
    index = phone_index(session, wanted.phone)
    found = of_phone_in(session, wanted.phone, wanted.village_code)
    account = session.scalars(select(Account).where(Account.phone_index == index)).first()
    made = found or Appointment(
        id=uuid4(), key_id=vault.new_key(session, "person", now=now), phone_index=index,
        account_id=account.id if account and not account.phone_by_button else None,
        village_code=wanted.village_code,
        started_at=wanted.starts or now,
    )  # fmt: skip
    told = {"name": wanted.name, "phone": wanted.phone.value}
    text = json.dumps(told, ensure_ascii=False)
    made.told_sealed = vault.seal_text(session, made.key_id, text, place=_place(made))
    made.region_path, made.groups = wanted.region_path, list(wanted.groups)
    made.started_at = wanted.starts or made.started_at
    made.ends_at, made.appointed_by = wanted.ends, str(actor)
    session.add(made)
    session.flush()
    _note(session, "assistant.appointed", made, actor=actor, now=now, groups=made.groups)
    return made


def of_phone(session: Session, phone: Phone) -> list[Appointment]:
    """Everything this number is, or was, appointed to."""
    return _all(session, Appointment.phone_index == phone_index(session, phone))


def of_phone_in(session: Session, phone: Phone, village_code: str) -> Appointment | None:
    there = of_phone(session, phone)
    return next((one for one in there if one.village_code == village_code), None)


def waits(session: Session, phone: Phone, *, now: datetime) -> bool:
    """Whether an appointment of this number is in force that nobody has taken up by a code."""
    return any(
        one.account_id is None and in_force(one, now=now) for one in of_phone(session, phone)
    )


def of_account(session: Session, account_id: UUID) -> list[Appointment]:
    return _all(session, Appointment.account_id == account_id)


def is_assistant(session: Session, account_id: UUID, *, now: datetime) -> bool:
    """Whether an appointment of the account is in force."""
    return any(in_force(one, now=now) for one in of_account(session, account_id))


def of_office(session: Session, *, actor: Actor) -> list[Appointment]:
    """Those of the office's own division. Raises Forbidden."""
    _check_office(actor)
    return [one for one in _all(session) if access.covers(actor.region_code, one.region_path)]


def check_office(actor: Actor) -> None:
    """Raises Forbidden for whoever looks after no assistants."""
    _check_office(actor)


def find(session: Session, appointment_id: UUID, *, actor: Actor) -> Appointment:
    """For the office that looks after it. Raises Forbidden, NotFound."""
    _check_office(actor)
    found = session.get(Appointment, appointment_id, with_for_update=True)
    if found is None or not access.covers(actor.region_code, found.region_path):
        raise NotFound("没有找到这位协理员。")
    return found


def take_up(session: Session, account: Account, *, now: datetime) -> None:
    """Somebody signed in with a number that is appointed: the appointments are theirs."""
    mine = Appointment.phone_index == account.phone_index
    for one in _all(session, mine, Appointment.account_id.is_(None)):
        one.account_id = account.id
        _note(session, "assistant.taken_up", one, actor=f"applicant:{account.id}", now=now)


def in_force(appointment: Appointment, *, now: datetime) -> bool:
    """Begun, neither over nor suspended."""
    ends = appointment.ends_at
    begun = appointment.started_at <= now and (ends is None or now < ends)
    return begun and appointment.suspended_at is None


def held(session: Session, account_id: UUID, *, now: datetime) -> list[Appointment]:
    """What this account is appointed to at this moment. Raises Forbidden (not_appointed, or
    suspended when all of it is)."""
    mine = of_account(session, account_id)
    found = [one for one in mine if in_force(one, now=now)]
    if not found and any(one.suspended_at for one in mine):
        raise Forbidden("您的协理员身份停用了。请问乡镇。", code="suspended")
    if not found:
        raise Forbidden("这里只给村里的协理员用。", code="not_appointed")
    return found


def carries(session: Session, household_id: UUID, account_id: UUID, *, now: datetime) -> bool:
    """Whether a mandate given to this account as an assistant may be used at this moment.

    It may by whoever was never appointed (the office verifies the role), and by whoever is
    appointed now: for the household's own village when a roster has it.
    """
    mine = of_account(session, account_id)
    if all(in_force(one, now=now) for one in mine):
        return True
    rows = select(RosterHousehold.village_code).where(RosterHousehold.household_id == household_id)
    villages = set(session.scalars(rows))
    about = [one for one in mine if one.village_code in villages] or mine
    return any(in_force(one, now=now) for one in about)


def suspend(
    session: Session, appointment: Appointment, *, actor: Actor | str, now: datetime
) -> None:
    """Out at once: every session of the person ends, every device is asked anew."""
    if appointment.suspended_at is None:
        appointment.suspended_at = now
        _note(session, "assistant.suspended", appointment, actor=actor, now=now)
    sign_out(session, appointment, now=now)


def resume(
    session: Session, appointment: Appointment, *, actor: Actor | str, now: datetime
) -> None:
    if appointment.suspended_at is not None:
        appointment.suspended_at = None
        _note(session, "assistant.resumed", appointment, actor=actor, now=now)


def end(session: Session, appointment: Appointment, *, actor: Actor | str, now: datetime) -> None:
    """No longer the assistant there; the account itself stays a resident's."""
    if appointment.ends_at is None or appointment.ends_at > now:
        appointment.ends_at = now
        _note(session, "assistant.ended", appointment, actor=actor, now=now)
    sign_out(session, appointment, now=now)


def reset_factor(
    session: Session, appointment: Appointment, *, actor: Actor | str, now: datetime
) -> None:
    """The phone with the codes is lost: enrolled anew at the next sign-in."""
    if appointment.account_id is not None:
        second_factor.forget(session, appointment.account_id)
    _note(session, "assistant.factor_reset", appointment, actor=actor, now=now)
    sign_out(session, appointment, now=now)


def sign_out(session: Session, appointment: Appointment, *, now: datetime) -> None:
    if appointment.account_id is not None:
        account = session.get_one(Account, appointment.account_id, with_for_update=True)
        sessions.end_all(session, account=account, now=now)
        second_factor.forget_devices(session, account.id)


def opened(session: Session, appointment: Appointment) -> Told:
    place = _place(appointment)
    text = vault.unseal_text(session, appointment.key_id, appointment.told_sealed, place=place)
    told = json.loads(text)
    return Told(told["name"], Phone(told["phone"]))


def _check_office(actor: Actor) -> None:
    if not actor.holds(*OFFICES) or not actor.region_code:
        raise Forbidden("协理员由乡镇（街道）、县里的经办人管。")


def _all(session: Session, *which: ColumnElement[bool]) -> list[Appointment]:
    order = (Appointment.village_code, Appointment.started_at, Appointment.id)
    rows = select(Appointment).where(*which).order_by(*order)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def _note(
    session: Session, action: str, one: Appointment, *, actor: Actor | str, now: datetime,
    **detail: object,
) -> None:  # fmt: skip
    told = {"appointment": str(one.id), "village": one.village_code, **detail}
    audit.record(session, action, actor=str(actor), detail=told, now=now)


def _place(appointment: Appointment) -> str:
    return f"appointments.told:{appointment.id}"
