"""The last way to tell somebody: a person in the village or township is asked to go.

What they are asked to say names no program and no outcome; the rest the window says itself.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contact.tables import Errand
from portal.contact.templates import saying_of
from portal.foundation.errors import Conflict, Invalid

NO_PHONE, UNDELIVERED = "no_phone", "undelivered"
NO_ANSWER, ASKED_FOR = "no_answer", "asked_for"
WHY = {
    NO_PHONE: "没有留手机号", UNDELIVERED: "短信没有送到", NO_ANSWER: "到日子还没答核查",
    ASKED_FOR: "本人想当面说",
}  # fmt: skip
HOW = {
    "visit": "上门说了", "phone": "打电话说了", "family": "托家里人转告了",
    "window": "在窗口当面说了",
}  # fmt: skip
NOT_FOUND = "not_found"
_MOST_TOPICS = 10


@dataclass(frozen=True)
class Place:
    """`code` of the village, or the township; `path` from the province down to the township."""

    code: str
    path: str


def ask(
    session: Session, application_id: UUID, template: str, *, place: Place, why: str, now: datetime
) -> Errand:
    """Ask for somebody to go; what is still to be told about the same file goes along."""
    row = waiting(session, application_id)
    if row is None:
        row = Errand(
            application_id=application_id, region_code=place.code, region_path=place.path,
            why=why, topics=template, created_at=now, tries=0,
        )  # fmt: skip
        session.add(row)
    elif template not in (topics := row.topics.split(",")):
        row.topics = ",".join([*topics, template][-_MOST_TOPICS:])
    session.flush()
    return row


def waiting(session: Session, application_id: UUID) -> Errand | None:
    """The one that nobody has done yet, locked."""
    rows = select(Errand).where(Errand.application_id == application_id, Errand.done_at.is_(None))
    return session.scalars(rows.with_for_update()).first()


def done(errand: Errand, how: str, *, actor: str, now: datetime) -> None:
    """Somebody has told them; or found nobody, and it stays open.

    Raises Invalid, Conflict when it was done before.
    """
    if errand.done_at is not None:
        raise Conflict("这件事已经有人办了。请刷新。", code="already_done")
    if how == NOT_FOUND:
        errand.tries, errand.tried_at = errand.tries + 1, now
        return
    if how not in HOW:
        raise Invalid("请选怎么告诉的。", fields={"how": ["请选一种。"]})
    errand.done_at, errand.done_by, errand.how = now, actor, how


def sayings(errand: Errand) -> list[str]:
    """What to say at the door, each sentence once."""
    return list(dict.fromkeys(saying_of(topic) for topic in errand.topics.split(",")))
