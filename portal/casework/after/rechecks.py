"""定期核查: 「still true?」 by the calendar of the decision; a missing answer never stops money.

民发〔2021〕57号 第31条（新法施行后是否继续有效，待核）: yearly or half-yearly, as the decision says.
Answered in the portal, or at a visit or by video on a day the person likes; no face is scanned.
Who has not answered by the day is visited: that is all that ever follows from silence.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import clocks, events, sealed
from portal.casework.after import changes
from portal.casework.after.tables import Recheck
from portal.casework.decision import standing
from portal.casework.talk import telling
from portal.contact import in_person
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.database import Database
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Status

MONTHS: Mapping[str, int] = {"yearly": 12, "half_yearly": 6}
QUESTIONS: Mapping[str, str] = {
    "members": "家里还是这些人吗？", "income": "收入和以前差不多吗？",
    "address": "还住在原来的地方吗？", "account": "收钱的账号还是那个吗？",
}  # fmt: skip
ANOTHER_WAY: Mapping[str, str] = {"visit": "请人上门来看", "video": "打视频说", "phone": "打电话说"}
ASK_BEFORE = timedelta(days=30)
"""How long before the day the person is told. Our own figure: no law names one."""
TEMPLATE = "recheck"
_BODY = "rechecks.body_sealed"
_LIVING = (Status.APPROVED, Status.PAYING)
_AT_ONCE = 200


def plan(session: Session, application: Application, every: str, *, since: date) -> Recheck | None:
    """The next one, counted from `since`; None for what is decided once."""
    if every not in MONTHS:
        return None
    row = Recheck(
        application_id=application.id, every=every, due_on=clocks.months_on(since, MONTHS[every])
    )
    session.add(row)
    session.flush()
    return row


def open_one(session: Session, application: Application) -> Recheck | None:
    """The one nobody has answered yet."""
    rows = select(Recheck).where(
        Recheck.application_id == application.id, Recheck.answered_at.is_(None)
    )
    return session.scalars(rows.order_by(Recheck.due_on)).first()


def of(session: Session, application: Application) -> list[dict[str, str]]:
    """Every one, first to last: {"due_text", "done_text"}."""
    rows = select(Recheck).where(Recheck.application_id == application.id)
    return [
        {"due_text": _day_text(row.due_on), "done_text": _done_text(session, application, row)}
        for row in session.scalars(rows.order_by(Recheck.due_on, Recheck.id))
    ]


def shown(session: Session, application: Application, *, now: datetime) -> dict[str, Any] | None:
    """{"id", "due_on", "due_text", "open_now", "late", "visit"} of the next; None without one."""
    row = open_one(session, application)
    if row is None or application.status not in (*_LIVING, Status.REVIEWING, Status.GRADUATING):
        return None
    today = local_date(now)
    return {
        "id": str(row.id),
        "due_on": row.due_on,
        "due_text": _day_text(row.due_on),
        "open_now": row.due_on - ASK_BEFORE <= today,
        "late": row.due_on < today,
        "visit": row.visit_asked_at is not None,
    }


def answer(
    session: Session,
    application: Application,
    same: Mapping[str, bool],
    *,
    actor: Actor,
    now: datetime,
) -> Recheck:
    """「Still true?」 for every topic; what changed becomes a report. The next one is planned.

    Raises NotFound for anybody but the applicant and helpers, Conflict (nothing_asked), Invalid
    naming every topic without an answer.
    """
    row = _needed(session, application, actor, now)
    errors = {name: ["请选还一样，还是变了。"] for name in QUESTIONS if name not in same}
    if errors:
        raise Invalid("还有没答的。", fields=errors)
    changed = [name for name in QUESTIONS if not same[name]]
    for kind in changed:
        words = f"定期核查时说：{changes.KINDS[kind]}。"
        changes.report(session, application, kind, words, actor=actor, now=now)
    _close(session, application, row, "portal", changed, actor=actor, now=now)
    return row


def ask_another_way(
    session: Session, application: Application, how: str, *, actor: Actor, now: datetime
) -> Recheck:
    """The person would rather be visited, or speak by video or phone: somebody is asked to."""
    row = _needed(session, application, actor, now)
    if how not in ANOTHER_WAY:
        raise Invalid("请选一种。", fields={"how": ["请选一种。"]})
    row.how = how
    if row.visit_asked_at is None:
        row.visit_asked_at = now
    telling.send_somebody(session, application, TEMPLATE, why=in_person.ASKED_FOR, now=now)
    _audit(session, application, "recheck.another_way", actor, now, how=how)
    return row


def note(
    session: Session,
    application: Application,
    how: str,
    changed: Sequence[str],
    *,
    actor: Actor,
    now: datetime,
) -> Recheck:
    """The office was there, or spoke with them: what changed becomes a report to look into.

    Raises Conflict (nothing_asked), Invalid (how), Forbidden.
    """
    standing.check_role(actor, application, *standing.TOWNSHIP_ROLES)
    events.lock(session, application)
    row = open_one(session, application)
    if row is None:
        raise Conflict("现在没有要核查的。", code="nothing_asked")
    if how not in ANOTHER_WAY:
        raise Invalid("请选一种。", fields={"how": ["请选一种。"]})
    found = [name for name in QUESTIONS if name in changed]
    for kind in found:
        words = f"核查时看到：{changes.KINDS[kind]}。"
        changes.keep(session, application, kind, words, actor=actor, now=now)
    _close(session, application, row, how, found, actor=actor, now=now)
    return row


def run_due(database: Database, *, now: datetime) -> int:
    """Tell whose day is near, once; send somebody to whose day has passed, once; how many."""
    with database.reading() as session:
        due = list(session.scalars(_due(now)))
    return sum(_one(database, recheck_id, now=now) for recheck_id in due)


def _due(now: datetime) -> Any:
    today = local_date(now)
    told = (Recheck.asked_at.is_(None)) & (Recheck.due_on <= today + ASK_BEFORE)
    late = (Recheck.visit_asked_at.is_(None)) & (Recheck.due_on < today)
    return (
        select(Recheck.id)
        .join(Application, Application.id == Recheck.application_id)
        .where(Recheck.answered_at.is_(None), told | late, Application.status.in_(_LIVING))
        .order_by(Recheck.due_on)
        .limit(_AT_ONCE)
    )


def _one(database: Database, recheck_id: UUID, *, now: datetime) -> int:
    with database.writing() as session:
        row = session.get(Recheck, recheck_id, with_for_update=True)
        if row is None or row.answered_at is not None:
            return 0
        application = session.get_one(Application, row.application_id)
        if row.asked_at is None:
            row.asked_at = now
            telling.tell(session, application, TEMPLATE, now=now)
        if row.due_on < local_date(now) and row.visit_asked_at is None:
            row.visit_asked_at = now
            telling.send_somebody(session, application, TEMPLATE, why=in_person.NO_ANSWER, now=now)
        return 1


def _done_text(session: Session, application: Application, row: Recheck) -> str:
    if row.answered_at is None:
        return "还没核查"
    body = sealed.unseal(session, application, _BODY, row.id, row.body_sealed)
    changed = "、".join(changes.KINDS[name] for name in body.get("changed", ()))
    how = ANOTHER_WAY.get(row.how or "", "在救助通上答")
    return f"{_day_text(local_date(row.answered_at))}，{how}。{changed or '没有变'}。"


def _day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _needed(session: Session, application: Application, actor: Actor, now: datetime) -> Recheck:
    if actor.role is not Role.APPLICANT:
        raise NotFound("没有找到这份申请。")
    events.lock(session, application)
    found, row = shown(session, application, now=now), open_one(session, application)
    if row is None or found is None or not found["open_now"]:
        raise Conflict("现在没有要核查的。", code="nothing_asked")
    return row


def _close(
    session: Session,
    application: Application,
    row: Recheck,
    how: str,
    changed: Sequence[str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    same = [name for name in QUESTIONS if name not in changed]
    body = {"same": same, "changed": list(changed)}
    row.body_sealed = sealed.seal(session, application, _BODY, row.id, body)
    row.how, row.answered_at, row.answered_by = how, now, str(actor)
    plan(session, application, row.every, since=max(row.due_on, local_date(now)))
    _audit(session, application, "answer.recheck", actor, now, how=how, changed=list(changed))


def _audit(
    session: Session, application: Application, what: str, actor: Actor, now: datetime, **more: Any
) -> None:
    audit.record(session, what, actor=str(actor), subject=application.id, detail=more, now=now)
