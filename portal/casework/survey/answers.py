"""What the check platform says: late, twice, in parts or about somebody else, it ends in one state.

Nothing here moves a case or tells anybody anything: a person of the county does that.
"""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.casework import sealed
from portal.casework.survey import consents, items, register
from portal.casework.survey.question import NotAnswered, Platform, Question, Report
from portal.casework.survey.tables import CheckAnswer, CheckRecord, CheckRequest
from portal.filing import signatures
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.database import Database
from portal.policy.lifecycle import FINAL

APPLIED, TWICE, FOREIGN, LATE = "applied", "twice", "foreign", "late"
"""What became of an answer."""
NO_ANSWER, WITHDRAWN = "no_answer", "withdrawn"
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=10)
_LEASE = timedelta(minutes=2)
_BATCH = 20


class Files(Protocol):
    """The part of a Portal used here."""

    @property
    def database(self) -> Database: ...


def run_due(portal: Files, platform: Platform | None, *, now: datetime) -> int:
    """Ask about everybody whose turn it is, at most twenty; how many answers were taken.

    Claimed in one short transaction, asked outside, written down in another; killed anywhere,
    it is asked again with the same id. A platform that does not answer is left alone until the
    next call.
    """
    taken = 0
    for record_id in _due(portal, now) if platform is not None else ():
        question = _claim(portal, record_id, now=now)
        if question is None or platform is None:
            continue
        try:
            report = platform(question, now)
        except NotAnswered:
            _wait(portal, record_id, NO_ANSWER, now=now)
            break
        if report is None:
            _wait(portal, record_id, None, now=now)
        else:
            taken += _write(portal, record_id, report, now=now)
    return taken


def take(
    session: Session,
    application: Application,
    record: CheckRecord,
    report: Report,
    *,
    now: datetime,
) -> str:
    """Write down one report: applied · twice · foreign · late.

    Newer words of an item replace older ones, never the other way round. Of a report about
    somebody else, or one nobody may have any more, nothing is kept but that it came.
    """
    known = session.get(CheckAnswer, (record.id, report.number))
    if known is not None:
        return TWICE
    state = _judged(session, application, record, report)
    session.add(
        CheckAnswer(
            record_id=record.id, number=report.number, digest=_digest(report), state=state,
            received_at=now,
        )
    )  # fmt: skip
    if state == APPLIED:
        _keep(session, application, record, report, now=now)
    elif state == FOREIGN:
        record.fault = FOREIGN
    session.flush()
    detail = {"record": str(record.id), "answer": state}
    audit.record(
        session, "check.answered", actor="portal", subject=application.id, detail=detail, now=now
    )
    return state


def _due(portal: Files, now: datetime) -> list[UUID]:
    rows = (
        select(CheckRecord.id)
        .where(
            or_(CheckRecord.state == register.WAITING, CheckRecord.state == register.PARTIAL),
            CheckRecord.next_try_at <= now,
        )
        .order_by(CheckRecord.next_try_at, CheckRecord.id)
        .limit(_BATCH)
    )
    with portal.database.reading() as session:
        return list(session.scalars(rows))


def _write(portal: Files, record_id: UUID, report: Report, *, now: datetime) -> int:
    with portal.database.writing() as session:
        record, application = _locked(session, record_id)
        state = take(session, application, record, report, now=now)
        if state != APPLIED or record.state == register.PARTIAL:
            record.next_try_at = now + _pause(record.tries)
    return int(state == APPLIED)


def _claim(portal: Files, record_id: UUID, *, now: datetime) -> Question | None:
    """The question, leased; None when it is not asked any more."""
    with portal.database.writing() as session:
        record, application = _locked(session, record_id)
        if record.next_try_at is None or record.next_try_at > now:
            return None
        if application.status in FINAL or not consents.in_force(
            session, application, record.subject
        ):
            _leave_out(session, record)
            return None
        record.tries += 1
        record.next_try_at = now + _LEASE
        return _question(session, application, record)


def _question(session: Session, application: Application, record: CheckRecord) -> Question:
    person = register.person_of(session, application, record)
    signed = [s for s in signatures.of(session, application) if s.signer == record.subject]
    consent = {
        "text_version": signed[-1].text_version,
        "text_sha256": signed[-1].text_digest.hex(),
        "method": signed[-1].method,
        "signed_at": signed[-1].signed_at.isoformat(),
    } if signed else {"method": "paper"}  # fmt: skip
    return Question(
        id=record.id, name=person["name"], id_number=person["id_number"],
        items=tuple(items.load().all), program=application.program_id,
        region_code=application.region_code or "", consent=tuple(consent.items()),
        asked_at=record.asked_at or application.changed_at, tries=record.tries - 1,
    )  # fmt: skip


def _locked(session: Session, record_id: UUID) -> tuple[CheckRecord, Application]:
    """The file first, as every verb of the desk locks it."""
    record = session.get_one(CheckRecord, record_id)
    application = session.get_one(Application, record.application_id, with_for_update=True)
    session.refresh(record, with_for_update=True)
    return record, application


def _leave_out(session: Session, record: CheckRecord) -> None:
    record.next_try_at = None
    if record.report_sealed is None:
        record.state, record.fault = register.LEFT_OUT, WITHDRAWN
    _settle(session, record)


def _wait(portal: Files, record_id: UUID, fault: str | None, *, now: datetime) -> None:
    with portal.database.writing() as session:
        record, _application = _locked(session, record_id)
        record.fault = fault
        record.next_try_at = now + _pause(record.tries)


def _pause(tries: int) -> timedelta:
    doublings: int = min(max(tries - 1, 0), 12)
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def _judged(session: Session, application: Application, record: CheckRecord, report: Report) -> str:
    if record.state == register.LEFT_OUT or application.status in FINAL:
        return LATE
    person = register.person_of(session, application, record)
    return APPLIED if report.id_number == person.get("id_number") else FOREIGN


def _keep(
    session: Session,
    application: Application,
    record: CheckRecord,
    report: Report,
    *,
    now: datetime,
) -> None:
    kept: dict[str, Any] = {"items": {}} | register.report_of(session, application, record)
    at = report.made_at.isoformat()
    for code in dict.fromkeys(line.item for line in report.lines):
        before = kept["items"].get(code)
        if before is None or datetime.fromisoformat(before["at"]) <= report.made_at:
            lines = [
                {"title": one.title, "text": one.text, "amount": one.amount}
                for one in report.lines
                if one.item == code
            ]
            kept["items"][code] = {"at": at, "lines": lines}
    wanted = {*kept.get("missing", report.missing), *report.missing}
    kept["missing"] = sorted(code for code in wanted if code not in kept["items"])
    record.report_sealed = sealed.seal(session, application, register.REPORT, record.id, kept)
    record.state = register.PARTIAL if kept["missing"] else register.WHOLE
    record.fault, record.answered_at = None, now
    if record.state == register.WHOLE:
        record.next_try_at = None
    session.flush()
    _settle(session, record)


def _settle(session: Session, record: CheckRecord) -> None:
    """Everybody has answered: the county is to look, and to tell. Also when it was told before."""
    session.flush()
    row = session.get_one(CheckRequest, record.request_id)
    waiting = any(one.state == register.WAITING for one in register.records(session, row))
    if row.state in (register.RUNNING, register.TOLD) and not waiting:
        row.state = register.ANSWERED


def _digest(report: Report) -> bytes:
    lines = [[one.item, one.title, one.text, one.amount] for one in report.lines]
    parts = [report.number, report.id_number, lines, list(report.missing)]
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).digest()
