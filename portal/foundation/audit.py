"""The audit chain: who did what to which file, so that tampering is found.

Sixteen hash chains by application plus one for everything else; the heads are sealed
together every minute, so cutting off the end of a chain shows as well. Details hold
codes and digests, never personal data.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.foundation.database import Base

CHAINS = 16
SYSTEM_CHAIN = CHAINS
_GENESIS = bytes(32)


class AuditEntry(Base):
    """审计记录. One line of a chain, never changed or deleted."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject_at", "subject", "at"),)

    chain: Mapped[int] = mapped_column(Integer, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80), index=True)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[UUID | None]
    detail: Mapped[str]
    previous: Mapped[bytes]
    digest: Mapped[bytes]


class AuditHead(Base):
    """审计链头. The last link of each chain; locked while a link is added."""

    __tablename__ = "audit_heads"

    chain: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes]


class AuditSeal(Base):
    """审计封印. All heads at one moment, chained to the seal before."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    heads: Mapped[str]
    digest: Mapped[bytes]


def record(
    session: Session,
    action: str,
    *,
    actor: str,
    now: datetime,
    subject: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one link, in the caller's transaction: no change without its line here.

    `actor` is `applicant:<id>`, `staff:<id>`, `office:<name>` or `portal`.
    """
    chain = SYSTEM_CHAIN if subject is None else subject.int % CHAINS
    head = session.scalars(
        select(AuditHead).where(AuditHead.chain == chain).with_for_update()
    ).one()
    text = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    entry = AuditEntry(
        chain=chain, seq=head.seq + 1, at=now, actor=actor, action=action,
        subject=subject, detail=text, previous=head.digest, digest=b"",
    )  # fmt: skip
    entry.digest = _digest(entry)
    head.seq, head.digest = entry.seq, entry.digest
    session.add(entry)
    session.flush()


def make_heads(session: Session) -> None:
    """The seventeen empty chains of a new installation."""
    have = set(session.scalars(select(AuditHead.chain)))
    for chain in range(CHAINS + 1):
        if chain not in have:
            session.add(AuditHead(chain=chain, seq=0, digest=_GENESIS))
    session.flush()


def seal_heads(session: Session, *, now: datetime) -> None:
    """Seal all heads together; does nothing when none has moved."""
    heads = session.scalars(select(AuditHead).order_by(AuditHead.chain).with_for_update()).all()
    text = json.dumps({str(h.chain): [h.seq, h.digest.hex()] for h in heads}, sort_keys=True)
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).first()
    if last is not None and last.heads == text:
        return
    number = 1 if last is None else last.id + 1
    before = _GENESIS if last is None else last.digest
    digest = _seal_digest(before, number, now, text)
    session.add(AuditSeal(id=number, at=now, heads=text, digest=digest))
    session.flush()


def verify(session: Session) -> list[str]:
    """Every chain from its first link to its head and every seal: what does not fit, in words."""
    faults = [fault for chain in range(CHAINS + 1) for fault in _verify_chain(session, chain)]
    return faults + list(_verify_seals(session))


def _verify_chain(session: Session, chain: int) -> Iterator[str]:
    previous, seq = _GENESIS, 0
    rows = select(AuditEntry).where(AuditEntry.chain == chain).order_by(AuditEntry.seq)
    with closing(session.scalars(rows.execution_options(yield_per=1000))) as entries:
        for entry in entries:
            seq += 1
            if entry.seq != seq:
                yield f"chain {chain}: line {seq} is missing"
                return
            if entry.previous != previous or entry.digest != _digest(entry):
                yield f"chain {chain}: line {seq} was altered"
                return
            previous = entry.digest
    head = session.get(AuditHead, chain)
    if head is None or head.seq != seq or head.digest != previous:
        yield f"chain {chain}: its end was cut or forged"


def _verify_seals(session: Session) -> Iterator[str]:
    before = _GENESIS
    for number, row in enumerate(session.scalars(select(AuditSeal).order_by(AuditSeal.id)), 1):
        if row.id != number or row.digest != _seal_digest(before, row.id, row.at, row.heads):
            yield f"seal {number} was altered or is missing"
            return
        before = row.digest
        yield from _verify_sealed_heads(session, row)


def _verify_sealed_heads(session: Session, row: AuditSeal) -> Iterator[str]:
    for chain, (seq, digest) in json.loads(row.heads).items():
        if seq == 0:
            continue
        entry = session.get(AuditEntry, (int(chain), seq))
        if entry is None or entry.digest.hex() != digest:
            yield f"seal {row.id}: chain {chain} no longer holds line {seq} as sealed"


def _digest(entry: AuditEntry) -> bytes:
    parts = [
        str(entry.chain), str(entry.seq), _stamp(entry.at), entry.actor, entry.action,
        str(entry.subject or ""), entry.detail, entry.previous.hex(),
    ]  # fmt: skip
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).digest()


def _seal_digest(before: bytes, number: int, at: datetime, heads: str) -> bytes:
    return sha256(json.dumps([before.hex(), number, _stamp(at), heads]).encode()).digest()


def _stamp(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1_000_000))
