"""A household: one family's file. What several programs ask is said once and kept here.

Every 事项 is an application of its own; what is said in one flows here and from here into
the others that are still open (filing/sharing.py).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.foundation import audit, vault
from portal.foundation.errors import NotFound
from portal.people import access, mandates
from portal.people.access import Actor
from portal.people.tables import Household

_MOST = 20
"""A phone that keeps more families than that belongs to a helper, who has mandates."""


@dataclass(frozen=True)
class Fact:
    """One kept answer: its value, the digest of the question, when and in which file it was said."""

    value: Any
    question: str
    at: str
    source: str


Facts = dict[tuple[str, str], Fact]
"""By the field's name and the digest of its question: 原因 of 低保 is not 原因 of 临时救助."""


def start(
    session: Session,
    *,
    account_id: UUID | None,
    created_by: UUID | None = None,
    region_code: str | None = None,
    actor: Actor | str,
    now: datetime,
) -> Household:
    """An empty household with a key of its own. `created_by`: the account that begins it."""
    household = Household(
        id=uuid4(), key_id=vault.new_key(session, "household", now=now), account_id=account_id,
        created_by=created_by or account_id, region_code=region_code, facts_sealed=b"",
        created_at=now, changed_at=now,
    )  # fmt: skip
    _write(session, household, {})
    session.add(household)
    session.flush()
    audit.record(session, "household.started", actor=str(actor), subject=household.id, now=now)
    return household


def find(
    session: Session, household_id: UUID, *, actor: Actor, now: datetime, lock: bool = False
) -> Household:
    """The owner's, or for whoever has a mandate of it at this moment. Raises NotFound, the
    same for what does not exist and for what is not theirs."""
    household = session.get(Household, household_id, with_for_update=lock or None)
    grant = mandates.grant(session, household_id, actor=actor, lock=lock, now=now)
    if household is None or not access.may_read(
        actor, owner=household.account_id, region_path=None, grant=grant,
        program_id=next(iter(grant.programs), "") if grant else "",
    ):  # fmt: skip
        raise unknown()
    return household


def unknown() -> NotFound:
    return NotFound("没有找到这一家。请回到首页再试。")


def of_account(session: Session, account_id: UUID) -> list[Household]:
    """The account's own households, the one last used first."""
    rows = select(Household).where(Household.account_id == account_id)
    return list(
        session.scalars(rows.order_by(Household.changed_at.desc(), Household.id).limit(_MOST))
    )


def facts(session: Session, household: Household) -> Facts:
    """Everything the household has said that may be asked again."""
    text = vault.unseal_text(
        session, household.key_id, household.facts_sealed, place=_place(household)
    )
    return {
        (name, question): Fact(value, question, at, source)
        for name, value, question, at, source in json.loads(text)
    }


def called(session: Session, household: Household) -> str:
    """The name it goes by: the applicant's said last; empty while nobody said one."""
    return str(latest(facts(session, household), "applicant_name") or "")


def latest(known: Facts, name: str) -> Any:
    """The answer said last under this name, however it was asked; None for none."""
    said = [fact for (other, _question), fact in known.items() if other == name]
    return max(said, key=lambda fact: fact.at).value if said else None


def learn(
    session: Session, household: Household, said: Facts, *, actor: Actor | str, now: datetime
) -> None:
    """Put new facts in the place of older ones; one whose value is None is forgotten.

    The row is locked first.
    """
    session.flush()
    session.refresh(household, with_for_update=True)
    kept = facts(session, household)
    new = {k: f for k, f in said.items() if (kept[k].value if k in kept else None) != f.value}
    if not new:
        return
    _write(session, household, {k: f for k, f in {**kept, **new}.items() if f.value is not None})
    household.changed_at = now
    audit.record(
        session, "household.learned", actor=str(actor), subject=household.id,
        detail={"fields": sorted({name for name, _question in new})}, now=now,
    )  # fmt: skip


def _write(session: Session, household: Household, kept: Facts) -> None:
    entries = [[n, f.value, q, f.at, f.source] for (n, q), f in sorted(kept.items())]
    text = json.dumps(entries, ensure_ascii=False)
    household.facts_sealed = vault.seal_text(
        session, household.key_id, text, place=_place(household)
    )


def _place(household: Household) -> str:
    return f"households.facts:{household.id}"
