"""家庭经济状况核对: asked for, started by the county, told to the applicant.

社会救助法 第41条 (the county checks), 第43条 (the township may ask it to), 第42条 (what is
recognised is not checked again); 民发〔2021〕57号 第17、18条. The portal compares nothing and
concludes nothing: a person of the county says whether it agrees with what was declared.
"""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.said import CHECK_OUTCOMES
from portal.casework.survey import consents, investigators, register, visits
from portal.casework.survey.consents import Person
from portal.casework.survey.tables import CheckRecord, CheckRequest
from portal.filing.tables import Application, Signature
from portal.foundation import audit
from portal.foundation.errors import Conflict, Invalid
from portal.people.access import Actor, Role
from portal.policy.catalogue import Program
from portal.policy.lifecycle import NOTES, Party, Status

_MOST = 200


def request(
    session: Session, application: Application, program: Program, *, actor: Actor, now: datetime
) -> CheckRequest:
    """The township asks the county, or the county's checker begins at once.

    Who has not agreed is listed and left out; the check goes on for the others. Raises
    Conflict (check_running, not_asked, no_consent), Forbidden.
    """
    investigators.check_duty(
        actor, application, Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_CLERK, Role.COUNTY_CHECKER
    )
    investigators.check_machine(application)
    events.lock(session, application)
    people = consents.people(session, application, program, now=now)
    _check_free(session, application)
    visits.begin(session, application, actor=actor, now=now)
    row = _new(session, application, actor=actor, now=now)
    for number, person in enumerate(people):
        session.add(_record(session, application, row, person, number))
    events.record(
        session, application, "check_requested", after=None, party=investigators.party(actor),
        actor=str(actor), said=None, now=now,
    )  # fmt: skip
    if actor.holds(Role.COUNTY_CHECKER):
        start(session, application, program, actor=actor, now=now)
    return row


def start(
    session: Session, application: Application, program: Program, *, actor: Actor, now: datetime
) -> CheckRequest:
    """The county begins (57号 第17条: within three working days of the request).

    From now on the platform is asked about everybody who agreed. Raises Conflict
    (nothing_to_start, no_consent), Forbidden.
    """
    investigators.check_duty(actor, application, Role.COUNTY_CHECKER)
    events.lock(session, application)
    row = register.newest(session, application)
    if row is None or row.state != register.ASKED:
        raise Conflict("没有等着开始的核对。请刷新。", code="nothing_to_start")
    for number, person in enumerate(consents.people(session, application, program, now=now)):
        _put_in(session, application, row, person, number, now=now)
    if all(one.state == register.LEFT_OUT for one in register.records(session, row)):
        raise Conflict("还没有人授权，不能核对。入户时先问本人。", code="no_consent")
    row.state, row.started_by, row.started_at = register.RUNNING, actor.id, now
    _note(session, application, row, "check.started", actor=actor, now=now)
    return row


def sign_at_visit(
    session: Session,
    application: Application,
    program: Program,
    key: str,
    *,
    actor: Actor,
    now: datetime,
) -> Signature:
    """Consent given in front of the investigators; a check that runs takes this person in."""
    signature = consents.take(session, application, program, key, actor=actor, now=now)
    row = register.newest(session, application)
    if row is not None and row.state in (register.RUNNING, register.ANSWERED):
        for number, person in enumerate(consents.people(session, application, program, now=now)):
            if person.key == key:
                _put_in(session, application, row, person, number, now=now)
        if any(one.state == register.WAITING for one in register.records(session, row)):
            row.state = register.RUNNING
    return signature


