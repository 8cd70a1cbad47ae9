"""The audit chain: who did what to which file, so that tampering is found.

Sixteen hash chains by application plus one for everything else; the heads are sealed
together every minute, so cutting off the end of a chain shows as well. The seals are made under
a key of their own: whoever can write the database but has not the master key cannot make one.
Details hold codes and digests, never personal data.
"""

import hmac
import json
import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, event, func, select
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.sql import ClauseElement, visitors

from portal.foundation import vault
from portal.foundation.audit_tables import AuditEntry, AuditHead, AuditSeal

CHAINS = 16
SYSTEM_CHAIN = CHAINS
SEALS = "seals"
PARTS = (*(str(chain) for chain in range(CHAINS + 1)), SEALS)
_GENESIS = bytes(32)
_NOTED = "audit lines not written yet"
_OURS = 8
_NONE = "0:"
NO_KEY = "seals: their key is gone or was replaced"


_ENTRIES, _SEALS = AuditEntry.__table__, AuditSeal.__table__


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

    It is written as the transaction ends (`written`). `actor` is `applicant:<id>`, `staff:<id>`,
    `office:<name>` or `portal`.
    """
    session.flush()
    chain = SYSTEM_CHAIN if subject is None else subject.int % CHAINS
    text = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    entry = AuditEntry(
        chain=chain, at=now, actor=actor, action=action, subject=subject, detail=text
    )
    if session.in_nested_transaction():  # what is undone alone takes its line with it
        _write(session, [entry])
    else:
        session.connection()  # begins, so that a rollback is one
        session.info.setdefault(_NOTED, []).append(entry)


@event.listens_for(Session, "do_orm_execute")
def _looked_for(execution: ORMExecuteState) -> None:
    """Who asks for lines in the same transaction finds them."""
    waits = _NOTED in execution.session.info
    asked = visitors.iterate(cast(ClauseElement, execution.statement)) if waits else ()
    if any(getattr(one, "name", "") == AuditEntry.__tablename__ for one in asked):
        written(execution.session)


@event.listens_for(Session, "before_commit")
def written(session: Session) -> None:
    """The lines recorded so far, as the transaction ends.

    A head is held from here to the commit only, and several always in the same order: two
    transactions that touch the same two chains never wait for each other.
    """
    if not session.in_nested_transaction():
        _write(session, session.info.pop(_NOTED, []))


def _write(session: Session, noted: Sequence[AuditEntry]) -> None:
    if not noted:
        return
    chains = sorted({entry.chain for entry in noted})
    rows = select(AuditHead).where(AuditHead.chain.in_(chains)).order_by(AuditHead.chain)
    heads = {head.chain: head for head in session.scalars(rows.with_for_update())}
    for entry in noted:
        head = heads[entry.chain]
        entry.seq, entry.previous = head.seq + 1, head.digest
        entry.digest = _digest(entry)
        head.seq, head.digest = entry.seq, entry.digest
    session.add_all(noted)
    session.flush()


@event.listens_for(Session, "after_soft_rollback")
def _undone(session: Session, ended: SessionTransaction) -> None:
    if not ended.nested:
        session.info.pop(_NOTED, None)


def make_heads(session: Session) -> None:
    """The seventeen empty chains of a new installation."""
    have = set(session.scalars(select(AuditHead.chain)))
    for chain in range(CHAINS + 1):
        if chain not in have:
            session.add(AuditHead(chain=chain, seq=0, digest=_GENESIS))
    session.flush()


def make_seal_key(session: Session, *, now: datetime) -> None:
    """Seals from the next one on are made under a new key; the older ones stay under theirs."""
    _locked_heads(session)
    last = newest(session)
    vault.new_key(session, SEALS, now=now, key_id=_numbered(1 if last is None else last.id + 1))


def seal_heads(session: Session, *, now: datetime) -> None:
    """Seal all heads together; does nothing when none has moved."""
    written(session)
    heads = _locked_heads(session)
    text = json.dumps({str(h.chain): [h.seq, h.digest.hex()] for h in heads}, sort_keys=True)
    last = newest(session)
    if last is not None and last.heads == text:
        return
    number = 1 if last is None else last.id + 1
    before = _GENESIS if last is None else last.digest
    digest = _seal_digest(_key_of(_seal_keys(session), number), before, number, now, text)
    session.add(AuditSeal(id=number, at=now, heads=text, digest=digest))
    session.flush()


def newest(session: Session) -> AuditSeal | None:
    return session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).first()


def written_down(session: Session) -> str:
    """The newest seal in one line, to be kept elsewhere: all that came before hangs on it."""
    last = newest(session)
    return _NONE if last is None else f"{last.id}:{last.digest.hex()}"


def unkeyed(session: Session) -> int:
    """So many seals, the oldest, were made before there was a key for them."""
    keys = _seal_keys(session)
    return keys[0][0] - 1 if keys else session.scalar(select(func.max(AuditSeal.id))) or 0


def verify(session: Session) -> list[str]:
    """Every chain from its first link to its head and every seal: what does not fit, in words."""
    _at_one_moment(session)
    return [fault for part in PARTS for fault in _verify_part(session, part)]


def verify_part(session: Session, part: str) -> list[str]:
    """One of PARTS."""
    _at_one_moment(session)
    return list(_verify_part(session, part))


def verify_written(session: Session, seals: Iterable[str]) -> list[str]:
    """Those `written_down` before that are not there now."""
    faults = []
    for seal in seals:
        number, _, digest = seal.strip().partition(":")
        row = session.get(AuditSeal, int(number)) if number.isdecimal() else None
        if seal != _NONE and (row is None or row.digest.hex() != digest):
            faults.append(f"seal {number} is not the one that was written down")
    return faults


def _verify_part(session: Session, part: str) -> Iterator[str]:
    try:
        yield from _verify_seals(session) if part == SEALS else _verify_chain(session, int(part))
    except (ValueError, TypeError, LookupError, AttributeError, vault.Unreadable) as fault:
        yield f"{part}: cannot be read ({type(fault).__name__})"


def _at_one_moment(session: Session) -> None:
    """What is written meanwhile is not looked at."""
    if session.get_bind().dialect.name == "postgresql" and not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _verify_chain(session: Session, chain: int) -> Iterator[str]:
    """Line by line without holding any, each against the seals that were put on it."""
    previous, seq = _GENESIS, 0
    rows = select(_ENTRIES).where(_ENTRIES.c.chain == chain).order_by(_ENTRIES.c.seq)
    with closing(_sealed(session, chain)) as seals, closing(_streamed(session, rows)) as entries:
        sealed = next(seals, None)
        for entry in entries:
            seq += 1
            if entry.seq != seq:
                yield f"chain {chain}: line {seq} is missing"
                return
            if entry.previous != previous or entry.digest != _digest(entry):
                yield f"chain {chain}: line {seq} was altered"
                return
            previous = entry.digest
            while sealed is not None and sealed[1] <= seq:
                if sealed[1:] != (seq, previous.hex()):
                    yield f"seal {sealed[0]}: chain {chain} no longer holds line {sealed[1]} as sealed"
                sealed = next(seals, None)
        if sealed is not None:
            yield f"seal {sealed[0]}: chain {chain} no longer holds line {sealed[1]} as sealed"
    head = session.get(AuditHead, chain)
    if head is None or head.seq != seq or head.digest != previous:
        yield f"chain {chain}: its end was cut or forged"


def _sealed(session: Session, chain: int) -> Generator[tuple[int, int, str]]:
    """Number of the seal, the line it was put on and that line's digest, where they change."""
    before: list[object] = [0, ""]
    with closing(
        _streamed(session, select(_SEALS.c.id, _SEALS.c.heads).order_by(_SEALS.c.id))
    ) as rows:
        for row in rows:
            held = json.loads(row.heads).get(str(chain), before)
            if held != before and held[0]:
                yield row.id, held[0], held[1]
            before = held


