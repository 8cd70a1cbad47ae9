"""The outside of an event: its signature, its nonce, its shape, its words under seal."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.casework import said as words
from portal.casework.tables import OfficeClient, OfficeNonce
from portal.filing.tables import Application
from portal.foundation import retention, vault
from portal.foundation.errors import BadRequest, Invalid, SignInNeeded
from portal.policy.lifecycle import KINDS, MOVES, NOTES, Party

MOST_BYTES = 64 * 1024
SKEW = timedelta(minutes=5)
NONCES_KEPT = retention.period("nonces")
FROM_OUTSIDE = {k for m in MOVES if m.party is not Party.APPLICANT for k in m.kinds} | {
    note.kind for note in NOTES.values() if not note.desk
}
"""Kinds an outside office may send; the rest are the applicant's or the desk's own."""

_CLIENT = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")
_SECONDS = re.compile(r"[0-9]{10}\Z")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
_REFERENCE = re.compile(r"[0-9]{10}\Z")
_MOST_SEQ = 100_000


@dataclass(frozen=True)
class Envelope:
    """An event as it arrived, its shape checked. `digest` of its canonical form."""

    id: UUID
    seq: int
    kind: str
    at: datetime
    application_id: UUID | None
    reference_no: str | None
    said: Mapping[str, Any]
    digest: bytes

    @property
    def plain(self) -> dict[str, Any]:
        """What may lie open in the database: everything but the words."""
        plain: dict[str, Any] = {"kind": self.kind, "at": self.at.isoformat()}
        if self.reference_no:
            plain["reference_no"] = self.reference_no
        return plain


def signed_bytes(body: bytes, timestamp: str, nonce: str) -> bytes:
    """Exactly what is signed: two lines, then the body as sent."""
    return f"{timestamp}\n{nonce}\n".encode() + body


def sign(key: Ed25519PrivateKey, body: bytes, *, nonce: str, now: datetime) -> dict[str, str]:
    """The headers a client sends beside its own name."""
    timestamp = str(int(now.timestamp()))
    signature = base64.b64encode(key.sign(signed_bytes(body, timestamp, nonce))).decode()
    return {"X-Timestamp": timestamp, "X-Nonce": nonce, "X-Signature": signature}


def verify(
    session: Session,
    client_name: str,
    body: bytes,
    signature: str,
    timestamp: str,
    nonce: str,
    *,
    now: datetime,
) -> OfficeClient:
    """The client whose key signed this within five minutes, its row locked.

    Raises SignInNeeded, the same for every cause.
    """
    named = all((_CLIENT.match(client_name), _NONCE.match(nonce), _SECONDS.match(timestamp)))
    if not named or len(body) > MOST_BYTES:
        raise wrong()
    client = session.get(OfficeClient, client_name, with_for_update=True)
    if client is None or client.revoked_at is not None:
        raise wrong()
    check_signature(client.public_key, body, signature, timestamp, nonce, now=now)
    return client


def check_signature(
    public_key: bytes, body: bytes, signature: str, timestamp: str, nonce: str, *, now: datetime
) -> None:
    """Exactly these bytes were signed with this key within five minutes. Raises SignInNeeded."""
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(_signature(signature), signed_bytes(body, timestamp, nonce))
    except (InvalidSignature, ValueError) as fault:
        raise wrong() from fault
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > SKEW:
        raise wrong()


def read(body: bytes) -> Envelope:
    """Raises BadRequest for what is no JSON object, Invalid by field for the rest.

    The words of a kind we do not know are kept as they are.
    """
    found = _object(body)
    checks = {"id": _uuid, "seq": _seq, "kind": _kind, "at": _moment}
    optional = {"application_id": _uuid, "reference_no": _reference, "said": _said}
    for name in found:
        if name not in checks and name not in optional:
            raise _bad(name, "没有这一项。")
    values: dict[str, Any] = {n: check(n, found.get(n)) for n, check in checks.items()}
    for name, check in optional.items():
        values[name] = check(name, found[name]) if found.get(name) is not None else None
    if values["application_id"] is None and values["reference_no"] is None:
        raise _bad("application_id", "请写申请的编号。")
    if values["kind"] in FROM_OUTSIDE:
        values["said"] = words.check(values["kind"], values["said"])
    canonical = json.dumps(found, sort_keys=True, separators=(",", ":"))
    return Envelope(**values, digest=sha256(canonical.encode()).digest())


def keep_nonce(session: Session, client: OfficeClient, nonce: str, *, now: datetime) -> bool:
    """True the first time within 48 hours."""
    if session.get(OfficeNonce, (client.name, nonce)) is not None:
        return False
    session.add(OfficeNonce(client=client.name, nonce=nonce, seen_at=now))
    session.flush()
    return True


def forget_old(session: Session, *, now: datetime) -> None:
    session.execute(delete(OfficeNonce).where(OfficeNonce.seen_at < now - NONCES_KEPT))


def seal(session: Session, application: Application | None, wanted: Envelope) -> str:
    """The words while they wait: under the file's key, or ours while the file is unknown."""
    if application is not None:
        key_id = application.key_id
    else:
        own = select(vault.DataKey.id).where(vault.DataKey.purpose == "intake")
        key_id = session.scalars(own).one()
    text = json.dumps(wanted.said, ensure_ascii=False)
    sealed = vault.seal_text(session, key_id, text, place=_place(wanted.id))
    return f"{key_id}:{base64.b64encode(sealed).decode()}"


