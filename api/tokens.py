"""Access tokens: short-lived, one algorithm, every claim required, nothing personal inside.

A token is only believed together with the row it names: signing out, a changed number or
a dismissal raise the row's session version, and the next request is refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import jwt
from sqlalchemy.orm import Session

from portal.foundation import vault
from portal.foundation.errors import SignInNeeded
from portal.people.access import Actor, Role
from portal.people.sign_in import needs_proof
from portal.people.staff import further_roles
from portal.people.tables import Account, Staff

LIVES = timedelta(minutes=10)
ISSUER = "jiuzhutong"
RESIDENT, DESK = "resident", "desk"
_ALGORITHM = "HS256"
_TYPE = "at+jwt"
_CLAIMS = ("exp", "iat", "nbf", "aud", "iss", "sub", "jti", "sv")
_HEADERS = {"alg", "typ", "kid"}
_SKEW = 5
_LONGEST = 2048
_OPTIONS: Any = {
    "require": list(_CLAIMS),
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "enforce_minimum_key_length": True,
}
"""Times and audience are checked here, against the request's own clock."""


@dataclass(frozen=True)
class Claims:
    audience: str
    subject: UUID
    session_version: int


def issue(session: Session, owner: Account | Staff, *, now: datetime) -> str:
    """An access token for ten minutes."""
    key = vault.own_key(session, "tokens")
    begins = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": DESK if isinstance(owner, Staff) else RESIDENT,
        "sub": str(owner.id),
        "iat": begins,
        "nbf": begins,
        "exp": begins + int(LIVES.total_seconds()),
        "jti": str(uuid4()),
        "sv": owner.session_version,
    }
    return jwt.encode(claims, key, _ALGORITHM, headers={"typ": _TYPE, "kid": _kid(key)})


def verify(session: Session, text: str, *, now: datetime) -> Actor:
    """Who the token speaks for, now. Raises SignInNeeded (token_invalid) for anything else."""
    claims = read(session, text, now=now)
    actor = _staff(session, claims) if claims.audience == DESK else _resident(session, claims, now)
    if actor is None:
        raise _invalid()
    return actor


def read(session: Session, text: str, *, now: datetime) -> Claims:
    """The claims of a token we issued and that is in force. Raises SignInNeeded."""
    if len(text) > _LONGEST:
        raise _invalid()
    try:
        header = jwt.get_unverified_header(text)
        key = _key(session, header, now)
        claims = jwt.decode(text, key, algorithms=[_ALGORITHM], issuer=ISSUER, options=_OPTIONS)
        good = _ours(header, key) and _in_force(claims, now)
        found = Claims(claims["aud"], UUID(claims["sub"]), claims["sv"])
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as fault:
        raise _invalid() from fault
    if not good:
        raise _invalid()
    return found


def _key(session: Session, header: dict[str, Any], now: datetime) -> bytes:
    """The key the token names; one that was replaced counts while tokens of it may live."""
    for every in (False, True):
        for key in vault.own_keys(session, "tokens", every=every, since=now - LIVES):
            if header.get("kid") == _kid(key):
                return key
    raise _invalid()


def _ours(header: dict[str, Any], key: bytes) -> bool:
    return set(header) == _HEADERS and header["typ"] == _TYPE and header["kid"] == _kid(key)


def _in_force(claims: dict[str, Any], now: datetime) -> bool:
    numbers = [claims[name] for name in ("exp", "iat", "nbf", "sv")]
    if not all(type(number) is int for number in numbers):
        return False
    if claims["aud"] not in (RESIDENT, DESK) or not isinstance(claims["jti"], str):
        return False
    moment, (expires, issued, begins, _) = int(now.timestamp()), numbers
    short = 0 < expires - issued <= LIVES.total_seconds()
    return bool(short and max(issued, begins) <= moment + _SKEW and moment < expires)


def _resident(session: Session, claims: Claims, now: datetime) -> Actor | None:
    account = session.get(Account, claims.subject)
    if account is None or account.session_version != claims.session_version:
        return None
    return Actor(Role.APPLICANT, account.id, proved=not needs_proof(account, now))


def _staff(session: Session, claims: Claims) -> Actor | None:
    staff = session.get(Staff, claims.subject)
    if staff is None or not staff.active or staff.session_version != claims.session_version:
        return None
    return Actor(
        Role(staff.role), staff.id, staff.region_code, staff.display_name,
        also=further_roles(staff),
    )  # fmt: skip


def _kid(key: bytes) -> str:
    return sha256(b"kid\0" + key).hexdigest()[:16]


def _invalid() -> SignInNeeded:
    return SignInNeeded("登录已失效，请重新登录。", code="token_invalid")