def tell(
    session: Session,
    application: Application,
    outcome: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CheckRequest:
    """The county's checker says what came out; the applicant is told and may dispute it.

    `outcome` agrees · differs · unknown. Nothing else follows from it. The sentence is for the
    applicant alone and stands in no history. Raises Invalid, Conflict (nothing_to_tell).
    """
    investigators.check_duty(actor, application, Role.COUNTY_CHECKER)
    events.lock(session, application)
    row = register.newest(session, application)
    if row is None or row.state not in (register.RUNNING, register.ANSWERED):
        raise Conflict("没有等着告知的核对结果。请刷新。", code="nothing_to_tell")
    said = _checked(session, row, outcome, sentence)
    _close(session, application, row, outcome, said, actor=actor, now=now)
    return row


def leave_out(
    session: Session, application: Application, *, actor: Actor, now: datetime
) -> CheckRequest:
    """Already recognised, so not checked again (社会救助法 第42条). Raises Conflict, Forbidden."""
    investigators.check_duty(actor, application, Role.COUNTY_CHECKER)
    investigators.check_machine(application)
    events.lock(session, application)
    statuses = register.recognised(session, application)
    if not statuses:
        raise Conflict("申请里没有写已经认定的身份。", code="not_recognised")
    _check_free(session, application)
    row = _new(session, application, actor=actor, now=now)
    said = f"已经是{'、'.join(statuses)}，依法不再重新核对。"
    _close(session, application, row, register.RECOGNISED, said, actor=actor, now=now)
    return row


def _check_free(session: Session, application: Application) -> None:
    row = register.newest(session, application)
    if row is not None and row.told_at is None:
        raise Conflict("这一户正在核对，不用再发起。", code="check_running")
    if Status(application.status) not in NOTES["check_requested"].at:
        raise Conflict("案件现在不在核对这一步。请刷新。", code="move_not_allowed")


def _new(
    session: Session, application: Application, *, actor: Actor, now: datetime
) -> CheckRequest:
    rounds = select(func.max(CheckRequest.round)).where(
        CheckRequest.application_id == application.id
    )
    row = CheckRequest(
        id=uuid4(), application_id=application.id, round=(session.scalar(rounds) or 0) + 1,
        state=register.ASKED, asked_by=actor.id, asked_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, application, row, "check.requested", actor=actor, now=now)
    return row


def _record(
    session: Session, application: Application, row: CheckRequest, person: Person, number: int
) -> CheckRecord:
    new = uuid4()
    record = CheckRecord(
        id=new, request_id=row.id, application_id=application.id, subject=person.key,
        number=number, person_sealed=b"", state=register.LEFT_OUT, tries=0,
    )  # fmt: skip
    _describe(session, application, record, person)
    return record


def _describe(
    session: Session, application: Application, record: CheckRecord, person: Person
) -> None:
    kept = {"name": person.name, "id_number": person.id_number}
    record.person_sealed = sealed.seal(session, application, register.PERSON, record.id, kept)
    record.phone_index, record.fault = person.phone, person.why_not or None


def _put_in(
    session: Session,
    application: Application,
    row: CheckRequest,
    person: Person,
    number: int,
    *,
    now: datetime,
) -> None:
    """Ask about this person, if that is allowed and has not happened."""
    rows = select(CheckRecord).where(
        CheckRecord.request_id == row.id, CheckRecord.subject == person.key
    )
    record = session.scalars(rows).first()
    if record is None:
        record = _record(session, application, row, person, number)
        session.add(record)
    elif record.state == register.LEFT_OUT:
        _describe(session, application, record, person)
    if record.state == register.LEFT_OUT and not person.why_not:
        record.state, record.asked_at, record.next_try_at = register.WAITING, now, now
    session.flush()


def _checked(session: Session, row: CheckRequest, outcome: str, sentence: str) -> str:
    said, errors = sentence.strip(), {}
    answered = [one for one in register.records(session, row) if one.report_sealed is not None]
    if outcome not in CHECK_OUTCOMES:
        errors["outcome"] = ["请从列出的里面选。"]
    elif outcome != "unknown" and not answered:
        errors["outcome"] = ["还没有结果，不能说一致不一致。"]
    if len(said) > _MOST:
        errors["sentence"] = [f"太长了，最多{_MOST}个字。"]
    elif outcome == "differs" and not said:
        errors["sentence"] = ["请写哪里不一致，让申请人看得懂。"]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return said


def _close(
    session: Session,
    application: Application,
    row: CheckRequest,
    outcome: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    said = {"outcome": outcome} if outcome in CHECK_OUTCOMES else {"sentence": sentence}
    events.record(
        session, application, "check_result", after=None, party=Party.COUNTY, actor=str(actor),
        said=said, now=now,
    )  # fmt: skip
    row.state, row.outcome, row.told_at = register.TOLD, outcome, now
    row.sentence_sealed = sealed.seal(
        session, application, register.SENTENCE, row.id, {"sentence": sentence}
    )
    session.flush()


def _note(
    session: Session,
    application: Application,
    row: CheckRequest,
    what: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    people = register.records(session, row)
    detail = {
        "request": str(row.id), "round": row.round, "people": len(people),
        "left_out": sum(one.state == register.LEFT_OUT for one in people),
    }  # fmt: skip
    audit.record(session, what, actor=str(actor), subject=application.id, detail=detail, now=now)
