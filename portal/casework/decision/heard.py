"""What was proposed, what the person said to it, and whether that is a hearing."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events, heard_first, sealed
from portal.casework.decision.tables import Hearing, HearingLine
from portal.filing.tables import Application
from portal.foundation.errors import Conflict

REDUCED, STOPPED = "reduced", "stopped"
CHANGES = {REDUCED: "减发", STOPPED: "停发"}
BODY, LINE = "hearings.body_sealed", "hearing_lines.body_sealed"
VISITS_WITHOUT = 2
"""So many visits on different days that met nobody make 两次上门未见."""


def check_heard(session: Session, application: Application, change: str) -> Hearing:
    """The open proposal of this change, with something the person said to it.

    Raises Conflict hearing_needed: silence and visits that met nobody are no hearing.
    """
    hearing = open_one(session, application)
    if hearing is None or hearing.change != change:
        raise Conflict("要先听本人的意见，再减、再停。", code="hearing_needed")
    if not is_heard(session, hearing):
        raise Conflict("本人还没有说过意见，不能减、停。", code="hearing_needed")
    return hearing


def is_heard(session: Session, hearing: Hearing) -> bool:
    return any(line.kind == "statement" for line in lines(session, hearing))


def tried_in_vain(session: Session, hearing: Hearing) -> bool:
    """两次上门未见: recorded visits on two different days, and nobody has said anything."""
    days = {line.day for line in lines(session, hearing) if line.kind == "not_met"}
    return len(days) >= VISITS_WITHOUT and not is_heard(session, hearing)


def open_one(session: Session, application: Application) -> Hearing | None:
    rows = select(Hearing).where(
        Hearing.application_id == application.id, Hearing.closed_at.is_(None)
    )
    return session.scalars(rows).first()


def of(session: Session, application: Application) -> Sequence[Hearing]:
    """First to last."""
    rows = select(Hearing).where(Hearing.application_id == application.id)
    return session.scalars(rows.order_by(Hearing.opened_at, Hearing.id)).all()


def lines(session: Session, hearing: Hearing) -> Sequence[HearingLine]:
    """What was said and tried, first to last."""
    rows = select(HearingLine).where(HearingLine.hearing_id == hearing.id)
    return session.scalars(rows.order_by(HearingLine.written_at, HearingLine.id)).all()


def body(session: Session, application: Application, hearing: Hearing) -> dict[str, Any]:
    """{sentence, law, amount}."""
    return sealed.unseal(session, application, BODY, hearing.id, hearing.body_sealed)


def words(session: Session, application: Application, line: HearingLine) -> dict[str, Any]:
    """{sentence, who, staff}."""
    return sealed.unseal(session, application, LINE, line.id, line.body_sealed)


def paid(session: Session, application: Application) -> int | None:
    """What is paid a month now, 分: the last amount anybody decided on; None without money."""
    words_of = partial(events.said, session, application)
    return heard_first.paid(events.of(session, application), words_of)