def unseal(session: Session, text: str, event_id: UUID) -> dict[str, Any]:
    key_id, _, sealed = text.partition(":")
    plain = vault.unseal_text(
        session, UUID(key_id), base64.b64decode(sealed), place=_place(event_id)
    )
    found: dict[str, Any] = json.loads(plain)
    return found


def without_words(body: Mapping[str, Any]) -> dict[str, Any]:
    """Once applied the words stand in the case's own record, and nowhere else."""
    return {name: value for name, value in body.items() if name != "said"}


def wrong() -> SignInNeeded:
    return SignInNeeded("签名不对，没有接收。", code="signature_invalid", keeps=True)


def _signature(text: str) -> bytes:
    """One spelling only: base64 has several for the same bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise wrong() from fault
    if len(raw) != 64 or base64.b64encode(raw).decode() != text:
        raise wrong()
    return raw


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as fault:
        raise BadRequest("内容格式不对，无法读取。", code="json_invalid") from fault
    if not isinstance(found, dict):
        raise BadRequest("内容格式不对，无法读取。", code="json_invalid")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _uuid(name: str, value: Any) -> UUID:
    try:
        found = UUID(value)
    except (AttributeError, TypeError, ValueError):
        raise _bad(name, "编号不对。") from None
    if str(found) != value:
        raise _bad(name, "编号不对。")
    return found


def _seq(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_SEQ:
        raise _bad(name, "序号从1开始。")
    return value


def _kind(name: str, value: Any) -> str:
    """Ours that an outside office may send, or one we do not know (yet): that waits."""
    if not isinstance(value, str) or not _KIND.match(value):
        raise _bad(name, "没有这种事件。")
    if value in KINDS and value not in FROM_OUTSIDE:
        raise _bad(name, "没有这种事件。")
    return value


def _moment(name: str, value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None or not 2000 <= found.year <= 2100:
            raise ValueError
    except (TypeError, ValueError):
        raise _bad(name, "时间要带时区。") from None
    return found.astimezone(UTC)


def _reference(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _REFERENCE.match(value):
        raise _bad(name, "申请编号是十位数字。")
    return value


def _said(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _bad(name, "内容格式不对。")
    return value


def _bad(name: str, sentence: str) -> Invalid:
    return Invalid("有几处需要改一下。", fields={name: [sentence]})


def _place(event_id: UUID) -> str:
    return f"office_events.said:{event_id}"
