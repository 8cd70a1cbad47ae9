"""The second factor of accounts that have a roster: a code of an app, asked on each new device."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.foundation import audit, rates, vault
from portal.foundation.errors import Conflict, Invalid
from portal.people import totp
from portal.people.appointment_tables import KnownDevice, SecondFactor
from portal.people.tables import Account

KNOWN_FOR = timedelta(days=90)
"""So long a device that proved itself is not asked again."""
_NAMED = "协理员"
_TRIES = 10
_WINDOW = timedelta(minutes=15)


def enrolled(session: Session, account_id: UUID) -> bool:
    factor = session.get(SecondFactor, account_id)
    return factor is not None and factor.enrolled_at is not None


def begin(session: Session, account: Account, *, now: datetime) -> tuple[str, str]:
    """(secret, otpauth: address) to put into an app; the same until a code of it was right.

    Raises Conflict (enrolled): from then on it is never shown again.
    """
    factor = session.get(SecondFactor, account.id, with_for_update=True)
    if factor is not None and factor.enrolled_at is not None:
        raise Conflict("动态码已经设好了。丢了请找乡镇窗口。", code="enrolled")
    if factor is None:
        sealed = vault.seal_text(
            session, account.key_id, totp.new_secret(), place=_place(account.id)
        )
        factor = SecondFactor(account_id=account.id, secret_sealed=sealed, last_step=0, made_at=now)
        session.add(factor)
        session.flush()
    secret = _secret(session, account, factor)
    return secret, totp.address(secret, _NAMED)


def prove(session: Session, account: Account, typed: str, *, now: datetime) -> str:
    """A right code makes this device known: the secret it shows from now on.

    The first right code enrols. Raises Invalid (wrong_code; factor_missing: nothing begun),
    TooOften past ten tries in a quarter of an hour; both are kept.
    """
    rates.count(session, f"assistant:{account.id}", most=_TRIES, per=_WINDOW, now=now)
    factor = session.get(SecondFactor, account.id, with_for_update=True)
    if factor is None:
        raise Conflict("请先设好动态码。", code="factor_missing")
    secret = _secret(session, account, factor)
    step = totp.step(secret, typed, after=factor.last_step, now=now)
    if step is None:
        fields = {"code": ["动态码不对。请看清现在的六位数。"]}
        raise Invalid(fields["code"][0], code="wrong_code", fields=fields, keeps=True)
    factor.last_step, factor.enrolled_at = step, factor.enrolled_at or now
    device = secrets.token_urlsafe(32)
    ends = now + KNOWN_FOR
    session.add(
        KnownDevice(digest=_digest(device), account_id=account.id, proved_at=now, ends_at=ends)
    )
    session.flush()
    audit.record(session, "assistant.device_known", actor=f"applicant:{account.id}", now=now)
    return device


def known(session: Session, account_id: UUID, device: str, *, now: datetime) -> bool:
    """Whether this device proved the second factor of this account lately."""
    row = session.get(KnownDevice, _digest(device)) if device else None
    return row is not None and row.account_id == account_id and now < row.ends_at


def forget(session: Session, account_id: UUID) -> None:
    """Enrolled anew, and every device is asked."""
    session.execute(delete(SecondFactor).where(SecondFactor.account_id == account_id))
    forget_devices(session, account_id)


def forget_devices(session: Session, account_id: UUID) -> None:
    session.execute(delete(KnownDevice).where(KnownDevice.account_id == account_id))


def present_code(session: Session, account: Account, *, now: datetime) -> str:
    """What the app shows now: for the demonstration only. Raises Conflict (factor_missing)."""
    factor = session.get(SecondFactor, account.id)
    if factor is None:
        raise Conflict("请先设好动态码。", code="factor_missing")
    return totp.code_at(totp.address(_secret(session, account, factor), _NAMED), now)


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop devices that are asked anew anyway."""
    session.execute(delete(KnownDevice).where(KnownDevice.ends_at <= now))


def _secret(session: Session, account: Account, factor: SecondFactor) -> str:
    place = _place(account.id)
    return vault.unseal_text(session, account.key_id, factor.secret_sealed, place=place)


def _place(account_id: UUID) -> str:
    return f"second_factors.secret:{account_id}"


def _digest(device: str) -> bytes:
    return sha256(device.encode()).digest()
