"""Who sees what of a means check: the person concerned their own record, the office all of it.

Never a helper, and never another adult of the household: the applicant sees the own record and
one total. Everything here takes `actor` and shows less, not an error, to whoever may see less.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework.survey import consents, disputes, items, register, visits
from portal.casework.survey.tables import CheckRecord, CheckRequest
from portal.filing import applications, signatures
from portal.filing.tables import Application
from portal.foundation.clock import local_date, spoken
from portal.foundation.errors import Refusal
from portal.people.access import Actor, Role
from portal.people.codes import phone_index
from portal.people.identity import Phone
from portal.people.tables import Account
from portal.policy.lifecycle import MOVES, Status

NOT_HERE = "核对内容只给本人看。本人可以到窗口看。也可以用自己的手机登录看。"
"""To somebody who fills in for another, instead of the record."""
NOT_CHECKED = "没有您本人的核对内容。"
"""… and no total either: it would be another's."""
_STATES = {
    register.ASKED: "已请县民政局核对收入和财产。",
    register.RUNNING: "县民政局正在核对收入和财产。",
    register.ANSWERED: "核对有了回音，县民政局正在看。",
}
_TOLD = {
    "agrees": "核对结果和您填的一致。",
    "differs": "核对结果和您填的不一致。不等于不批准。",
    "unknown": "这次没有查到。会用别的办法了解。",
    register.RECOGNISED: "已经认定的身份，不再重新核对。",
}
_DISPUTABLE = frozenset(m.before for m in MOVES if m.after is Status.CHECK_DISPUTE)


def for_applicant(
    session: Session, application: Application, *, actor: Actor, now: datetime
) -> dict[str, Any] | None:
    """For the case's page: appointment and check, without a single line of any record.

    {visit: {at_text, names, change, can_change} | None, check: {state, text, on_text, outcome,
    sentence, people: [{name, text}], has_record, can_dispute, dispute} | None}. None for
    everybody but the file's own account, and while there is nothing to say.
    """
    if not _owns(application, actor):
        return None
    visit = visits.coming(session, application)
    told = visits.told(session, application, visit) if visit else None
    if visit is not None and told is not None:
        told["can_change"] = local_date(visit.at) >= local_date(now) and not told["change"]
        del told["investigators"]
    row = register.newest(session, application)
    if told is None and row is None:
        return None
    return {"visit": told, "check": _told(session, application, row) if row else None}


def own_record(
    session: Session, application: Application, *, actor: Actor
) -> dict[str, Any] | None:
    """The applicant's own record and the household's total, once the result was told.

    {record: {name, lines, missing} | None, totals: [{title, amount}], instead}: `instead` says
    why there is no record here. None for everybody but the file's own account, and before.
    """
    row = register.last_told(session, application)
    if not _owns(application, actor) or row is None or row.outcome == register.RECOGNISED:
        return None
    if not _for_themselves(session, application):
        return {"record": None, "totals": [], "instead": NOT_HERE}
    mine = next(
        (r for r in register.records(session, row) if r.subject == signatures.APPLICANT), None
    )
    if mine is None or mine.report_sealed is None:
        return {"record": None, "totals": [], "instead": NOT_CHECKED}
    totals = _totals(session, application, row)
    return {"record": _record(session, application, mine), "totals": totals, "instead": ""}


def mine(session: Session, *, actor: Actor) -> list[dict[str, Any]]:
    """Records of this person in files of others: found by the phone they signed with.

    [{reference_no, on_text, record}], newest first; only what has been told.
    """
    account = session.get(Account, actor.id) if actor.role is Role.APPLICANT else None
    if account is None or account.phone_index is None or not actor.proved:
        return []
    rows = (
        select(CheckRecord, CheckRequest)
        .join(CheckRequest, CheckRequest.id == CheckRecord.request_id)
        .where(
            CheckRecord.phone_index == account.phone_index,
            CheckRecord.report_sealed.is_not(None),
            CheckRequest.told_at.is_not(None),
        )
        .order_by(CheckRequest.told_at.desc(), CheckRecord.id)
    )
    found = []
    for record, row in session.execute(rows):
        application = session.get_one(Application, record.application_id)
        if application.account_id != account.id and row.told_at is not None:
            shown = _record(session, application, record)
            number = application.reference_no
            found.append({"reference_no": number, "on_text": spoken(row.told_at), "record": shown})
    return found


def for_office(session: Session, application: Application) -> dict[str, Any] | None:
    """Everything, for whoever may open the file; the caller writes down that it was looked at.

    {state, outcome, outcome_text, sentence, asked_text, started_text, told_text, people: [{id,
    key, name, state, text, lines, missing}], totals, dispute, disputes}; None before a request.
    """
    row = register.newest(session, application)
    if row is None:
        return None
    return {
        **summary(session, application, row),
        "people": [
            {**_line(session, application, row, one), **_record(session, application, one)}
            for one in register.records(session, row)
        ],
        "totals": _totals(session, application, row),
        "disputes": [
            disputes.told(session, application, one) for one in disputes.of(session, application)
        ],
    }


