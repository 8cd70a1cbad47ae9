"""听取意见: before money is reduced or stopped the person is heard (社会救助法 第48条).

The Law says the office 应当听取意见 and leaves open how. We keep the stricter reading: heard
is whoever really said something, by phone, at a visit or in the portal, and it is written
down. Silence is no hearing, and two visits that met nobody are none either: they are
recorded, and the money goes on. Only where the person lived alone and has died is there
nobody left to hear.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.casework import clocks, events, sealed
from portal.casework.decision import heard, standing
from portal.casework.decision.tables import Hearing, HearingLine
from portal.casework.said import HEARD_HOW
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party

OUR_SHORTEST = 5
"""Working days to answer, at least. Our own figure: the Law counts none."""
OURS = f"至少留{OUR_SHORTEST}个工作日（我们自己的规定）"
_TWO = 2
_MOST = 500
_ROLES = (*standing.TOWNSHIP_ROLES, Role.COUNTY_CONFIRMER, Role.COUNTY_CLERK)


def ask(
    session: Session,
    application: Application,
    change: str,
    *,
    sentence: str,
    law: str,
    answer_by: date,
    amount: int | None = None,
    actor: Actor,
    now: datetime,
) -> Hearing:
    """Propose a change and ask the person about it; they are told what, why and by when.

    `amount` 分 a month, for a reduction, lower than what is paid now. One proposal at a time.
    Raises Invalid by field, Conflict (hearing_open, move_not_allowed), Forbidden.
    """
    standing.check_role(actor, application, *_ROLES)
    events.lock(session, application)
    if heard.open_one(session, application) is not None:
        raise Conflict("已经在听取意见，先办完那一件。", code="hearing_open")
    body = {"sentence": sentence.strip(), "law": law.strip(), "amount": amount}
    _check_proposal(change, body, answer_by, heard.paid(session, application), now)
    said = {"sentence": f"{heard.CHANGES[change]}：{body['sentence']}"[:200], "law": body["law"],
            "until": answer_by.isoformat(), "amount": amount}  # fmt: skip
    events.record(
        session, application, "hearing_asked", after=None, party=standing.party(actor),
        actor=str(actor), said=said, now=now,
    )  # fmt: skip
    new = uuid4()
    hearing = Hearing(
        id=new, application_id=application.id, change=change, answer_by=answer_by,
        body_sealed=sealed.seal(session, application, heard.BODY, new, body), opened_by=str(actor),
        opened_at=now,
    )  # fmt: skip
    session.add(hearing)
    session.flush()
    return hearing


def answer(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> HearingLine:
    """What the person says, in the portal; also after the day it was asked for.

    Raises NotFound for anybody but the applicant, Conflict when nothing was asked, Invalid.
    """
    if actor.role is not Role.APPLICANT or application.account_id != actor.id:
        raise NotFound("没有找到这份申请。")
    hearing = _needed(session, application)
    words = {"sentence": _text(sentence), "who": "本人", "staff": []}
    return _hear(
        session, application, hearing, "portal", local_date(now), words, party=Party.APPLICANT,
        actor=actor, now=now,
    )  # fmt: skip


def note_statement(
    session: Session,
    application: Application,
    how: str,
    day: date,
    *,
    who: str,
    sentence: str,
    actor: Actor,
    now: datetime,
) -> HearingLine:
    """What the person said on the phone or at a visit; `who` spoke: 本人, or an adult of the
    household or a guardian by name. Raises Invalid by field, Conflict, Forbidden."""
    standing.check_role(actor, application, *_ROLES)
    hearing = _needed(session, application)
    if how not in ("phone", "visit"):
        raise Invalid("请选电话或上门。", fields={"how": ["请选电话或上门。"]})
    _check_day(hearing, day, now)
    if not who.strip():
        raise Invalid("请写是谁说的。", fields={"who": ["请写是谁说的。"]})
    words = {"sentence": _text(sentence), "who": who.strip()[:60], "staff": []}
    return _hear(
        session, application, hearing, how, day, words, party=standing.party(actor),
        actor=actor, now=now,
    )  # fmt: skip


def note_not_met(
    session: Session,
    application: Application,
    day: date,
    *,
    staff: Sequence[str],
    sentence: str,
    actor: Actor,
    now: datetime,
) -> HearingLine:
    """A visit by two that met nobody. It is no hearing, however often.

    Raises Invalid (staff, day, sentence), Conflict, Forbidden.
    """
    standing.check_role(actor, application, *_ROLES)
    hearing = _needed(session, application)
    names = list(dict.fromkeys(" ".join(name.split()) for name in staff if name.strip()))
    if len(names) < _TWO:
        raise Invalid("上门要两个人。", fields={"staff": ["请写两个不同的人。"]})
    _check_day(hearing, day, now)
    words = {"sentence": _text(sentence), "who": "", "staff": names}
    return _write(
        session, application, hearing, "not_met", "visit", day, words, actor=actor, now=now
    )


def drop(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> Hearing:
    """Give the proposal up, with a reason; nothing changes for the person."""
    standing.check_role(actor, application, *_ROLES)
    hearing = _needed(session, application)
    _text(sentence)
    close(session, application, hearing, "dropped", actor=actor, now=now)
    return hearing


def close(
    session: Session,
    application: Application,
    hearing: Hearing,
    why: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    hearing.closed_at = now
    audit.record(
        session, "close.hearing", actor=str(actor), subject=application.id, now=now,
        detail={"hearing": str(hearing.id), "why": why},
    )  # fmt: skip


def _check_proposal(
    change: str, body: Mapping[str, Any], answer_by: date, paid_now: int | None, now: datetime
) -> None:
    errors: dict[str, list[str]] = {}
    if change not in heard.CHANGES:
        errors["change"] = ["请选减发或停发。"]
    for name, fault in (("sentence", "请写为什么。"), ("law", "请写依据的规定和条文。")):
        if not body[name]:
            errors[name] = [fault]
    least, _guessed = clocks.add_workdays(local_date(now), OUR_SHORTEST)
    if answer_by < least:
        errors["answer_by"] = [f"{OURS}。"]
    amount = body["amount"]
    if change == heard.REDUCED and (not amount or paid_now is None or not 0 < amount < paid_now):
        errors["amount"] = ["请填减到每月多少元，要比现在少。"]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)


def _hear(
    session: Session,
    application: Application,
    hearing: Hearing,
    how: str,
    day: date,
    words: Mapping[str, Any],
    *,
    party: Party,
    actor: Actor,
    now: datetime,
) -> HearingLine:
    """The statement, and the event that everything else looks for."""
    said = {"on": day.isoformat(), "how": how, "sentence": words["sentence"][:200]}
    events.record(
        session, application, "heard", after=None, party=party, actor=str(actor), said=said,
        now=now,
    )  # fmt: skip
    return _write(session, application, hearing, "statement", how, day, words, actor=actor, now=now)


def _write(
    session: Session,
    application: Application,
    hearing: Hearing,
    kind: str,
    how: str,
    day: date,
    words: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> HearingLine:
    new: UUID = uuid4()
    line = HearingLine(
        id=new, hearing_id=hearing.id, kind=kind, how=how, day=day, written_by=str(actor),
        body_sealed=sealed.seal(session, application, heard.LINE, new, words), written_at=now,
    )  # fmt: skip
    session.add(line)
    session.flush()
    audit.record(
        session, f"hearing.{kind}", actor=str(actor), subject=application.id, now=now,
        detail={"hearing": str(hearing.id), "line": str(new), "how": HEARD_HOW.get(how, how)},
    )  # fmt: skip
    return line


def _needed(session: Session, application: Application) -> Hearing:
    events.lock(session, application)
    hearing = heard.open_one(session, application)
    if hearing is None:
        raise Conflict("现在没有要听取意见的事。", code="no_hearing")
    return hearing


def _check_day(hearing: Hearing, day: date, now: datetime) -> None:
    if not local_date(hearing.opened_at) <= day <= local_date(now):
        raise Invalid("日期不对，要在通知以后。", fields={"day": ["日期不对，要在通知以后。"]})


def _text(given: str) -> str:
    text = given.strip()
    if not text or len(text) > _MOST:
        fault = f"请写清楚，最多{_MOST}个字。"
        raise Invalid(fault, fields={"sentence": [fault]})
    return text
