"""Staying signed in: refresh tokens that change with every use.

The successor of a token is made from it by HMAC, so an answer lost on a weak network can
be asked for again: for half a minute the old token gives the very same successor. After
that its use means that two parties hold it, and everything signed in with it ends.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from portal.contact import inbox
from portal.contact.messages import queue_text
from portal.foundation import audit, retention, vault
from portal.foundation.errors import SignInNeeded
from portal.people import choices
from portal.people.tables import Account, RefreshToken, Staff

GRACE = timedelta(seconds=30)
RESIDENT_STAYS = timedelta(days=30)
STAFF_STAYS = timedelta(hours=12)
_KEPT = retention.period("sessions")


def issue(
    session: Session, *, account: Account | None = None, staff: Staff | None = None, now: datetime
) -> str:
    """A first refresh token for one of the two; the session's family begins with it."""
    stays = RESIDENT_STAYS if staff is None else STAFF_STAYS
    token = _printed(secrets.token_bytes(32))
    _keep(
        session, token, family_id=uuid4(), owner=_one_of(account, staff), now=now, until=now + stays
    )
    return token


def rotate(session: Session, token: str, *, now: datetime) -> tuple[Account | Staff, str]:
    """Who it belongs to and the next token. For thirty seconds the same answer again.

    Raises SignInNeeded: unknown, over, or used a second time. The last ends the whole
    family at once, tells the person, and keeps that although it refuses.
    """
    row = session.get(RefreshToken, _digest(token), with_for_update=True)
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        raise _over()
    owner = _owner(session, row)
    if isinstance(owner, Staff) and not owner.active:
        raise _over()
    if row.used_at is not None and now - row.used_at > GRACE:
        _reused(session, row, owner, now=now)
    successor = _successor(session, token, again=row.used_at is not None)
    if row.used_at is None:
        row.used_at = now
        until = row.expires_at if isinstance(owner, Staff) else now + RESIDENT_STAYS
        _keep(session, successor, family_id=row.family_id, owner=owner, now=now, until=until)
        if isinstance(owner, Account):
            owner.last_seen_at = now
    return owner, successor


def end(session: Session, token: str, *, now: datetime) -> None:
    """Sign out: this family ends, and every access token of the person with it.

    Other devices of the same person get a new access token by their own refresh token.
    An unknown token is no error.
    """
    row = session.get(RefreshToken, _digest(token), with_for_update=True)
    if row is not None:
        _end_family(session, row, _owner(session, row), now=now)


def end_all(
    session: Session, *, account: Account | None = None, staff: Staff | None = None, now: datetime
) -> None:
    """Sign out everywhere, effective with the next request."""
    owner = _one_of(account, staff)
    _revoke(session, _belongs_to(owner), now=now)
    owner.session_version += 1
    audit.record(session, "end.sessions", actor=_actor(owner), now=now)


def end_everybodys(session: Session, *, now: datetime) -> None:
    """Everybody signs in again: residents, assistants, staff."""
    _revoke(session, RefreshToken.expires_at > now, now=now)


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop tokens that ended a month ago."""
    session.execute(delete(RefreshToken).where(RefreshToken.expires_at < now - _KEPT))


def _reused(session: Session, row: RefreshToken, owner: Account | Staff, *, now: datetime) -> None:
    _end_family(session, row, owner, now=now)
    audit.record(session, "reuse.token", actor=_actor(owner), now=now)
    if isinstance(owner, Account) and owner.phone_sealed is not None:
        place = f"accounts.phone_sealed:{owner.id}"
        phone = vault.unseal_text(session, owner.key_id, owner.phone_sealed, place=place)
        queue_text(
            session, key_id=owner.key_id, phone=phone, template="session_ended", values={},
            word=choices.word_of(session, owner), now=now,
        )  # fmt: skip
        inbox.put(session, owner.id, "session_ended", key_id=owner.key_id, now=now)
    raise SignInNeeded("登录有异常，请重新登录。", code="session_ended", keeps=True)


def _end_family(
    session: Session, row: RefreshToken, owner: Account | Staff, *, now: datetime
) -> None:
    _revoke(session, RefreshToken.family_id == row.family_id, now=now)
    owner.session_version += 1
    session.flush()


def _revoke(session: Session, which: ColumnElement[bool], *, now: datetime) -> None:
    live = RefreshToken.revoked_at.is_(None)
    session.execute(update(RefreshToken).where(which, live).values(revoked_at=now))


def _keep(
    session: Session,
    token: str,
    *,
    family_id: UUID,
    owner: Account | Staff,
    now: datetime,
    until: datetime,
) -> None:
    staff = isinstance(owner, Staff)
    session.add(
        RefreshToken(
            digest=_digest(token),
            family_id=family_id,
            account_id=None if staff else owner.id,
            staff_id=owner.id if staff else None,
            issued_at=now,
            expires_at=until,
        )
    )
    session.flush()


def _owner(session: Session, row: RefreshToken) -> Account | Staff:
    if row.staff_id is not None:
        return session.get_one(Staff, row.staff_id, with_for_update=True)
    assert row.account_id is not None  # noqa: S101 - one of the two is always set
    return session.get_one(Account, row.account_id, with_for_update=True)


def _belongs_to(owner: Account | Staff) -> ColumnElement[bool]:
    if isinstance(owner, Staff):
        return RefreshToken.staff_id == owner.id
    return RefreshToken.account_id == owner.id


def _one_of(account: Account | None, staff: Staff | None) -> Account | Staff:
    owner = account or staff
    if owner is None or (account and staff):
        raise ValueError("either an account or a staff member")
    return owner


def _actor(owner: Account | Staff) -> str:
    return f"{'staff' if isinstance(owner, Staff) else 'applicant'}:{owner.id}"


def _successor(session: Session, token: str, *, again: bool) -> str:
    """Asked for again, the one that was given, though there may be a newer key by now."""
    keys = vault.own_keys(session, "tokens", every=again)
    made = [hmac.digest(key, b"refresh-successor\0" + token.encode(), sha256) for key in keys]
    given = [_printed(one) for one in made]
    known = (one for one in given if again and session.get(RefreshToken, _digest(one)) is not None)
    return next(known, given[0])


def _printed(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _over() -> SignInNeeded:
    return SignInNeeded("登录已到期，请重新登录。", code="session_over")
