"""Six figures of a second-factor app (RFC 6238): secrets, and the step a code belongs to."""

import hmac
from datetime import datetime

import pyotp

from portal.people.identity import plain

_ISSUER = "救助通"
_STEP = 30
_DRIFT = 1


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, name: str) -> str:
    """The otpauth: address an app takes up, by QR or by tapping."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)


def step(secret: str, typed: str, *, after: int, now: datetime) -> int | None:
    """The 30-second step this code belongs to, one off allowed, if it comes after `after`."""
    factor, middle = pyotp.TOTP(secret), int(now.timestamp()) // _STEP
    given = plain(typed).encode()
    for number in range(middle - _DRIFT, middle + _DRIFT + 1):
        fits = hmac.compare_digest(factor.generate_otp(number).encode(), given)
        if fits and number > after:
            return number
    return None


def code_at(uri: str, now: datetime) -> str:
    """The code an app would show: for the demonstration and for tests."""
    factor = pyotp.parse_uri(uri)
    assert isinstance(factor, pyotp.TOTP)  # noqa: S101
    return factor.at(int(now.timestamp()))
