"""The bar both sides see: every clock of a case, how much of it is used, and where it stands.

After 受理 nothing pauses a clock. Before it the law counts nothing: our own target, called ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import clocks, events, history, limits
from portal.casework.clock import afterwards, marks, totals
from portal.casework.limits import NOBODY_SAID, OUR_TARGET_DAYS, OURS
from portal.casework.survey.tables import CheckRequest
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation.clock import local, local_date
from portal.policy.catalogue import Catalogue, Deadline, Program, Source
from portal.policy.lifecycle import Status

STEPS = (
    "acceptance", "first_aid", "small_track", "survey_start", "check_start", "survey",
    "expense_survey", "public_notice", "objection", "over_limit", "county_review",
    "denial_notice", "first_aid_papers", "first_payment", "graduating",
)  # fmt: skip
"""In the order of the road; the total stands at the end."""
_ONCE_BEGUN = frozenset(
    {"check_start", "objection", "over_limit", "denial_notice", "graduating", "first_aid_papers"}
)
"""Shown only when they run or have run: not every case comes there."""
_OF_AID = frozenset({"first_aid", "small_track"})
_UNITS = {"workday": "个工作日", "day": "天", "hour": "小时"}
PROVISIONAL = "放假安排没公布，日期暂定"
_PLANNED = Source(OURS, confidence="D")
_OURS = Deadline("acceptance", "窗口收下并受理", OUR_TARGET_DAYS, "workday", "submitted", _PLANNED)


@dataclass(frozen=True)
class Row:
    """One clock. `due` None: not begun, or nobody published a figure. `why`: which of several
    limits this is, and why."""

    key: str
    rule: Deadline
    start: datetime | None
    end: datetime | None
    due: clocks.Due | None
    ours: bool = False
    why: str = ""

    @property
    def at_least(self) -> bool:
        return self.rule.kind == "duration"

    def late(self, now: datetime) -> bool:
        """Past its last day and not done; a posting never is."""
        if self.due is None or self.at_least or self.end is not None:
            return False
        if self.due.at is not None:
            return now > self.due.at
        return local_date(now) > self.due.on

    def runs(self) -> bool:
        return self.start is not None and self.end is None


def bar(
    session: Session,
    application: Application,
    program: Program,
    *,
    now: datetime,
    catalogue: Catalogue | None = None,
) -> list[dict[str, Any]]:
    """Every clock as plain JSON values: [{key, title, basis, start, due, due_text, used, whole,
    unit, percent, state: running · done · late · not_started, ours, provisional, at_least,
    words}]. `start`, `due` ISO days or None, `used` of `whole` in `unit` (hour · day · workday ·
    month).

    `catalogue` says where townships decide, which makes the total a shorter one.
    """
    rows = of(session, application, program, catalogue)
    return [_shown(row, now) for row in rows]


def of(
    session: Session,
    application: Application,
    program: Program,
    catalogue: Catalogue | None = None,
) -> list[Row]:
    """The clocks of a case, in the order of its road."""
    happened = events.of(session, application)
    begun = marks.begun(happened, history.submissions(session, application))
    found = [
        row
        for step in STEPS
        if (row := _row(session, application, program, step, begun, happened)) is not None
    ]
    found = [row for row in found if _belongs(row, application, happened)]
    total = totals.of(session, application, program, catalogue, happened)
    if total is not None:
        found.append(_clock(total.rule.step, total.rule, begun, happened, why=total.why))
    if application.status in (Status.REFERRED, Status.RECEIVED):
        found.append(_with_the_department(happened))
    return found + [
        Row(rule.step, rule, start, None, _due(rule, start), ours=rule.source.document == OURS)
        for rule, start in afterwards.limits_of(session, application, program)
    ]


def _row(
    session: Session,
    application: Application,
    program: Program,
    step: str,
    begun: dict[str, datetime],
    happened: Sequence[CaseEvent],
) -> Row | None:
    rule = limits.rule(program, application.region_path or "", step)
    if step == "acceptance" and (rule is None or rule.days is None):
        title = rule.title if rule is not None else _OURS.title
        return _clock(step, replace(_OURS, title=title), begun, happened, ours=True)
    if rule is None:
        return None
    row = _clock(step, rule, begun, happened)
    if step == "check_start" and row.start is not None:
        return replace(row, end=_check_begun(session, application) or row.end)
    if step == "denial_notice" and "denied" not in begun:
        return None
    return row


def _clock(
    step: str,
    rule: Deadline,
    begun: dict[str, datetime],
    happened: Sequence[CaseEvent],
    *,
    ours: bool = False,
    why: str = "",
) -> Row:
    start = begun.get(rule.counted_from)
    end = marks.ended(step, start, happened) if start is not None else None
    return Row(step, rule, start, end, _due(rule, start), ours=ours, why=why)


def _due(rule: Deadline, start: datetime | None) -> clocks.Due | None:
    if rule.days is None or start is None:
        return None
    if rule.kind == "duration":
        return clocks.Due(clocks.period_end(start, rule.days))
    return clocks.due(start, rule.days, rule.unit)


def _belongs(row: Row, application: Application, happened: Sequence[CaseEvent]) -> bool:
    """Whether it is a clock of this case's road; one without a figure only while it runs."""
    begun = row.start is not None
    if row.rule.days is None and not row.runs():
        return False
    if row.key in _ONCE_BEGUN and not begun:
        return False
    if application.machine == "standard" or row.key == "acceptance":
        return True
    been = {application.status, *(event.after for event in happened)}
    if application.machine == "referral":
        return row.key in _OF_AID and Status.REFERRED not in been
    kinds = {event.kind for event in happened}
    if row.key == "over_limit":
        return "over_ceiling" in kinds
    if row.key in _OF_AID:
        return Status.SURVEYING not in been
    long_way = {Status.SURVEYING, Status.COUNTY_REVIEW} & been
    return bool(long_way) or row.key == "first_aid_papers"


