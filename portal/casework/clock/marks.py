"""When a clock of the law begins and what ends it, told from the events of a case."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.casework import chronology
from portal.casework.tables import CaseEvent
from portal.filing.tables import Submission

_BEGINS: Mapping[str, str] = {
    "accepted": "accepted",
    "check_requested": "check_requested",
    "public_notice": "first_reviewed",
    "objected": "objected",
    "reinvestigating": "objected",
    "county_review": "county_received",
    "over_ceiling": "county_received",
    "approved": "approved",
    "denied": "denied",
    "aided": "first_aid",
    "graduating": "graduating",
}
"""Kinds of events, and the moment of `counted_from` they are."""
_FIRST = frozenset({"accepted", "first_aid"})
"""Moments that stand when the event comes again; of the others the last one counts."""

_REVIEWED = frozenset({"first_reviewed", "public_notice", "county_review", "over_ceiling"})
_DECIDED = frozenset({"approved", "denied", "aborted", "withdrawn", "closed"})
_HELPED = frozenset({"aided", "over_ceiling", "referred", "surveying", "withdrawn", "closed"})
ENDS: Mapping[str, frozenset[str]] = {
    "acceptance": frozenset({"accepted", "returned", "declined", "withdrawn"}),
    "survey_start": frozenset({"surveying", "visit_planned", "visit", "withdrawn"}),
    "check_start": frozenset({"check_result"}),
    "survey": _REVIEWED | _DECIDED,
    "expense_survey": _REVIEWED | _DECIDED,
    "public_notice": frozenset({"notice_over", "county_review", "reinvestigating", "aided"}),
    "objection": frozenset({"public_notice", "county_review"}),
    "county_review": _DECIDED | {"county_returned"},
    "over_limit": _DECIDED | {"county_returned"},
    "denial_notice": frozenset({"decision_delivered"}),
    "first_payment": frozenset({"paying", "closed"}),
    "small_track": _HELPED,
    "first_aid": _HELPED,
    "first_aid_papers": frozenset({"papers_made_up", "closed", "over_ceiling"}),
    "graduating": frozenset({"stopped", "paying"}),
    "total": _DECIDED,
    "total_delegated": _DECIDED,
    "total_hard": _DECIDED,
}
"""The kinds that end each step; a step that is not here has no clock of ours."""


def begun(happened: Sequence[CaseEvent], sent: Sequence[Submission]) -> dict[str, datetime]:
    """When each moment was, by the name programs count from."""
    found: dict[str, datetime] = {}
    if sent:
        found = {"submitted": sent[-1].submitted_at, "registered": sent[0].submitted_at}
    for when, event in chronology.in_time(happened):
        moment = _BEGINS.get(event.kind, "")
        if event.kind == "objected" and "decided" in found:
            continue  # against what was made public afterwards: no clock of the case
        if moment and not (moment in _FIRST and moment in found):
            found[moment] = when
        if event.kind in ("approved", "denied"):
            found["decided"] = when
    return found


def ended(step: str, since: datetime, happened: Sequence[CaseEvent]) -> datetime | None:
    """When a step that began at `since` was over; None while it runs."""
    for when, event in chronology.in_time(happened):
        if event.kind in ENDS[step] and when >= since:
            return when
    return None
