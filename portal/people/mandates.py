"""Mandates: who helps which household, under what, and until when.

Law: 社会救助法 第37条 (who has difficulty may entrust the village committee or another
person), 第39条 (village and township help those who cannot ask: 主动帮助).
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.foundation import audit, rates, vault
from portal.foundation.errors import NotFound
from portal.people import appointments, mandate_terms, revoke_codes
from portal.people.access import Act, Actor, Grant, Role
from portal.people.codes import phone_index
from portal.people.identity import Phone
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import Said
from portal.people.tables import Account, Household

_DAY = timedelta(days=1)
_MOST_A_DAY = 40
_NEWEST = (Mandate.started_at.desc(), Mandate.id)
BY_OFFICE = ("assistant", "proactive")
"""Given to somebody as the village's assistant: worth nothing while the appointment is not."""
WAITS = "waits"
"""A flag: opens nothing before the person said yes. A household whose work was handed over."""


def start(
    session: Session,
    household: Household,
    kind: str,
    said: Said,
    *,
    programs: Sequence[str] = (),
    acts: Sequence[str] = tuple(Act),
    helper: Account | None = None,
    helper_phone: str = "",
    actor: Actor,
    now: datetime,
) -> Mandate:
    """A mandate in force from now on. It may still have to be signed (`basis` None).

    `programs` empty: all of them. `helper`, or the number of somebody who has not signed in
    yet. Made by the owner it stands by itself (`own`). Raises Invalid by field, TooOften
    past forty a day.
    """
    told = mandate_terms.checked(kind, said)
    mandate_terms.check_acts(acts)
    rates.count(session, f"mandates:{actor.id}", most=_MOST_A_DAY, per=_DAY, now=now)
    own = household.account_id is not None and household.account_id == actor.id
    code = revoke_codes.new(session)
    mandate = Mandate(
        id=uuid4(), household_id=household.id, helper_account_id=helper.id if helper else None,
        helper_index=None if helper else _index(session, helper_phone),
        kind=kind, programs=sorted(set(programs)), acts=sorted(set(acts)),
        person_index=_index(session, told.phone), text_version=mandate_terms.TEXT_VERSION,
        text_digest=mandate_terms.text_digest(), started_at=now,
        revoke_code_digest=revoke_codes.digest(session, code),
        **_first_basis(kind, told, own=own, now=now),
    )  # fmt: skip
    mandate.revoke_code_sealed = revoke_codes.sealed(session, household, mandate, code)
    tell_more(session, household, mandate, vars(told))
    session.add(mandate)
    session.flush()
    detail = {"kind": kind, "programs": mandate.programs, "acts": mandate.acts}
    note(session, "mandate.started", mandate, actor=str(actor), now=now, **detail)
    return mandate


def find(session: Session, mandate_id: UUID, *, actor: Actor, lock: bool = False) -> Mandate:
    """The helper's or the owner's. Raises NotFound, the same for unknown and not theirs."""
    mandate = session.get(Mandate, mandate_id, with_for_update=lock or None)
    if mandate is None or actor.role is not Role.APPLICANT or not actor.proved:
        raise NotFound("没有找到这份委托。")
    if actor.id not in (mandate.helper_account_id, household_of(session, mandate).account_id):
        raise NotFound("没有找到这份委托。")
    return mandate


def grant(
    session: Session,
    household_id: UUID | None,
    program_id: str | None = None,
    *,
    decided_at: datetime | None = None,
    actor: Actor,
    lock: bool = False,
    now: datetime,
) -> Grant | None:
    """What lets this actor act for the household at this moment, from the database; or None.

    `decided_at`: when the file asked about was decided; sixty days later it is closed to
    helpers. `lock` makes a revocation wait until the caller has committed.
    """
    if household_id is None or actor.role is not Role.APPLICANT or actor.link:
        return None
    if decided_at is not None and now >= decided_at + mandate_terms.APPEAL:
        return None
    rows = select(Mandate).where(
        Mandate.household_id == household_id,
        Mandate.helper_account_id == actor.id,
        Mandate.revoked_at.is_(None),
        Mandate.started_at <= now,
        or_(Mandate.ends_at.is_(None), Mandate.ends_at > now),
    )
    rows = rows.order_by(*_NEWEST).execution_options(populate_existing=True)
    found = session.scalars(rows.with_for_update(read=True) if lock else rows)
    granted = [granted_by(m) for m in found if in_force(session, m, now=now)]
    return next((g for g in granted if program_id is None or g.covers(program_id)), None)


def granted_by(mandate: Mandate) -> Grant:
    """What this mandate says, whether or not it is in force."""
    assert mandate.helper_account_id is not None  # noqa: S101 - asked for by it
    return Grant(
        mandate.id, mandate.helper_account_id, frozenset(mandate.programs),
        frozenset(mandate.acts), guardian=mandate.kind == "guardian",
    )  # fmt: skip


def standing(mandate: Mandate, *, now: datetime) -> bool:
    """Begun, neither revoked nor over by its own date."""
    begun = mandate.started_at <= now
    return (
        begun and mandate.revoked_at is None and (mandate.ends_at is None or mandate.ends_at > now)
    )


def suspended(session: Session, mandate: Mandate, *, now: datetime) -> bool:
    """Whether its helper has it as an assistant, and is none at this moment."""
    helper = mandate.helper_account_id
    if mandate.kind not in BY_OFFICE or helper is None:
        return False
    return not appointments.carries(session, mandate.household_id, helper, now=now)


