"""The code that ends a mandate: ten digits, told to the person helped and to nobody else."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.foundation import rates, vault
from portal.foundation.errors import Invalid
from portal.people.mandate_tables import Mandate
from portal.people.tables import Household

_TRIES_PER_HOUR, _ALL_TRIES_PER_HOUR = 10, 300
_HOUR = timedelta(hours=1)


def new(session: Session) -> str:
    """Not beginning with 0, so that it is typed as it is read."""
    while True:
        code = str(10**9 + secrets.randbelow(9 * 10**9))
        if find(session, code) is None:
            return code


def typed(session: Session, code: str, *, network: str, now: datetime) -> Mandate:
    """The mandate whose code somebody typed.

    Raises Invalid (wrong_code) and TooOften (ten tries an hour for a network, 300 for the
    whole portal); both are kept although refused.
    """
    if network:
        bucket = f"revoke:{vault.blind_index(session, 'network', network).hex()[:40]}"
        rates.count(session, bucket, most=_TRIES_PER_HOUR, per=_HOUR, now=now)
    rates.count(session, "revoke:all", most=_ALL_TRIES_PER_HOUR, per=_HOUR, now=now)
    mandate = find(session, "".join(c for c in code if c.isascii() and c.isdigit()))
    if mandate is None:
        message = "没有这个取消码。请再看一遍。"
        raise Invalid(message, code="wrong_code", fields={"code": [message]}, keeps=True)
    return mandate


def find(session: Session, code: str) -> Mandate | None:
    """The mandate whose revoke code this is, locked."""
    rows = select(Mandate).where(Mandate.revoke_code_digest == digest(session, code))
    return session.scalars(rows.with_for_update()).first()


def opened(session: Session, mandate: Mandate) -> str:
    """To be told to the person."""
    key_id = session.get_one(Household, mandate.household_id).key_id
    return vault.unseal_text(session, key_id, mandate.revoke_code_sealed, place=_place(mandate))


def sealed(session: Session, household: Household, mandate: Mandate, code: str) -> bytes:
    return vault.seal_text(session, household.key_id, code, place=_place(mandate))


def digest(session: Session, code: str) -> bytes:
    return vault.blind_index(session, "revoke_code", code)


def _place(mandate: Mandate) -> str:
    return f"mandates.revoke_code:{mandate.id}"
