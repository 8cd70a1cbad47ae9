"""Words about a case, sealed with the file's own key and bound to their row."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing.tables import Application
from portal.foundation import vault


def seal(
    session: Session, application: Application, column: str, row: UUID, body: Mapping[str, Any]
) -> bytes:
    """`column` is table.column, `row` the row's id: the bytes open nowhere else."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return vault.seal_text(session, application.key_id, text, place=f"{column}:{row}")


def unseal(
    session: Session, application: Application, column: str, row: UUID, sealed: bytes | None
) -> dict[str, Any]:
    """What was sealed; empty when nothing was, or the file's key has been destroyed."""
    if sealed is None:
        return {}
    try:
        plain = vault.unseal_text(session, application.key_id, sealed, place=f"{column}:{row}")
    except vault.Unreadable:
        return {}
    found: dict[str, Any] = json.loads(plain)
    return found