def _check_begun(session: Session, application: Application) -> datetime | None:
    """When the county began the last check it was asked for."""
    rows = select(CheckRequest).where(CheckRequest.application_id == application.id)
    last = session.scalars(rows.order_by(CheckRequest.round.desc()).limit(1)).first()
    return last.started_at if last is not None else None


def _with_the_department(happened: Sequence[CaseEvent]) -> Row:
    sent = [event.at for event in happened if event.kind == "referred"]
    rule = Deadline(
        "referral", "接收部门办理", None, "workday", "referred", Source("", confidence="D")
    )
    return Row("referral", rule, sent[-1] if sent else None, None, None)


def _shown(row: Row, now: datetime) -> dict[str, Any]:
    used, whole = _used(row, now)
    return {
        "key": row.key,
        "title": f"{row.rule.title}（{row.why}）" if row.why else row.rule.title,
        "basis": OURS if row.ours else limits.cited(row.rule.source),
        "start": local_date(row.start).isoformat() if row.start else None,
        "due": row.due.on.isoformat() if row.due else None,
        "due_text": _due_text(row),
        "used": used,
        "whole": whole,
        "unit": row.rule.unit if row.rule.unit != "calendar_month" else "month",
        "percent": min(100, used * 100 // whole) if whole else 0,
        "state": _state(row, now),
        "ours": row.ours,
        "provisional": bool(row.due and row.due.provisional),
        "at_least": row.at_least,
        "words": _words(row, used, whole, now),
    }


def _used(row: Row, now: datetime) -> tuple[int, int]:
    """How much of how much; months are counted in days."""
    if row.start is None or row.due is None:
        return 0, row.rule.days or 0
    until = row.end or now
    if row.rule.unit in ("month", "calendar_month"):
        return clocks.used(row.start, until, "day"), (row.due.on - local_date(row.start)).days
    return clocks.used(row.start, until, row.rule.unit), row.rule.days or 0


def _state(row: Row, now: datetime) -> str:
    if row.start is None:
        return "not_started"
    if row.end is not None:
        return "done"
    return "late" if row.late(now) else "running"


def _due_text(row: Row) -> str:
    if row.due is None:
        return ""
    text = f"公示到{day_text(row.due.on)}" if row.at_least else f"最迟{day_text(row.due.on)}"
    if row.due.at is not None:
        text += f"{local(row.due.at):%H:%M}"
    return f"{text}（{PROVISIONAL}）" if row.due.provisional else text


def _words(row: Row, used: int, whole: int, now: datetime) -> str:
    """Where it stands, in one sentence."""
    if row.start is None:
        return "还没开始"
    if row.end is not None:
        return _done(row)
    if row.due is None:
        return NOBODY_SAID
    if row.at_least:
        over = local_date(now) > row.due.on
        return "公示期满" if over else f"公示第{max(used, 1)}天，至少{whole}天"
    unit = _UNITS.get(row.rule.unit, "天")
    if row.late(now):
        return _over(row, now)
    if used >= whole:
        return "今天是最后一天" if row.due.on == local_date(now) else "到下一个工作日为止"
    return f"已过{used}{unit}，还有{whole - used}{unit}"


def _done(row: Row) -> str:
    if row.end is None or row.due is None or row.at_least:
        return "办完了"
    late = row.end > row.due.at if row.due.at else local_date(row.end) > row.due.on
    return "办完了，过了时限" if late else "按时办完了"


def _over(row: Row, now: datetime) -> str:
    """By how much; in the unit of the limit."""
    assert row.due is not None  # noqa: S101 - only what has a last day is late
    if row.due.at is not None:
        return f"已超{int((now - row.due.at).total_seconds()) // 3600 + 1}小时"
    last = local(now).replace(year=row.due.on.year, month=row.due.on.month, day=row.due.on.day)
    unit = "workday" if row.rule.unit == "workday" else "day"
    over = clocks.used(last, now, unit)
    return f"已超{over}{_UNITS[unit]}" if over else f"已超{(local_date(now) - row.due.on).days}天"


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
