"""What has happened to a case so far, line by line, in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import chronology, events, stages
from portal.casework.said import DECLINE_REASONS, SPOKEN_HOW
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application, Submission
from portal.foundation.clock import spoken
from portal.handover import frozen
from portal.people.tables import Staff
from portal.policy.catalogue import Program


def lines(
    session: Session,
    application: Application,
    *,
    words: Mapping[str, str] = stages.EVENT_WORDS,
    for_desk: bool = False,
) -> list[dict[str, Any]]:
    """First to last: {at, on_text, kind, text, sentence, place, name, by, corrected}, and for the desk {id, party} of events.

    Events stand as they happened, however they arrived; `corrected` ones have a later 更正. `by` names the member
    of staff, for the desk only.
    """
    happened = events.of(session, application)
    corrected = {events.said(session, application, e).get("corrects") for e in happened}
    found = [(s.submitted_at, _submitted(s, words)) for s in submissions(session, application)]
    for when, event in chronology.in_time(happened):
        line = _event(session, application, event, words)
        line["corrected"] = str(event.id) in corrected
        if for_desk:
            line |= {"id": str(event.id), "party": event.party}
            line["by"] = _who(session, event)
            line["sentence"] += _again(events.said(session, application, event))
        found.append((when, line))
    return [line for _at, line in sorted(found, key=lambda pair: pair[0])]


def submissions(session: Session, application: Application) -> list[Submission]:
    """First to last."""
    rows = select(Submission).where(Submission.application_id == application.id)
    return list(session.scalars(rows.order_by(Submission.version)))


def item_title(program: Program, item: str) -> str:
    """A document's title, a question's label, or 其他材料."""
    fields = {f.name: f.label for f in program.form.fields}
    return fields.get(item) or frozen.title_of(item, program)


def _submitted(sent: Submission, words: Mapping[str, str]) -> dict[str, Any]:
    kind = "submitted" if sent.version == 1 else "submitted_again"
    return _line(sent.submitted_at.isoformat(), spoken(sent.submitted_at), kind, words)


def _event(
    session: Session, application: Application, event: CaseEvent, words: Mapping[str, str]
) -> dict[str, Any]:
    said = events.said(session, application, event)
    line = _line(event.at.isoformat(), spoken(event.at), event.kind, words)
    reason = DECLINE_REASONS.get(said.get("reason", ""), "")
    spoken_how = _spoken(event, said)
    told = [t for t in (reason, spoken_how, said.get("sentence", ""), said.get("basis", "")) if t]
    if event.kind == "transferred" and "until" in said:
        day = date.fromisoformat(said["until"])
        told.append(f"最迟{day.year}年{day.month}月{day.day}日答复（我们自己的目标）")
    line["sentence"] = "。".join(text.rstrip("。") for text in told) + "。" if told else ""
    line["place"] = said.get("place_name", "")
    line["name"] = said.get("name", "")
    return line


def _spoken(event: CaseEvent, said: Mapping[str, Any]) -> str:
    """Where and when the person said what the office wrote down for them."""
    if event.kind not in ("withdrawn", "check_dispute") or "how" not in said:
        return ""
    day = date.fromisoformat(said["on"])
    return f"本人{day.month}月{day.day}日{SPOKEN_HOW[said['how']]}说的"


def _again(said: Mapping[str, Any]) -> str:
    """Why a second list was sent, and who agreed."""
    if not said.get("again"):
        return ""
    agreed = f"{said['superior']}同意" if said.get("superior") else "没有别的负责人"
    return f"再次补正：{said['again']}（{agreed}）"


def _line(at: str, on_text: str, kind: str, words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "at": at, "on_text": on_text, "kind": kind, "text": words[kind],
        "sentence": "", "place": "", "name": "", "by": "", "corrected": False,
    }  # fmt: skip


def _who(session: Session, event: CaseEvent) -> str:
    """The name behind `staff:<id>`; an outside office by its own name; else nothing."""
    kind, _, rest = event.actor.partition(":")
    if kind == "staff":
        staff = session.get(Staff, UUID(rest))
        return staff.display_name if staff else ""
    return rest if kind == "office" else ""
