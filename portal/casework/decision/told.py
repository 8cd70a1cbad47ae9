"""What the applicant is shown of posting, objections, hearing and letters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework.decision import heard, letter_paper, letters, notice, objections
from portal.casework.decision.letter_paper import day_text
from portal.casework.decision.tables import Decision, Hearing, HearingLine
from portal.casework.said import DELIVERED_HOW, HEARD_HOW
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.policy.catalogue import Program
from portal.policy.eligibility.words import yuan

_PROPOSED = {heard.REDUCED: "想减少您的救助金", heard.STOPPED: "想停止您的救助"}


def for_applicant(
    session: Session, application: Application, program: Program, *, now: datetime
) -> dict[str, Any] | None:
    """{"hearing", "notice", "objections", "letters"}, each as the function below says; None
    when there is nothing of it. For the timeline, and static/pages/parts/decision.html."""
    shown = {
        "hearing": asked(session, application),
        "notice": posted(session, application, now=now),
        "objections": [
            objections.shown(session, application, one, for_desk=False)
            for one in objections.of(session, application)
        ],
        "letters": [
            letter(session, application, program, one)
            for one in reversed(letters.of(session, application))
        ],
    }
    return shown if any(shown.values()) else None


def asked(session: Session, application: Application) -> dict[str, Any] | None:
    """The open proposal: {"id", "change", "title", "sentence", "law", "now_text",
    "amount_text", "by_text", "said": [{"on_text", "how", "who", "sentence"}], "heard",
    "visits": how many met nobody}."""
    found = heard.open_one(session, application)
    return None if found is None else proposal(session, application, found)


def proposal(session: Session, application: Application, found: Hearing) -> dict[str, Any]:
    """One proposal, open or closed, as `asked` gives it."""
    body = heard.body(session, application, found)
    paid = heard.paid(session, application)
    every = heard.lines(session, found)
    return {
        "id": str(found.id),
        "change": found.change,
        "title": _PROPOSED[found.change],
        "sentence": body.get("sentence", ""),
        "law": body.get("law", ""),
        "now_text": f"现在每月{yuan(paid)}元" if paid else "",
        "amount_text": f"想改成每月{yuan(body['amount'])}元" if body.get("amount") else "",
        "by_text": day_text(found.answer_by),
        "said": [_said(session, application, line) for line in every if line.kind == "statement"],
        "heard": heard.is_heard(session, found),
        "visits": sum(line.kind == "not_met" for line in every),
    }


def posted(session: Session, application: Application, *, now: datetime) -> dict[str, Any] | None:
    """The posting that hangs, word for word: {"rows": [[what, words]], "until_text"}."""
    found = notice.latest(session, application)
    if found is None or found.ended_at is not None or local_date(now) > found.last_day:
        return None
    content = notice.content(session, application, found)
    return {
        "rows": [[notice.ALLOWED[name], words] for name, words in content.items()],
        "until_text": day_text(found.last_day),
    }


def letter(
    session: Session, application: Application, program: Program, decision: Decision
) -> dict[str, Any]:
    """{"id", "kind", "title", "number", "on_text", "decision", "plain", "law", "reply",
    "sums_title", "sums": [[what, how much, where it stands]], "after", "remedies", "sources", "office",
    "delivered": [sentences], "until_text"}: what stands on the paper, for a screen."""
    body = letters.body(session, application, decision)
    paper: Mapping[str, Any] = body.get("paper", {})
    return {
        "id": str(decision.id),
        "kind": decision.kind,
        "title": letter_paper.TITLES[decision.kind],
        "number": body.get("number", ""),
        "on_text": day_text(local_date(decision.made_at)),
        **{
            name: paper.get(name, "")
            for name in ("decision", "why", "plain", "law", "reply", "sums", "sums_title", "after",
                         "remedies", "sources", "office")
        },
        "delivered": [
            f"{day_text(one.day)}{DELIVERED_HOW[one.how]}"
            for one in letters.deliveries(session, decision)
        ],
    }  # fmt: skip


def _said(session: Session, application: Application, line: HearingLine) -> dict[str, Any]:
    words = heard.words(session, application, line)
    return {
        "on_text": day_text(line.day),
        "how": HEARD_HOW[line.how],
        "who": words.get("who", ""),
        "sentence": words.get("sentence", ""),
    }
