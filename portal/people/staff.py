"""Staff of the offices: a password and a second factor, one role, one division."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.foundation import audit, rates, vault
from portal.foundation.errors import Conflict, Invalid
from portal.people import totp as codes
from portal.people.access import Role
from portal.people.identity import Phone
from portal.people.sessions import end_all
from portal.people.tables import Staff
from portal.people.totp import code_at as code_at
from portal.policy.tables import Region

_LEVELS = (
    frozenset({Role.TOWNSHIP_CLERK, Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_REVIEWER}),
    frozenset({Role.COUNTY_CLERK, Role.COUNTY_CHECKER, Role.COUNTY_CONFIRMER}),
)
"""Roles that one person may have together."""
_TRIES = 10
_WINDOW = timedelta(minutes=15)
_NETWORK_TRIES = 60
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_PASSWORD_LETTERS = 16
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def add(
    session: Session,
    username: str,
    display_name: str,
    role: str,
    region_code: str,
    *,
    also: Collection[str] = (),
    phone: str = "",
    now: datetime,
    actor: str = "portal",
) -> tuple[Staff, str, str]:
    """A new member with a first password and the address of the second factor, both shown once.

    `also`: further roles at the same level, for small offices. `phone`: where alerts and the
    daily digest go. Only an administrator may be without a division. Raises Invalid (role,
    region, username, phone) and Conflict when the name is taken.
    """
    name = _username(username)
    _check_place(session, role, region_code)
    further = _further(role, also)
    if _find(session, name) is not None:
        raise Conflict("这个用户名已有人用。", code="username_taken")
    staff = Staff(
        id=uuid4(),
        username=name,
        display_name=display_name.strip()[:64] or name,
        role=role,
        also=further,
        region_code=region_code,
        key_id=vault.new_key(session, "person", now=now),
        session_version=1,
        active=True,
        created_at=now,
    )
    password, uri = _new_factors(session, staff)
    _keep_phone(session, staff, phone)
    session.add(staff)
    session.flush()
    audit.record(session, "add.staff", actor=actor, now=now, detail=_detail(staff))
    return staff, password, uri


def change(
    session: Session,
    username: str,
    *,
    also: Collection[str] | None = None,
    phone: str | None = None,
    now: datetime,
    actor: str = "portal",
) -> Staff:
    """Other further roles, or another phone ("" for none). What is None stays.

    Raises Invalid (username, role, phone).
    """
    staff = _known(session, username)
    if also is not None:
        staff.also = _further(staff.role, also)
    if phone is not None:
        _keep_phone(session, staff, phone)
    audit.record(session, "change.staff", actor=actor, now=now, detail=_detail(staff))
    return staff


def further_roles(staff: Staff) -> frozenset[Role]:
    """What this person does besides the first role."""
    return frozenset(Role(role) for role in staff.also.split(",") if role)


def phone_of(session: Session, staff: Staff) -> str | None:
    """Where texts to this member go; None without a phone."""
    if staff.phone_sealed is None:
        return None
    place = _phone_place(staff)
    return vault.unseal_text(session, staff.key_id, staff.phone_sealed, place=place)


def prove(
    session: Session, username: str, password: str, totp: str, *, network: str = "", now: datetime
) -> Staff:
    """Who this is, by password and a second-factor code that was not used before.

    Raises Invalid (wrong_sign_in), the same for every cause; TooOften after ten tries in
    a quarter of an hour for a name, or sixty from a network. Both are kept.
    """
    name = username.strip().lower()
    _count_try(session, "staff", name, most=_TRIES, now=now)
    if network:
        _count_try(session, "staff-network", network, most=_NETWORK_TRIES, now=now)
    staff = _find(session, name)
    right = _password_fits(None if staff is None else staff.password_hash, password)
    step = _step(session, staff, totp, now) if staff is not None else None
    if staff is None or not (right and staff.active) or step is None:
        raise Invalid("用户名、密码或动态码不对。", code="wrong_sign_in", keeps=True)
    staff.totp_last_step = step
    audit.record(session, "sign_in.staff", actor=f"staff:{staff.id}", now=now)
    return staff


def disable(session: Session, username: str, *, now: datetime, actor: str = "portal") -> Staff:
    """Shut out at once, everywhere. Raises Invalid for an unknown name."""
    staff = _known(session, username)
    staff.active = False
    end_all(session, staff=staff, now=now)
    audit.record(session, "disable.staff", actor=actor, now=now, detail=_detail(staff))
    return staff


def reset(
    session: Session, username: str, *, now: datetime, actor: str = "portal"
) -> tuple[Staff, str, str]:
    """A new password and second factor, active again, signed out everywhere.

    Raises Invalid for an unknown name.
    """
    staff = _known(session, username)
    password, uri = _new_factors(session, staff)
    staff.active = True
    end_all(session, staff=staff, now=now)
    audit.record(session, "reset.staff", actor=actor, now=now, detail=_detail(staff))
    return staff, password, uri


def everybody(session: Session) -> list[Staff]:
    return list(session.scalars(select(Staff).order_by(Staff.username)))


def _username(text: str) -> str:
    name = text.strip().lower()
    good = name.isascii() and name.replace("_", "").replace("-", "").replace(".", "").isalnum()
    if not good or not 2 <= len(name) <= 64:
        raise Invalid("用户名用字母和数字，2到64位。", code="username")
    return name


def _check_place(session: Session, role: str, region_code: str) -> None:
    if role not in set(Role) or role == Role.APPLICANT:
        raise Invalid("没有这个角色。", code="role")
    if role == Role.ADMINISTRATOR and not region_code:
        return
    if session.get(Region, region_code) is None:
        raise Invalid("没有这个行政区划代码。", code="region")


def _further(role: str, also: Collection[str]) -> str:
    """Only township with township and county with county: nobody decides on an own survey."""
    level = next((level for level in _LEVELS if role in level), frozenset())
    if not set(also) <= level:
        raise Invalid("这些角色不能由一个人兼。", code="role")
    return ",".join(sorted(set(also) - {role}))


def _keep_phone(session: Session, staff: Staff, phone: str) -> None:
    number = Phone.parse(phone).value if phone else ""
    staff.phone_sealed = (
        vault.seal_text(session, staff.key_id, number, place=_phone_place(staff))
        if number
        else None
    )


def _find(session: Session, name: str) -> Staff | None:
    return session.scalars(select(Staff).where(Staff.username == name).with_for_update()).first()


def _known(session: Session, username: str) -> Staff:
    staff = _find(session, username.strip().lower())
    if staff is None:
        raise Invalid("没有这个用户名。", code="username")
    return staff


def _new_factors(session: Session, staff: Staff) -> tuple[str, str]:
    password = "".join(secrets.choice(_LETTERS) for _ in range(_PASSWORD_LETTERS))
    secret = codes.new_secret()
    staff.password_hash = _HASHER.hash(password)
    staff.totp_sealed = vault.seal_text(session, staff.key_id, secret, place=_place(staff))
    staff.totp_last_step = 0
    return password, codes.address(secret, staff.username)


def _password_fits(stored: str | None, password: str) -> bool:
    """As slow for a name nobody has."""
    try:
        return _HASHER.verify(stored or _nobody(), password[:256]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_hex(16))


def _step(session: Session, staff: Staff, totp: str, now: datetime) -> int | None:
    """The 30-second step this code belongs to, if it was not used up yet."""
    secret = vault.unseal_text(session, staff.key_id, staff.totp_sealed, place=_place(staff))
    return codes.step(secret, totp, after=staff.totp_last_step, now=now)


def _count_try(session: Session, kind: str, name: str, *, most: int, now: datetime) -> None:
    digest = vault.blind_index(session, kind, name).hex()[:40]
    rates.count(session, f"{kind}:{digest}", most=most, per=_WINDOW, now=now)


def _place(staff: Staff) -> str:
    return f"staff.totp_sealed:{staff.id}"


def _phone_place(staff: Staff) -> str:
    return f"staff.phone_sealed:{staff.id}"


def _detail(staff: Staff) -> dict[str, str]:
    return {
        "staff": str(staff.id), "role": staff.role, "also": staff.also,
        "region": staff.region_code,
    }  # fmt: skip
