"""What a person without an account says to the office: that they withdraw, that a check is wrong.

It is the person's own move, written down by a clerk: nothing without their own words, the day
and the way they said it. Whoever wrote it down stands in the record, and the person is told.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import duties, events
from portal.casework.decision import standing
from portal.casework.said import SPOKEN_HOW
from portal.casework.survey import disputes, register
from portal.casework.survey.tables import CheckDispute
from portal.casework.tables import CaseEvent
from portal.casework.talk import telling
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status, moves_of

_ROLES = (*duties.TOWNSHIP, Role.COUNTY_CLERK)
_MOST = 200


def withdraw(
    session: Session,
    application: Application,
    how: str,
    day: date,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """The person takes the application back by word of mouth.

    Raises Invalid by field, Conflict when it is too late, Forbidden, NotFound.
    """
    standing.check_role(actor, application, *_ROLES)
    said = _checked(application, how, day, sentence, now)
    event = events.record(
        session, application, "withdrawn", after=Status.WITHDRAWN, party=Party.APPLICANT,
        actor=str(actor), said=said, now=now,
    )  # fmt: skip
    telling.tell(
        session, application, "progress", said={"sentence": "您说不办了，已经撤回。"}, now=now
    )
    return event


def dispute(
    session: Session,
    application: Application,
    how: str,
    day: date,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CheckDispute:
    """The person disputes the newest result of the check by word of mouth; the township looks
    again and answers. Raises Invalid by field, Conflict (no_result, or after the survey),
    Forbidden, NotFound."""
    standing.check_role(actor, application, *_ROLES)
    said = _checked(application, how, day, sentence, now)
    return disputes.note(session, application, said, actor=actor, now=now)


def may(session: Session, application: Application, *, actor: Actor) -> dict[str, bool]:
    """{withdraw, dispute}: what this person can write down here now."""
    if not actor.holds(*_ROLES):
        return {"withdraw": False, "dispute": False}
    theirs = {
        move.after
        for move in moves_of(application.machine)
        if move.before == application.status and move.party is Party.APPLICANT
    }
    told = register.last_told(session, application) is not None
    return {
        "withdraw": Status.WITHDRAWN in theirs,
        "dispute": Status.CHECK_DISPUTE in theirs and told,
    }


def _checked(
    application: Application, how: str, day: date, sentence: str, now: datetime
) -> Mapping[str, Any]:
    errors: dict[str, list[str]] = {}
    if how not in SPOKEN_HOW:
        errors["how"] = ["请选在哪里说的。"]
    first = local_date(application.filed_at or application.created_at)
    if not first <= day <= local_date(now):
        errors["day"] = ["日期要在提交以后，不晚于今天。"]
    words = sentence.strip()
    if not words or len(words) > _MOST:
        errors["sentence"] = [f"请写本人的原话，最多{_MOST}个字。"]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return {"how": how, "on": day.isoformat(), "sentence": words}
