"""Everything that belongs to some applications, found by the tables themselves: to be removed.

A table that names an application, or hangs on one that does, is found without being listed; what
must not go with a file is listed, with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.orm import Session

from portal.foundation import vault
from portal.foundation.database import Base

STAY: Mapping[str, str] = {
    "applications": "a bare row without any word: the audit record names it",
    "complaints": "the office's answer to it is not part of the file",
    "petty_fund_lines": "a book of money never changes; its words go with the key of the fund",
    "payments": "an account of money",
    "payment_files": "an account of money",
    "aid_grants": "an account of money; its words went with the key",
    "aid_instalments": "an account of money; its words went with the key",
    "aid_conferences": "what a grant refers to; its words went with the key",
}
_OWN_KEYS = ("lead", "referral", "message")
"""Purposes of keys that seal one row and nothing else."""


@dataclass(frozen=True)
class Removed:
    """How many rows of each table, and the names of the blobs they named."""

    rows: dict[str, int]
    blobs: frozenset[str]
    keys: frozenset[UUID]


def remove(session: Session, files: Sequence[UUID]) -> Removed:
    """Delete the rows of these applications, children first, with the keys that were only theirs."""
    session.flush()
    rows, blobs, keys = {}, set(), set()
    bound = of(files)
    for table in reversed(Base.metadata.sorted_tables):
        if table.name not in bound:
            continue
        where = bound[table.name]
        for column in (c for c in table.c if c.name == "blob" or c.name.endswith("_blob")):
            blobs |= {name for name in session.scalars(select(column).where(where)) if name}
        if "key_id" in table.c:
            keys |= {key for key in session.scalars(select(table.c.key_id).where(where)) if key}
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in bound:
            done = session.execute(delete(table).where(bound[table.name]))
            rows[table.name] = done.rowcount  # type: ignore[attr-defined]
    session.expire_all()
    return Removed({n: c for n, c in rows.items() if c}, frozenset(blobs), _single(session, keys))


def of(files: Sequence[UUID]) -> dict[str, ColumnElement[bool]]:
    """By table: which of its rows belong to these applications."""
    bound: dict[str, ColumnElement[bool]] = {}
    for table in Base.metadata.sorted_tables:
        if table.name in STAY:
            continue
        if "application_id" in table.c:
            bound[table.name] = table.c.application_id.in_(files)
        elif (parent := _parent(table, bound)) is not None:
            bound[table.name] = parent
    return bound


def _parent(table: Table, bound: Mapping[str, ColumnElement[bool]]) -> ColumnElement[bool] | None:
    """By the table above it; a key may refer to several, the first that must be there counts."""
    for column in table.c:
        for key in column.foreign_keys:
            above = key.column.table
            if above.name in bound and not column.nullable:
                return column.in_(select(key.column).where(bound[above.name]))
    return None


def _single(session: Session, keys: set[UUID]) -> frozenset[UUID]:
    rows = select(vault.DataKey.id).where(
        vault.DataKey.id.in_(keys), vault.DataKey.purpose.in_(_OWN_KEYS),
        vault.DataKey.destroyed_at.is_(None),
    )  # fmt: skip
    return frozenset(session.scalars(rows))
