"""一事一议: where the ceiling is reached and the difficulty is not over, offices talk it over.

It is never refused by itself; the minutes stay on file (2026 opinion, 民发〔2018〕23号).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.aid import ledger
from portal.casework.aid.tables import AidConference
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status

_WHERE = frozenset({Status.ACCEPTED, Status.AIDED, Status.MAKING_UP, Status.COUNTY_REVIEW})
_COUNTY = (Role.COUNTY_CONFIRMER, Role.COUNTY_CLERK)
_MOST_MINUTES, _MOST_WORDS = 4000, 200


@dataclass(frozen=True)
class Conference:
    """One of them, opened. `minutes` has people and words once it was held."""

    row: AidConference
    reason: str
    minutes: Mapping[str, str]


def ask(
    session: Session, application: Application, reason: str, *, actor: Actor, now: datetime
) -> AidConference:
    """The township or the county asks for one. Raises Invalid, Conflict asked, Forbidden."""
    ours = actor.holds(*ledger.KEEPERS) and actor.region_code == application.region_code
    if not ours and not _is_county(actor, application):
        raise Forbidden("由乡镇（街道）或县民政局提请。", code="party_not_allowed")
    events.lock(session, application)
    if application.machine != "emergency" or application.status not in _WHERE:
        raise Conflict("现在不能提请一事一议。", code="move_not_allowed")
    if not reason.strip():
        raise Invalid("请写一句为什么。", fields={"reason": ["请写一句为什么。"]})
    if any(one.row.held_on is None for one in of(session, application)):
        raise Conflict("已经提请过，还没有商量。", code="asked")
    row = AidConference(
        id=uuid4(), application_id=application.id, requested_by=str(actor), requested_at=now
    )
    text = reason.strip()[:_MOST_WORDS]
    row.reason_sealed = _sealed(session, application, row, "reason", text)
    session.add(row)
    session.flush()
    audit.record(
        session, "conference.asked", actor=str(actor), subject=application.id, now=now,
        detail={"conference": str(row.id)},
    )  # fmt: skip
    return row


def hold(
    session: Session,
    application: Application,
    conference_id: UUID,
    *,
    held_on: date,
    people: str,
    words: str,
    amount: int,
    sentence: str,
    actor: Actor,
    now: datetime,
) -> AidConference:
    """The minutes: who took part, what was said, what is given (分, 0 for another way).

    `sentence` is what the applicant reads. Raises Invalid by field, Conflict held, Forbidden.
    """
    if not _is_county(actor, application):
        raise Forbidden("一事一议由县民政局记录。", code="party_not_allowed")
    events.lock(session, application)
    row = session.get(AidConference, conference_id, populate_existing=True)
    if row is None or row.application_id != application.id:
        raise NotFound("没有这次一事一议。")
    if row.held_on is not None:
        raise Conflict("这次已经记录过。", code="held")
    _check_minutes(held_on, people, words, amount, sentence, now=now)
    minutes = {"people": people.strip()[:_MOST_WORDS], "words": words.strip()[:_MOST_MINUTES]}
    text = json.dumps(minutes, ensure_ascii=False)
    row.minutes_sealed = _sealed(session, application, row, "minutes", text)
    row.held_on, row.amount, row.recorded_by, row.recorded_at = held_on, amount, str(actor), now
    events.record(
        session, application, "conference", after=None, party=Party.COUNTY, actor=str(actor),
        said={"sentence": sentence}, now=now,
    )  # fmt: skip
    return row


def find(session: Session, application: Application, conference_id: UUID) -> AidConference:
    """One that was held. Raises NotFound, Conflict while it was not."""
    row = session.get(AidConference, conference_id)
    if row is None or row.application_id != application.id:
        raise NotFound("没有这次一事一议。")
    if row.held_on is None:
        raise Conflict("一事一议还没有结果。", code="not_held")
    return row


def of(session: Session, application: Application) -> list[Conference]:
    """First to last."""
    rows = select(AidConference).where(AidConference.application_id == application.id)
    found = session.scalars(rows.order_by(AidConference.requested_at, AidConference.id))
    return [
        Conference(row, _reason(session, application, row), _minutes(session, application, row))
        for row in found
    ]


def waiting(session: Session, *, actor: Actor) -> list[Application]:
    """Files of this county that wait for a conference, oldest first."""
    rows = (
        select(Application)
        .join(AidConference, AidConference.application_id == Application.id)
        .where(AidConference.held_on.is_(None), Application.county_code == actor.region_code)
        .order_by(AidConference.requested_at, AidConference.id)
    )
    return list(session.scalars(rows)) if actor.holds(*_COUNTY) else []


def _is_county(actor: Actor, application: Application) -> bool:
    return actor.holds(*_COUNTY) and actor.region_code == application.county_code


def _check_minutes(
    held_on: date, people: str, words: str, amount: int, sentence: str, *, now: datetime
) -> None:
    wrong: dict[str, list[str]] = {}
    if held_on > local_date(now):
        wrong["held_on"] = ["日期还没到。"]
    for name, text in (("people", people), ("words", words), ("sentence", sentence)):
        if not text.strip():
            wrong[name] = ["这一项要写。"]
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= ledger.MOST:
        wrong["amount"] = ["请写金额，没有就写0。"]
    if wrong:
        raise Invalid("记录还差几项。", fields=wrong)


def _sealed(
    session: Session, application: Application, row: AidConference, column: str, text: str
) -> bytes:
    return vault.seal_text(session, application.key_id, text, place=_place(row, column))


def _reason(session: Session, application: Application, row: AidConference) -> str:
    place = _place(row, "reason")
    return vault.unseal_text(session, application.key_id, row.reason_sealed, place=place)


def _minutes(session: Session, application: Application, row: AidConference) -> dict[str, Any]:
    if row.minutes_sealed is None:
        return {}
    place = _place(row, "minutes")
    text = vault.unseal_text(session, application.key_id, row.minutes_sealed, place=place)
    found: dict[str, Any] = json.loads(text)
    return found


def _place(row: AidConference, column: str) -> str:
    return f"aid_conferences.{column}:{row.id}"
