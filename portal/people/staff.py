"""Staff of the offices: a password and a second factor, one role, one division."""

import hmac
import secrets
from datetime import datetime, timedelta
from functools import cache
from uuid import uuid4

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.foundation import audit, rates, vault
from portal.foundation.errors import Conflict, Invalid
from portal.people.access import Role
from portal.people.identity import plain
from portal.people.sessions import end_all
from portal.people.tables import Staff
from portal.policy.tables import Region

_ISSUER = "救助通"
_STEP = 30
_DRIFT = 1
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
    now: datetime,
    actor: str = "portal",
) -> tuple[Staff, str, str]:
    """A new member with a first password and the address of the second factor, both shown once.

    Only an administrator may be without a division. Raises Invalid (role, region, username)
    and Conflict when the name is taken.
    """
    name = _username(username)
    _check_place(session, role, region_code)
    if _find(session, name) is not None:
        raise Conflict("这个用户名已有人用。", code="username_taken")
    staff = Staff(
        id=uuid4(),
        username=name,
        display_name=display_name.strip()[:64] or name,
        role=role,
        region_code=region_code,
        key_id=vault.new_key(session, "person", now=now),
        session_version=1,
        active=True,
        created_at=now,
    )
    password, uri = _new_factors(session, staff)
    session.add(staff)
    session.flush()
    audit.record(session, "add.staff", actor=actor, now=now, detail=_detail(staff))
    return staff, password, uri


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


def code_at(uri: str, now: datetime) -> str:
    """The code a second-factor app would show: for the demonstration and for tests."""
    factor = pyotp.parse_uri(uri)
    assert isinstance(factor, pyotp.TOTP)  # noqa: S101
    return factor.at(int(now.timestamp()))


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


def _find(session: Session, name: str) -> Staff | None:
    return session.scalars(select(Staff).where(Staff.username == name).with_for_update()).first()


def _known(session: Session, username: str) -> Staff:
    staff = _find(session, username.strip().lower())
    if staff is None:
        raise Invalid("没有这个用户名。", code="username")
    return staff


def _new_factors(session: Session, staff: Staff) -> tuple[str, str]:
    password = "".join(secrets.choice(_LETTERS) for _ in range(_PASSWORD_LETTERS))
    secret = pyotp.random_base32()
    staff.password_hash = _HASHER.hash(password)
    staff.totp_sealed = vault.seal_text(session, staff.key_id, secret, place=_place(staff))
    staff.totp_last_step = 0
    return password, pyotp.TOTP(secret).provisioning_uri(name=staff.username, issuer_name=_ISSUER)


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
    factor, middle = pyotp.TOTP(secret), int(now.timestamp()) // _STEP
    typed = plain(totp).encode()
    for step in range(middle - _DRIFT, middle + _DRIFT + 1):
        fits = hmac.compare_digest(factor.generate_otp(step).encode(), typed)
        if fits and step > staff.totp_last_step:
            return step
    return None


def _count_try(session: Session, kind: str, name: str, *, most: int, now: datetime) -> None:
    digest = vault.blind_index(session, kind, name).hex()[:40]
    rates.count(session, f"{kind}:{digest}", most=most, per=_WINDOW, now=now)


def _place(staff: Staff) -> str:
    return f"staff.totp_sealed:{staff.id}"


def _detail(staff: Staff) -> dict[str, str]:
    return {"staff": str(staff.id), "role": staff.role, "region": staff.region_code}
