"""情况变化: a household reports what changed (社会救助法 第46条), and hears what it may mean first.

A report changes no money. It reaches the township as something to look into; less comes only
by the road every reduction goes: looked at again, and the person heard (第48条).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.casework import duties, events, sealed
from portal.casework.after.tables import ChangeReport
from portal.casework.decision import standing
from portal.casework.talk import telling
from portal.filing.tables import Application
from portal.foundation import audit, rates
from portal.foundation.clock import spoken
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people import access
from portal.people.access import Actor, Never, Role
from portal.policy.lifecycle import Status

KINDS: Mapping[str, str] = {
    "members": "家里的人变了", "income": "收入变了", "address": "住的地方变了",
    "account": "收钱的账号变了", "selfcare": "自己能做的事变了",
}  # fmt: skip
MEANS: Mapping[str, Sequence[str]] = {
    "members": ("添了人，钱可能会多。", "少了人，钱可能会少。", "要先听您的意见，才会变。"),
    "income": ("收入少了，钱可能会多。", "收入多了，钱可能会少。", "要先听您的意见，才会变。"),
    "address": ("搬走了，可能换地方管。", "换地方以前，救助照发。"),
    "account": ("乡镇会跟您核对新账号。", "别在这里写账号和密码。"),
    "selfcare": ("十个工作日内，有人来重新看。", "照料的档次可能会变。", "要先听您的意见，才会变。"),
}  # fmt: skip
SELFCARE = "selfcare"
_WHOSE: Mapping[str, frozenset[str]] = {SELFCARE: frozenset({"tekun"})}
"""What only some programs ask about: 民发〔2021〕43号 第23条."""
MOST_CHARACTERS = 300
OPEN_IN = (Status.APPROVED, Status.PAYING, Status.REVIEWING, Status.GRADUATING)
_BODY, _ANSWER = "change_reports.body_sealed", "change_reports.answer_sealed"
_PER_DAY, _DAY = 10, timedelta(days=1)
_MOST = 200


def kinds(application: Application) -> dict[str, str]:
    """What may be reported of this file, in words."""
    program = application.program_id
    return {kind: words for kind, words in KINDS.items() if program in _WHOSE.get(kind, {program})}


def report(
    session: Session,
    application: Application,
    kind: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> ChangeReport:
    """What changed, in the person's words. Raises NotFound for anybody but the applicant and
    helpers, Forbidden (helper_never) for a helper about the account, Conflict, Invalid, TooOften."""
    if actor.role is not Role.APPLICANT:
        raise NotFound("没有找到这份申请。")
    if kind == "account":
        access.refuse_helper(actor, Never.CHANGE_PAYEE)
    rates.count(session, f"changes:{application.id}", most=_PER_DAY, per=_DAY, now=now)
    return keep(session, application, kind, sentence, actor=actor, now=now)


def keep(
    session: Session,
    application: Application,
    kind: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> ChangeReport:
    """Write it down for the township. Raises Conflict (not_granted), Invalid by field."""
    events.lock(session, application)
    if application.status not in OPEN_IN:
        raise Conflict("批准以后才用报变化。现在请直接留言。", code="not_granted")
    errors = {} if kind in kinds(application) else {"kind": ["请选什么变了。"]}
    words, faults = _text(sentence, "请写变成了什么样")
    if errors or faults:
        raise Invalid("有几处需要改一下。", fields=errors | faults)
    new = uuid4()
    made = ChangeReport(
        id=new, application_id=application.id, kind=kind, reported_by=str(actor), reported_at=now,
        body_sealed=sealed.seal(session, application, _BODY, new, {"sentence": words}),
    )  # fmt: skip
    session.add(made)
    application.changed_at = now
    session.flush()
    _audit(session, made, "report.change", actor, now)
    return made


def answer(
    session: Session, report_id: UUID, sentence: str, *, actor: Actor, now: datetime
) -> ChangeReport:
    """The office says what it does about it; the person is told. Once.

    Raises NotFound for another division's, Forbidden, Conflict, Invalid.
    """
    made = session.get(ChangeReport, report_id, with_for_update=True)
    if made is None:
        raise NotFound("没有找到这一条。")
    application = session.get_one(Application, made.application_id)
    standing.check_role(actor, application, *standing.TOWNSHIP_ROLES)
    if made.answered_at is not None:
        raise Conflict("这一条已经答复了。请刷新。", code="already_done")
    words, faults = _text(sentence, "请写怎么办")
    if faults:
        raise Invalid("有几处需要改一下。", fields=faults)
    made.answer_sealed = sealed.seal(session, application, _ANSWER, made.id, {"sentence": words})
    made.answered_by, made.answered_at = str(actor), now
    application.changed_at = now
    _audit(session, made, "answer.change", actor, now)
    telling.tell(session, application, "office_wrote", said={"sentence": words}, now=now)
    return made


def of(session: Session, application: Application) -> list[dict[str, Any]]:
    """All reports of one file, the newest first, as both sides read them: {"id", "kind",
    "title", "on_text", "sentence", "answer", "open"}."""
    rows = select(ChangeReport).where(ChangeReport.application_id == application.id)
    found = session.scalars(rows.order_by(ChangeReport.reported_at.desc(), ChangeReport.id))
    return [_shown(session, application, one) for one in found]


def waiting(session: Session, *, actor: Actor) -> list[tuple[ChangeReport, Application]]:
    """What this division has to look into, the longest wait first. Raises Forbidden."""
    duties.check_reader(actor)
    rows = (
        select(ChangeReport, Application)
        .join(Application, Application.id == ChangeReport.application_id)
        .where(ChangeReport.answered_at.is_(None), duties.scope(actor))
        .order_by(ChangeReport.reported_at, ChangeReport.id)
        .limit(_MOST)
    )
    return [(one, file) for one, file in session.execute(rows)]


def count(session: Session, *, actor: Actor) -> int:
    """How many wait in this division."""
    rows = (
        select(func.count())
        .select_from(ChangeReport)
        .join(Application, Application.id == ChangeReport.application_id)
        .where(ChangeReport.answered_at.is_(None), duties.scope(actor))
    )
    return session.scalar(rows) or 0


def _shown(session: Session, application: Application, one: ChangeReport) -> dict[str, Any]:
    body = sealed.unseal(session, application, _BODY, one.id, one.body_sealed)
    answered = sealed.unseal(session, application, _ANSWER, one.id, one.answer_sealed)
    return {
        "id": str(one.id),
        "kind": one.kind,
        "title": KINDS[one.kind],
        "on_text": spoken(one.reported_at),
        "sentence": body.get("sentence", ""),
        "answer": answered.get("sentence", ""),
        "open": one.answered_at is None,
    }


def _text(given: str, ask: str) -> tuple[str, dict[str, list[str]]]:
    words = given.replace("\r\n", "\n").strip()
    hidden = any(c < " " and c not in "\n\t" or "\ud800" <= c <= "\udfff" for c in words)
    if not words or len(words) > MOST_CHARACTERS or hidden:
        return "", {"sentence": [f"{ask}，最多{MOST_CHARACTERS}个字。"]}
    return words, {}


def _audit(session: Session, made: ChangeReport, what: str, actor: Actor, now: datetime) -> None:
    detail = {"report": str(made.id), "kind": made.kind}
    audit.record(
        session, what, actor=str(actor), subject=made.application_id, detail=detail, now=now
    )
