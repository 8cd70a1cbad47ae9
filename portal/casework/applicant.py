"""All a person is shown about their case: the timeline, and what each room has to say to it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import timeline
from portal.casework.aid import told as aid
from portal.casework.clock import nudges
from portal.casework.decision import told as decision
from portal.casework.payment import told as payment
from portal.casework.referral import told as referral
from portal.casework.survey import results as survey
from portal.casework.talk import thread
from portal.filing.tables import Application
from portal.people import access
from portal.people.access import Actor
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import KINDS

_ASIDE = frozenset(kind for kind, after in KINDS.items() if after is None) - {
    "transferred", "alert_answered", "extended",
}  # fmt: skip
"""What has a place of its own on the page, or moves nothing."""


def story(
    session: Session, application: Application, catalogue: Catalogue, *, actor: Actor, now: datetime
) -> dict[str, Any]:
    """The timeline, with `check` (appointment and means check), `decision` (posting, hearing,
    letters), `aid`, `referral`, `payments`, `clock` {bar, nudge}, `thread` {messages, new, clock}: each None
    while there is nothing; and `asks`, what waits for this person beside the turn: retake · hearing · consent
    · message, each {kind, text, number}; `last_word`, the office's newest sentence.
    """
    program = catalogue.find(application.program_id)
    told = timeline.timeline(session, application, catalogue, now=now) | {
        "check": survey.for_applicant(session, application, actor=actor, now=now),
        "decision": decision.for_applicant(session, application, program, now=now),
        "aid": aid.for_applicant(session, application, program, now=now),
        "referral": referral.for_applicant(session, application, catalogue),
        "payments": payment.for_applicant(session, application),
        "clock": nudges.for_applicant(session, application, catalogue, now=now),
        "thread": _thread(session, application, actor=actor, now=now),
    }
    told = access.without_checks(told, actor=actor)
    return told | {"asks": list(_asks(told)), "last_word": _last_word(told["history"])}


def _last_word(lines: list[dict[str, Any]]) -> str:
    """What was said with the newest thing that happened to the case itself."""
    moved = [line for line in lines if not line["corrected"] and line["kind"] not in _ASIDE]
    return str(moved[-1]["sentence"]) if moved else ""


def _thread(
    session: Session, application: Application, *, actor: Actor, now: datetime
) -> dict[str, Any] | None:
    lines = thread.lines(session, application, actor=actor)
    if not lines:
        return None
    return {
        "messages": len(lines),
        "new": sum(line.new for line in lines),
        "clock": thread.clock(session, application, now=now),
    }


def _asks(told: dict[str, Any]) -> list[dict[str, Any]]:
    retakes = sum(photo["state"] == "retake" for photo in told["photos"])
    hearing = (told["decision"] or {}).get("hearing") or {"heard": True}
    open_hearing = int(not hearing["heard"])
    consents = (told["referral"] or {}).get("consents", [])
    asked = sum(one["state"] == "asked" for one in consents)
    new = (told["thread"] or {}).get("new", 0)
    found = [
        ("hearing", open_hearing, "想先听您的意见"),
        ("retake", retakes, f"有{retakes}张照片请重拍"),
        ("consent", asked, "有一件事要您同意"),
        ("message", new, f"窗口有{new}条新留言"),
    ]
    return [{"kind": kind, "number": n, "text": text} for kind, n, text in found if n]
