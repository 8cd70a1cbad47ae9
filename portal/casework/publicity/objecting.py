"""Objections online, to a 初审公示, a grant, or a 特困 stop: with or without a name, and a code.

Nothing of who writes is kept but what they write themselves. The code tells that it was looked
into and whether it was right; what was found out about the household stays with the office.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.decision import notice, objections
from portal.casework.decision.objections import Against
from portal.casework.decision.tables import Objection
from portal.casework.publicity import board, publishing
from portal.filing.tables import Application
from portal.foundation import rates, vault
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.identity import plain
from portal.policy.lifecycle import Party, Status

MOST_CHARACTERS, MOST_IN_NAME, MOST_IN_PHONE = 500, 60, 30
RECEIVED, LOOKING = "收到了，乡镇会去查", "正在重新调查"
FOUND = {True: "查过了，您说的属实", False: "查过了，没有查实"}
AGAIN, ABOVE = "已经重新公示", "结果报县里了"
_LOOKING = {
    objections.REVIEW: (Status.REINVESTIGATING,), objections.STOP: (),
    objections.DECISION: (Status.REVIEWING, Status.GRADUATING),
}  # fmt: skip
"""Where a file is looked into; a stop is under review anyway."""
_CODE_DIGITS = 16
_PER_DEVICE, _PER_NETWORK, _MISSES = 5, 60, 20
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """`name` and `phone` may stay empty."""

    sentence: str
    name: str = ""
    phone: str = ""


def hand_in(
    session: Session, posting_id: UUID, said: Said, *, device: str, network: str, now: datetime
) -> tuple[Objection, str]:
    """The objection and a code of sixteen digits, told once and kept nowhere.

    Raises NotFound when nothing such hangs, Invalid by field, TooOften.
    """
    posting = board.find(session, posting_id, now=now)
    words = _checked(said)
    _limit(session, device, network, now)
    application = session.get_one(Application, posting.application_id)
    events.lock(session, application)
    if application.status not in board.WHILE[posting.kind]:
        raise Conflict("公示已经结束。有意见请打公示上的电话。", code="notice_over")
    code = "".join(str(secrets.randbelow(10)) for _ in range(_CODE_DIGITS))
    review = posting.kind == board.REVIEW
    against = Against(posting.id if review else None, None if review else posting.id)
    made = objections.keep(
        session, application, against, "portal", words, party=Party.PORTAL, by="portal", now=now
    )
    made.code_index = _index(session, code)
    session.flush()
    return made, code


def follow(session: Session, code: str) -> list[str]:
    """What became of it, in sentences. Raises NotFound, the same for every wrong code."""
    digits = plain(code)[:40]
    rows = select(Objection).where(Objection.code_index == _index(session, digits))
    found = session.scalars(rows).first()
    if found is None:
        raise NotFound("没有找到。请核对16位数字。")
    application = session.get_one(Application, found.application_id)
    about = objections.about(session, found)
    if found.settled_at is None:
        return [LOOKING if application.status in _LOOKING[about] else RECEIVED]
    outcome = objections.shown(session, application, found, for_desk=False)["upheld"]
    return [FOUND.get(outcome, "查过了"), *_next(session, application, found, about)]


def _next(session: Session, application: Application, found: Objection, about: str) -> list[str]:
    """Whether it hangs anew, or went to the county; of a grant nothing more is told."""
    if about == objections.DECISION:
        return []
    if about == objections.STOP:
        newest = publishing.latest(session, application, publishing.STOP)
        return [AGAIN] if newest is not None and newest.id != found.publication_id else []
    posted = notice.latest(session, application)
    if posted is not None and posted.id != found.notice_id:
        return [AGAIN]
    return [ABOVE] if application.status != Status.REINVESTIGATING else []


def count_miss(session: Session, device: str, *, now: datetime) -> None:
    """A wrong code was tried. Raises TooOften after twenty in an hour."""
    bucket = vault.blind_index(session, "device", device).hex()[:40]
    rates.count(session, f"objection-miss:{bucket}", most=_MISSES, per=_HOUR, now=now)


def _checked(said: Said) -> dict[str, Any]:
    """Raises Invalid naming everything that is wrong."""
    sentence, name, phone = said.sentence.strip(), said.name.strip(), said.phone.strip()
    errors = {}
    if not sentence or not _readable(sentence, MOST_CHARACTERS):
        errors["sentence"] = [f"请写有什么意见，最多{MOST_CHARACTERS}个字。"]
    if not _readable(name, MOST_IN_NAME):
        errors["name"] = [f"姓名最多{MOST_IN_NAME}个字。"]
    if not _readable(phone, MOST_IN_PHONE):
        errors["phone"] = ["电话太长了。"]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return {"sentence": sentence, "told": "", "name": name, "phone": phone}


def _readable(words: str, most: int) -> bool:
    hidden = any(c < " " and c not in "\r\n\t" or "\ud800" <= c <= "\udfff" for c in words)
    return len(words) <= most and not hidden


def _limit(session: Session, device: str, network: str, now: datetime) -> None:
    for kind, name, most in (("device", device, _PER_DEVICE), ("network", network, _PER_NETWORK)):
        if name:
            bucket = vault.blind_index(session, kind, name).hex()[:40]
            rates.count(session, f"objection:{kind}:{bucket}", most=most, per=_HOUR, now=now)


def _index(session: Session, code: str) -> bytes:
    return vault.blind_index(session, "objection", code)