def summary(session: Session, application: Application, row: CheckRequest) -> dict[str, Any]:
    """Where a check stands, without anything from a report."""
    return {
        "id": str(row.id),
        "state": row.state,
        "outcome": row.outcome or "",
        "outcome_text": register.OUTCOMES.get(row.outcome or "", ""),
        "sentence": register.sentence_of(session, application, row),
        "asked_text": spoken(row.asked_at),
        "started_text": spoken(row.started_at) if row.started_at else "",
        "told_text": spoken(row.told_at) if row.told_at else "",
        "people": [_line(session, application, row, r) for r in register.records(session, row)],
    }


def _told(session: Session, application: Application, row: CheckRequest) -> dict[str, Any]:
    known = register.last_told(session, application)
    shown = known if known is not None and row.state == register.ANSWERED else row
    over = shown.told_at is not None
    theirs = _for_themselves(session, application)
    dispute = next(iter(disputes.of(session, application)), None)
    return {
        "state": register.TOLD if over else shown.state,
        "text": _TOLD[shown.outcome or ""] if over else _STATES[shown.state],
        "on_text": spoken(shown.told_at or shown.asked_at),
        "outcome": shown.outcome or "",
        "sentence": register.sentence_of(session, application, shown) if over and theirs else "",
        "people": [
            {
                "name": one["name"],
                "text": "正在核对" if one["state"] == register.WAITING else one["text"],
            }
            for one in summary(session, application, shown)["people"]
        ],
        "has_record": over and shown.outcome != register.RECOGNISED,
        "can_dispute": known is not None and Status(application.status) in _DISPUTABLE,
        "dispute": _own_words(session, application, theirs) if dispute else None,
    }


def _own_words(session: Session, application: Application, theirs: bool) -> dict[str, Any]:
    """The newest dispute; to somebody who fills in for another only how it stands."""
    said = disputes.told(session, application, disputes.of(session, application)[0])
    hidden = {} if theirs else {"sentence": "", "answer": ""}
    return {k: v for k, v in {**said, **hidden}.items() if k != "lines"}


def _line(
    session: Session, application: Application, row: CheckRequest, record: CheckRecord
) -> dict[str, Any]:
    return {
        "id": str(record.id),
        "key": record.subject,
        "name": register.person_of(session, application, record).get("name", ""),
        "state": record.state,
        "text": _in_words(row, record),
    }


def _in_words(row: CheckRequest, record: CheckRecord) -> str:
    if record.state == register.LEFT_OUT:
        why = consents.WHY_NOT.get(record.fault or "", "等县里开始核对")
        return f"没有核对：{why}" if record.fault else why
    if record.state == register.WAITING:
        return _FAULTS.get(record.fault or "", "正在核对")
    return "已核对" if record.state == register.WHOLE else "已核对一部分"


_FAULTS = {
    "no_answer": "平台暂时没有回音，还在问",
    "foreign": "平台答的不是这个人，没有采用，还在问",
}


def _record(session: Session, application: Application, record: CheckRecord) -> dict[str, Any]:
    """One person's lines in words, in the order of our list; what we do not know comes last."""
    report = register.report_of(session, application, record)
    known = items.load()
    order = {code: number for number, code in enumerate(known.all)}
    wrong = disputes.corrected_lines(session, application)
    codes = sorted(report.get("items", {}), key=lambda code: order.get(code, len(order)))
    return {
        "name": register.person_of(session, application, record).get("name", ""),
        "lines": [
            {
                "item": code,
                "title": known.title(code, line["title"]),
                "text": line["text"],
                "amount": line["amount"],
                "corrected": (str(record.id), code) in wrong,
            }
            for code in codes
            for line in report["items"][code]["lines"]
        ],
        "missing": [known.title(code) for code in report.get("missing", ())],
    }


def _totals(session: Session, application: Application, row: CheckRequest) -> list[dict[str, Any]]:
    """One figure for the household, obligors left out: [{title, amount}] in 分."""
    known = items.load()
    sums: dict[str, int] = {}
    for record in register.records(session, row):
        if record.subject.startswith("obligor:"):
            continue
        report = register.report_of(session, application, record)
        for code, entry in report.get("items", {}).items():
            counts = known.all[code].counts if code in known.all else ""
            for line in entry["lines"] if counts else ():
                sums[counts] = sums.get(counts, 0) + (line["amount"] or 0)
    return [{"title": known.totals[key], "amount": amount} for key, amount in sums.items()]


def _owns(application: Application, actor: Actor) -> bool:
    mine = actor.role is Role.APPLICANT and actor.proved
    return mine and application.account_id == actor.id


def _for_themselves(session: Session, application: Application) -> bool:
    """Whether the account is the applicant's own: nobody fills in for them. Where that was not
    said, the account's number has to be the one the applicant is reached at."""
    answers = applications.answers(session, application)
    said = answers.get("filled_in_by")
    if said is not None:
        return bool(said == "self")
    account = session.get(Account, application.account_id) if application.account_id else None
    try:
        index = phone_index(session, Phone.parse_any(answers.get("phone") or ""))
    except Refusal:
        return False
    return account is not None and account.phone_index == index