def in_force(session: Session, mandate: Mandate, *, now: datetime) -> bool:
    """Whether it opens the household at this moment."""
    stands = standing(mandate, now=now) and WAITS not in mandate.flags
    return stands and not suspended(session, mandate, now=now)


def revoke(session: Session, mandate: Mandate, *, actor: Actor | str, now: datetime) -> None:
    """Ends it at once; said again it changes nothing. The helper may end it as well."""
    if mandate.revoked_at is None:
        mandate.revoked_at, mandate.revoked_by = now, str(actor)
        note(session, "mandate.revoked", mandate, actor=str(actor), now=now)


def not_me(session: Session, code: str, *, network: str, now: datetime) -> Mandate:
    """「这不是我同意的」: the code of a message or a slip ends the mandate, without signing in.

    Raises what revoke_codes.typed raises.
    """
    mandate = revoke_codes.typed(session, code, network=network, now=now)
    revoke(session, mandate, actor="person:code", now=now)
    flag(mandate, "not_me")
    return mandate


def of_helper(session: Session, account: Account) -> list[Mandate]:
    """Whom this account helps or helped, newest first."""
    rows = select(Mandate).where(Mandate.helper_account_id == account.id)
    return list(session.scalars(rows.order_by(*_NEWEST)))


def by_office(session: Session, account_id: UUID) -> list[Mandate]:
    """What this account was given as the village's assistant, newest first."""
    rows = select(Mandate).where(Mandate.helper_account_id == account_id)
    return list(session.scalars(rows.where(Mandate.kind.in_(BY_OFFICE)).order_by(*_NEWEST)))


def of_household(session: Session, household_id: UUID) -> list[Mandate]:
    """Newest first."""
    rows = select(Mandate).where(Mandate.household_id == household_id)
    return list(session.scalars(rows.order_by(*_NEWEST)))


def take_up(session: Session, account: Account, *, now: datetime) -> None:
    """Somebody signed in with a number that owners have named: the mandates are theirs."""
    if account.phone_index is None:
        return
    named = select(Mandate).where(
        Mandate.helper_index == account.phone_index, Mandate.helper_account_id.is_(None)
    )
    for mandate in session.scalars(named).all():
        mandate.helper_account_id, mandate.helper_index = account.id, None
        note(session, "mandate.taken_up", mandate, actor=f"applicant:{account.id}", now=now)


def details(session: Session, mandate: Mandate) -> Said:
    """Who helps whom, opened."""
    told = opened(session, mandate)
    return Said(**{name: told.get(name, "") for name in Said.__dataclass_fields__})


def opened(session: Session, mandate: Mandate) -> dict[str, Any]:
    """Everything sealed in the mandate's own words, witnesses among it."""
    key_id = household_of(session, mandate).key_id
    plain = vault.unseal_text(session, key_id, mandate.details_sealed, place=_place(mandate))
    found: dict[str, Any] = json.loads(plain)
    return found


def tell_more(
    session: Session, household: Household, mandate: Mandate, told: dict[str, Any]
) -> None:
    """Put these words beside those already kept."""
    kept = opened(session, mandate) if mandate.details_sealed else {}
    text = json.dumps({**kept, **told}, ensure_ascii=False, sort_keys=True)
    place = _place(mandate)
    mandate.details_sealed = vault.seal_text(session, household.key_id, text, place=place)


def household_of(session: Session, mandate: Mandate) -> Household:
    return session.get_one(Household, mandate.household_id)


def is_helper_number(session: Session, index: bytes) -> bool:
    """Whether this number is, or was, any helper's: the person is never told through it."""
    named = select(Mandate.id).where(Mandate.helper_index == index)
    own = (
        select(Mandate.id)
        .join(Account, Account.id == Mandate.helper_account_id)
        .where(Account.phone_index == index)
    )
    return any(session.scalars(rows.limit(1)).first() is not None for rows in (named, own))


def open_payee(
    session: Session, mandate: Mandate, *, until: datetime, actor: Actor | str, now: datetime
) -> None:
    """The payee account may be changed until then: the person's code, or the window, said so."""
    mandate.payee_open_until = until
    note(session, "mandate.payee_opened", mandate, actor=str(actor), now=now)


def payee_is_open(session: Session, granted: Grant, *, now: datetime) -> bool:
    until = session.get_one(Mandate, granted.mandate).payee_open_until
    return until is not None and now < until


def flag(mandate: Mandate, *words: str) -> None:
    """For the office to look at; never a verdict."""
    mandate.flags = sorted({*mandate.flags, *words})


def unflag(mandate: Mandate, *words: str) -> None:
    mandate.flags = [one for one in mandate.flags if one not in words]


def note(
    session: Session, action: str, mandate: Mandate, *, actor: str, now: datetime, **detail: object
) -> None:
    """One line of the audit record under the household."""
    told = {"mandate": str(mandate.id), **detail}
    audit.record(session, action, actor=actor, subject=mandate.household_id, detail=told, now=now)


def _first_basis(kind: str, told: Said, *, own: bool, now: datetime) -> dict[str, Any]:
    flags = [] if own else ["proactive", "role_unverified"] if kind == "proactive" else ["unsigned"]
    if not told.phone and not own:
        flags.append("no_phone")
    basis = "own" if own else "none" if kind == "proactive" else None
    return {"basis": basis, "basis_at": now if basis else None, "flags": sorted(flags)}


def _index(session: Session, phone: str) -> bytes | None:
    return phone_index(session, Phone.parse(phone)) if phone else None


def _place(mandate: Mandate) -> str:
    return f"mandates.details:{mandate.id}"
