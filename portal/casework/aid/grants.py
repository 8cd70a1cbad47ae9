"""What was decided to be given, and in which parts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.casework import duties
from portal.casework.aid import ledger
from portal.casework.aid.tables import AidGrant, AidInstalment
from portal.casework.said import AIDED_HOW
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.errors import Invalid, NotFound
from portal.people.access import Actor
from portal.policy.lifecycle import FINAL

SMALL, TOWNSHIP, COUNTY, CONFERENCE = "small", "township", "county", "conference"
BASES: Mapping[str, str] = {
    SMALL: "小额快救", TOWNSHIP: "先行救助", COUNTY: "县级审核确认", CONFERENCE: "一事一议",
}  # fmt: skip
_MOST_PARTS, _MOST_LINES = 24, 100


@dataclass(frozen=True)
class Part:
    """One part as planned: 分; `form` as in AIDED_HOW; `due_on` None: now."""

    amount: int
    form: str = "cash"
    due_on: date | None = None


@dataclass(frozen=True)
class Given:
    """A grant with its parts and words, opened."""

    grant: AidGrant
    said: Mapping[str, Any]
    parts: tuple[tuple[AidInstalment, Mapping[str, Any]], ...]

    @property
    def paid(self) -> int:
        return sum(one.amount for one, _said in self.parts if one.paid_at)


def write(
    session: Session,
    application: Application,
    basis: str,
    parts: Sequence[Part],
    said: Mapping[str, Any],
    *,
    grant_id: UUID | None = None,
    conference_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> list[AidInstalment]:
    """One grant and its parts, first to last. Raises Invalid (amount, form, parts)."""
    _check(parts)
    grant = AidGrant(
        id=grant_id or uuid4(), application_id=application.id, basis=basis,
        amount=sum(part.amount for part in parts), conference_id=conference_id,
        actor=str(actor), at=now,
    )  # fmt: skip
    grant.said_sealed = seal(session, application, said, _grant_place(grant))
    session.add(grant)
    session.flush()
    rows = [
        AidInstalment(
            id=uuid4(), grant_id=grant.id, no=no, amount=part.amount, form=part.form,
            due_on=part.due_on,
        )
        for no, part in enumerate(parts, 1)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    detail = {"grant": str(grant.id), "basis": basis, "amount": grant.amount, "parts": len(rows)}
    audit.record(
        session, "aid.granted", actor=str(actor), subject=application.id, detail=detail, now=now
    )
    return rows


def find(session: Session, application: Application, part_id: UUID) -> AidInstalment:
    """Raises NotFound, the same for another file's."""
    part = session.get(AidInstalment, part_id)
    grant = session.get(AidGrant, part.grant_id) if part else None
    if part is None or grant is None or grant.application_id != application.id:
        raise NotFound("没有这一笔。")
    return part


def of(session: Session, application: Application) -> list[Given]:
    """Everything granted for a file, first to last, opened; words empty once erased."""
    rows = select(AidGrant).where(AidGrant.application_id == application.id)
    found = session.scalars(rows.order_by(AidGrant.at, AidGrant.id)).all()
    wanted = select(AidInstalment).where(AidInstalment.grant_id.in_([g.id for g in found]))
    parts = session.scalars(wanted.order_by(AidInstalment.no)).all()
    return [
        Given(
            grant,
            _opened(session, application, grant.said_sealed, _grant_place(grant)),
            tuple(
                (one, _opened(session, application, one.said_sealed, part_place(one)))
                for one in parts
                if one.grant_id == grant.id
            ),
        )
        for grant in found
    ]


def unpaid(session: Session, application: Application) -> list[AidInstalment]:
    """Parts that were promised and are not given yet."""
    parts = [one for given in of(session, application) for one, _said in given.parts]
    return [one for one in parts if one.paid_at is None and one.dropped is None]


def going(session: Session, *, actor: Actor) -> list[Application]:
    """Files of this division that were helped and are not closed, the oldest aid first."""
    ours = duties.scope(actor)
    rows = (
        select(Application)
        .join(AidGrant, AidGrant.application_id == Application.id)
        .where(ours, Application.status.not_in(FINAL))
        .group_by(Application.id)
        .order_by(func.min(AidGrant.at), Application.id)
        .limit(_MOST_LINES)
    )
    return list(session.scalars(rows))


def _check(parts: Sequence[Part]) -> None:
    if not 1 <= len(parts) <= _MOST_PARTS:
        raise Invalid("发放的笔数不对。", fields={"parts": ["请写一笔到二十四笔。"]})
    for part in parts:
        ledger.check_amount(part.amount)
        if part.form not in AIDED_HOW:
            raise Invalid("请选怎么发。", fields={"form": ["请选怎么发。"]})


def seal(session: Session, application: Application, said: Mapping[str, Any], place: str) -> bytes:
    text = json.dumps(dict(said), ensure_ascii=False, sort_keys=True)
    return vault.seal_text(session, application.key_id, text, place=place)


def _opened(
    session: Session, application: Application, sealed: bytes | None, place: str
) -> dict[str, Any]:
    if sealed is None:
        return {}
    try:
        text = vault.unseal_text(session, application.key_id, sealed, place=place)
    except vault.Unreadable:
        return {}
    found: dict[str, Any] = json.loads(text)
    return found


def _grant_place(grant: AidGrant) -> str:
    return f"aid_grants.said:{grant.id}"


def part_place(part: AidInstalment) -> str:
    return f"aid_instalments.said:{part.id}"
