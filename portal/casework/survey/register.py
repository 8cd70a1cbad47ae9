"""The rows of means checks, read: the newest request, its people, what was said of each."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import sealed
from portal.casework.said import CHECK_OUTCOMES
from portal.casework.survey.tables import CheckRecord, CheckRequest
from portal.filing import applications
from portal.filing.tables import Application

ASKED, RUNNING, ANSWERED, TOLD = "asked", "running", "answered", "told"
"""The states of a request."""
LEFT_OUT, WAITING, PARTIAL, WHOLE = "left_out", "waiting", "partial", "answered"
"""The states of one person in it."""
RECOGNISED = "recognised"
OUTCOMES: Mapping[str, str] = {**CHECK_OUTCOMES, RECOGNISED: "已经认定，不再核对"}
_STATUSES = {"dibao": "低保", "tekun": "特困", "dibian": "低保边缘", "gangxing": "刚性支出困难"}
PERSON, SENTENCE = "check_records.person_sealed", "check_requests.sentence_sealed"
REPORT = "check_records.report_sealed"


def newest(session: Session, application: Application) -> CheckRequest | None:
    rows = select(CheckRequest).where(CheckRequest.application_id == application.id)
    return session.scalars(rows.order_by(CheckRequest.round.desc())).first()


def last_told(session: Session, application: Application) -> CheckRequest | None:
    """The newest one with a result the applicant knows of."""
    rows = select(CheckRequest).where(
        CheckRequest.application_id == application.id, CheckRequest.told_at.is_not(None)
    )
    return session.scalars(rows.order_by(CheckRequest.round.desc())).first()


def records(session: Session, row: CheckRequest) -> Sequence[CheckRecord]:
    """One line a person: the applicant first, then the household, then obligors."""
    found = select(CheckRecord).where(CheckRecord.request_id == row.id)
    return session.scalars(found.order_by(CheckRecord.number, CheckRecord.subject)).all()


def person_of(session: Session, application: Application, record: CheckRecord) -> dict[str, Any]:
    """{name, id_number} as it was asked about; empty once erased."""
    return sealed.unseal(session, application, PERSON, record.id, record.person_sealed)


def sentence_of(session: Session, application: Application, row: CheckRequest) -> str:
    said = sealed.unseal(session, application, SENTENCE, row.id, row.sentence_sealed)
    return str(said.get("sentence", ""))


def report_of(session: Session, application: Application, record: CheckRecord) -> dict[str, Any]:
    """{items: {code: {at, lines: [{title, text, amount}]}}, missing: [code]}; empty before one."""
    return sealed.unseal(session, application, REPORT, record.id, record.report_sealed)


def recognised(session: Session, application: Application) -> list[str]:
    """Statuses the household said it has already, in words; 第42条: not examined again."""
    said = applications.answers(session, application).get("recognised") or []
    return [_STATUSES[one] for one in said if one in _STATUSES]