def _verify_seals(session: Session) -> Iterator[str]:
    keys, before = _seal_keys(session), _GENESIS
    if not keys:
        yield NO_KEY
    with closing(_streamed(session, select(_SEALS).order_by(_SEALS.c.id))) as rows:
        for number, row in enumerate(rows, 1):
            key = _key_of(keys, number)
            if row.id != number or row.digest != _seal_digest(
                key, before, number, row.at, row.heads
            ):
                yield f"seal {number} was altered or is missing"
                return
            before = row.digest


def _locked_heads(session: Session) -> Sequence[AuditHead]:
    return session.scalars(select(AuditHead).order_by(AuditHead.chain).with_for_update()).all()


def _seal_keys(session: Session) -> list[tuple[int, bytes]]:
    """From which seal on, and the key; the oldest first. A key is bound to its id when it is
    wrapped, so nobody without the master key can say that it began later."""
    keys = vault.own_ones(session, SEALS)
    return sorted((one.id.int >> 80, one.key) for one in keys if one.id.int >> 76 & 15 == _OURS)


def _key_of(keys: list[tuple[int, bytes]], number: int) -> bytes | None:
    return next((key for first, key in reversed(keys) if first <= number), None)


def _numbered(first: int) -> UUID:
    """An id that says from which seal on its key is used (RFC 9562, version 8)."""
    return UUID(int=first << 80 | _OURS << 76 | 2 << 62 | secrets.randbits(62))


def _streamed(session: Session, rows: Select[Any]) -> Generator[Row[Any]]:
    with closing(session.execute(rows.execution_options(yield_per=1000))) as found:
        yield from found


def _digest(entry: AuditEntry | Row[Any]) -> bytes:
    parts = [
        str(entry.chain), str(entry.seq), _stamp(entry.at), entry.actor, entry.action,
        str(entry.subject or ""), entry.detail, entry.previous.hex(),
    ]  # fmt: skip
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).digest()


def _seal_digest(key: bytes | None, before: bytes, number: int, at: datetime, heads: str) -> bytes:
    said = json.dumps([before.hex(), number, _stamp(at), heads]).encode()
    return sha256(said).digest() if key is None else hmac.digest(key, said, sha256)


def _stamp(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1_000_000))
