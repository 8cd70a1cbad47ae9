"""本人收回: a consent taken back without a phone, said to an investigator; and what was said of it.

个人信息保护法 第15条: to take it back is as easy as to give it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.survey import consents, investigators
from portal.casework.survey.tables import CheckObligor
from portal.filing import signatures
from portal.filing.tables import Application, Signature
from portal.foundation import audit
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.catalogue import Program

HOW: Mapping[str, str] = {
    "visit": "上门时当面说", "window": "到窗口说", "phone": "打电话说", "paper": "写了字条",
}  # fmt: skip
_SAID = "signature.taken_back"
_OBLIGOR = "obligor:"
_STANDS = {True: "已授权", False: "没有授权"}


def take_back(
    session: Session, application: Application, program: Program, key: str, how: str, on: date,
    *, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """This person takes the consent back, or was asked and stands by having done so.

    `key`: applicant · member:<row> · outside:<id> · obligor:<id>. Raises Invalid (how, on),
    NotFound when nothing was signed, Conflict for a closed file, Forbidden.
    """
    investigators.check_duty(actor, application, Role.TOWNSHIP_INVESTIGATOR)
    _check(how, on, now=now)
    events.lock(session, application)
    if key.startswith(_OBLIGOR):
        _obligor(session, application, key).consented_at = None
    elif key not in signatures.withdrawn(session, application):
        signatures.withdraw(session, application, program, key, actor=actor, now=now)
    detail = {"signer": key, "how": how, "on": on.isoformat()}
    audit.record(session, _SAID, actor=str(actor), subject=application.id, detail=detail, now=now)
    session.flush()


def unasked(session: Session, application: Application) -> set[str]:
    """Who took a consent back and has not been asked about it face to face."""
    back = signatures.withdrawn(session, application)
    if not back:
        return set()
    asked = {key: at for key, (at, _said) in _latest(session, application).items()}
    rows = select(Signature).where(
        Signature.application_id == application.id, Signature.signer.in_(back)
    )
    fresh = {
        one.signer
        for one in session.scalars(rows)
        if one.withdrawn_at and (one.signer not in asked or asked[one.signer] < one.withdrawn_at)
    }
    return fresh & set(back)


def beside(
    session: Session, application: Application, program: Program,
    names: Sequence[Mapping[str, Any]], *, now: datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    """The names to sign at the visit ({key, name, state, text}) and people outside the household,
    each with {may_take_back, to_ask, back_text}: what was taken back, or can be. An obligor who
    signs by a link is among those outside."""
    needed = signatures.needed(session, application, program, now=now)
    signed = {one.key: one.signed is not None for one in needed}
    outside = [
        {"key": one.key, "name": one.name, "state": "outside", "text": _STANDS[signed[one.key]]}
        for one in needed
        if one.key.startswith("outside:")
    ]
    asked, said = unasked(session, application), told(session, application)
    by_link = {one.key for one in consents.obligors(session, application) if one.by_link}
    found = []
    for one in [*names, *outside]:
        key = one["key"]
        stands = signed.get(key, key not in by_link and _obligor_agreed(one))
        back = "" if stands or key in asked else said.get(key, "")
        found.append({**one, "may_take_back": stands, "to_ask": key in asked, "back_text": back})
    return found


def told(session: Session, application: Application) -> dict[str, str]:
    """What was said last of each consent taken back to an investigator, in words, by key."""
    found = _latest(session, application)
    return {key: f"{_day(said['on'])}{HOW[said['how']]}" for key, (_at, said) in found.items()}


def _latest(
    session: Session, application: Application
) -> dict[str, tuple[datetime, dict[str, Any]]]:
    rows = select(AuditEntry).where(
        AuditEntry.subject == application.id, AuditEntry.action == _SAID
    )
    read = [
        (one.at, json.loads(one.detail)) for one in session.scalars(rows.order_by(AuditEntry.at))
    ]
    return {said["signer"]: (at, said) for at, said in read}


def _obligor(session: Session, application: Application, key: str) -> CheckObligor:
    try:
        row = session.get(CheckObligor, UUID(key.removeprefix(_OBLIGOR)))
    except ValueError:
        row = None
    if row is None or row.application_id != application.id or row.consented_at is None:
        raise NotFound("还没有授权，不用收回。")
    return row


def _obligor_agreed(one: Mapping[str, Any]) -> bool:
    return str(one["key"]).startswith(_OBLIGOR) and one["state"] != "missing"


def _check(how: str, on: date, *, now: datetime) -> None:
    if how not in HOW:
        raise Invalid("请选怎么说的。", fields={"how": ["请选怎么说的。"]})
    if on > local_date(now):
        raise Invalid("日期还没有到。", fields={"on": ["日期还没有到。"]})


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.month}月{day.day}日"
