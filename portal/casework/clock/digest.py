"""每日办理清单: every working morning each office is told how it stands, also when all is zero.

That it comes with zeros is the point: an office that hears nothing knows that something broke.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from portal.casework import clocks, duties
from portal.casework.clock import texting
from portal.casework.clock.tables import CaseClock, Digest, Escalation
from portal.casework.clock.watching import NUDGE
from portal.casework.leads.tables import Lead
from portal.filing.tables import Application
from portal.foundation.clock import local, local_date
from portal.foundation.database import Database
from portal.people.tables import Staff
from portal.policy.lifecycle import FINAL, LeadStatus, Status

FROM = time(8, 30)
"""By the clock in Beijing."""
SOON_WORKDAYS = 3
FIGURES = {
    "alerts": "急事没答复",
    "waiting": "等受理",
    "late_ours": "过了我们的目标",
    "late": "过了法定时限",
    "today": "今天到期",
    "soon": "三个工作日内到期",
    "nudges": "上个工作日以来催办",
    "escalated": "已报上级",
    "going": "在办",
    "leads_late": "线索没按时去看",
}
"""The figures of one morning, in this order."""
_OFFICES = duties.TOWNSHIP | duties.COUNTY
_NOT_GOING = sorted(FINAL | {Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.PAYING})
_DAY = timedelta(days=1)


def send_due(database: Database, *, now: datetime, limit: int = 100) -> int:
    """Make today's digest of offices that have none yet, and text it; how many were made."""
    today = local_date(now)
    if local(now).time() < FROM or not clocks.is_workday(today)[0]:
        return 0
    made = select(Digest.region_code).where(Digest.day == today)
    rows = select(Staff.region_code).where(
        Staff.active, Staff.role.in_(sorted(_OFFICES)), Staff.region_code.not_in(made)
    )
    with database.reading() as session:
        codes = session.scalars(rows.distinct().order_by(Staff.region_code).limit(limit)).all()
        found = {code: figures(session, code, now=now) for code in codes}
    for code in codes:
        with database.writing() as session:
            _make(session, code, found[code], today, now=now)
    return len(codes)


def figures(session: Session, region_code: str, *, now: datetime) -> dict[str, int]:
    """How an office stands now: every name of FIGURES."""
    mine = _of_office(region_code)
    today = local_date(now)
    soon, _guessed = clocks.add_workdays(today, SOON_WORKDAYS)
    return {
        "alerts": _count(session, mine, Application.alert.is_not(None)),
        "waiting": _count(session, mine, Application.status == Status.SUBMITTED),
        "late_ours": _clocks(session, mine, CaseClock.due_on < today, CaseClock.ours.is_(True)),
        "late": _clocks(session, mine, CaseClock.due_on < today, CaseClock.ours.is_(False)),
        "today": _clocks(session, mine, CaseClock.due_on == today),
        "soon": _clocks(session, mine, CaseClock.due_on > today, CaseClock.due_on <= soon),
        "nudges": _nudges(session, mine, since=_last_morning(now)),
        "escalated": _escalated(session, mine),
        "going": _count(session, mine, Application.status.not_in(_NOT_GOING)),
        "leads_late": _leads_late(session, region_code),
    }


def latest(session: Session, region_code: str, *, limit: int = 10) -> list[Digest]:
    """The last digests of an office, newest first."""
    rows = select(Digest).where(Digest.region_code == region_code)
    return list(session.scalars(rows.order_by(Digest.day.desc()).limit(limit)))


def _make(
    session: Session, code: str, found: dict[str, int], today: date, *, now: datetime
) -> None:
    if session.get(Digest, (code, today)) is not None:
        return
    row = Digest(region_code=code, day=today, figures=found, texts=0, made_at=now)
    session.add(row)
    session.flush()
    level = texting.COUNTY if texting.people(session, code, duties.COUNTY) else texting.TOWNSHIP
    row.texts = texting.tell(session, code, level, _template(found), now=now)


def _template(found: dict[str, int]) -> str:
    if any(found[name] for name in ("late", "late_ours", "alerts", "leads_late")):
        return "digest_late"
    return "digest_going" if any(found.values()) else "digest_none"


def _of_office(code: str) -> ColumnElement[bool]:
    """A township's own files, or all of a county's."""
    return (Application.region_code == code) | (Application.county_code == code)


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    handed_in = Application.submission_no > 0
    rows = select(func.count()).select_from(Application).where(handed_in, *conditions)
    return session.scalar(rows) or 0


def _clocks(session: Session, mine: ColumnElement[bool], *conditions: ColumnElement[bool]) -> int:
    joined = Application.id == CaseClock.application_id
    rows = select(func.count()).select_from(CaseClock).join(Application, joined)
    return session.scalar(rows.where(mine, *conditions)) or 0


def _nudges(session: Session, mine: ColumnElement[bool], *, since: datetime) -> int:
    return _told(session, mine, Escalation.step == NUDGE, Escalation.made_at >= since)


def _escalated(session: Session, mine: ColumnElement[bool]) -> int:
    open_ones = Escalation.settled_at.is_(None)
    return _told(session, mine, open_ones, Escalation.level == texting.COUNTY)


def _leads_late(session: Session, code: str) -> int:
    inside = (
        literal("/").concat(Lead.region_path).concat("/").contains(f"/{code}/", autoescape=True)
    )
    waits = Lead.status == LeadStatus.REPORTED
    rows = select(func.count()).select_from(Lead).where(waits, Lead.late_since.is_not(None), inside)
    return session.scalar(rows) or 0


def _told(session: Session, mine: ColumnElement[bool], *conditions: ColumnElement[bool]) -> int:
    joined = Application.id == Escalation.application_id
    rows = select(func.count()).select_from(Escalation).join(Application, joined)
    return session.scalar(rows.where(mine, *conditions)) or 0


def _last_morning(now: datetime) -> datetime:
    """The digest before this one: the working day before today, in the morning."""
    there = local(now)
    day = there.date() - _DAY
    while not clocks.is_workday(day)[0]:
        day -= _DAY
    return datetime.combine(day, FROM, there.tzinfo)
