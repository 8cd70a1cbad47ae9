"""The way of a referral, line by line, never changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.casework.referral.tables import Referral, ReferralStep
from portal.foundation import audit, vault
from portal.people.access import Actor

WORDS = {
    "referred": "转出", "again": "重新转出", "received": "收下", "returned": "退回",
    "closed": "办结", "cancelled": "本人收回同意",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One step, opened."""

    row: ReferralStep
    said: Mapping[str, Any]

    @property
    def text(self) -> str:
        return WORDS[self.row.kind]


def add(
    session: Session,
    referral: Referral,
    kind: str,
    said: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """One line more; the caller holds the referral's row."""
    session.flush()
    last = select(func.max(ReferralStep.seq)).where(ReferralStep.referral_id == referral.id)
    step = ReferralStep(
        id=uuid4(), referral_id=referral.id, seq=(session.scalar(last) or 0) + 1, kind=kind,
        actor=str(actor), at=now,
    )  # fmt: skip
    if said:
        text = json.dumps(dict(said), ensure_ascii=False)
        step.said_sealed = vault.seal_text(session, referral.key_id, text, place=_place(step))
    session.add(step)
    session.flush()
    detail = {"referral": str(referral.id), "step": kind, "to": referral.program_id}
    audit.record(
        session, "referral.step", actor=str(actor), subject=referral.application_id,
        detail=detail, now=now,
    )  # fmt: skip


def of(session: Session, referral: Referral) -> list[Line]:
    """First to last; the words are empty once the file was erased."""
    rows = select(ReferralStep).where(ReferralStep.referral_id == referral.id)
    return [
        Line(row, _said(session, referral, row))
        for row in session.scalars(rows.order_by(ReferralStep.seq))
    ]


def _said(session: Session, referral: Referral, row: ReferralStep) -> dict[str, Any]:
    if row.said_sealed is None:
        return {}
    try:
        text = vault.unseal_text(session, referral.key_id, row.said_sealed, place=_place(row))
    except vault.Unreadable:
        return {}
    found: dict[str, Any] = json.loads(text)
    return found


def _place(row: ReferralStep) -> str:
    return f"referral_steps.said:{row.id}"
