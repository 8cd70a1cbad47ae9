"""公示异议 online: with or without a name, and a code to ask by what came of it.

Nothing of who writes is kept but what they write themselves. The code tells that it was looked
into and whether it was right; what was found out about the household stays with the office.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.decision import notice, objections
from portal.casework.decision.tables import Objection
from portal.casework.publicity import board
from portal.filing.tables import Application
from portal.foundation import rates, vault
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.identity import plain
from portal.policy.lifecycle import Party, Status

MOST_CHARACTERS, MOST_IN_NAME, MOST_IN_PHONE = 500, 60, 30
RECEIVED, LOOKING = "收到了，乡镇会去查", "正在重新调查"
FOUND = {True: "查过了，您说的属实", False: "查过了，没有查实"}
AGAIN, ABOVE = "已经重新公示", "结果报县里了"
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
    _posting, posted = board.find(session, posting_id, now=now)
    words = _checked(said)
    _limit(session, device, network, now)
    application = session.get_one(Application, posted.application_id)
    events.lock(session, application)
    if application.status not in (Status.PUBLIC_NOTICE, Status.REINVESTIGATING):
        raise Conflict("公示已经结束。有意见请打公示上的电话。", code="notice_over")
    new, code = uuid4(), "".join(str(secrets.randbelow(10)) for _ in range(_CODE_DIGITS))
    events.record(
        session, application, "objected", after=None, party=Party.PORTAL, actor="portal",
        said={"code": str(new)}, now=now,
    )  # fmt: skip
    made = Objection(
        id=new, application_id=application.id, notice_id=posted.id, how="portal",
        body_sealed=sealed.seal(session, application, objections.BODY, new, words),
        received_by="portal", received_at=now, code_index=_index(session, code),
    )  # fmt: skip
    session.add(made)
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
    if found.settled_at is None:
        looking = application.status == Status.REINVESTIGATING
        return [LOOKING if looking else RECEIVED]
    outcome = objections.shown(session, application, found, for_desk=False)["upheld"]
    newest = notice.latest(session, application)
    anew = newest is not None and newest.id != found.notice_id
    gone = [AGAIN] if anew else [ABOVE] if application.status != Status.REINVESTIGATING else []
    return [FOUND.get(outcome, "查过了"), *gone]


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
