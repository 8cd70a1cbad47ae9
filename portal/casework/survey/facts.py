"""What the survey established, in the names the self-check's engine uses: for the first review."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework.survey import sheet, surveying
from portal.casework.survey.topics import HERE
from portal.filing import applications
from portal.filing.tables import Application
from portal.policy.eligibility import questions
from portal.policy.eligibility.household import Household, Interval
from portal.policy.eligibility.questions import UNSURE, Question

_MONTHS = 12
_FORM_NAMES = {"happened": "reason", "area": "apply_type", "support": "obligors"}
"""Facts whose question has another name on the forms (carrying.py goes the other way)."""
_OPTIONS = {"support": {"nobody": "none"}}
"""… and options that are called otherwise there."""


@dataclass(frozen=True)
class Found:
    """One thing established. `declared` None: the applicant had said nothing, or not surely."""

    label: str
    declared: Any
    found: Any
    why: str

    @property
    def confirmed(self) -> bool:
        return bool(self.declared == self.found)


@dataclass(frozen=True)
class Income:
    """A household after the survey.

    `facts` go into the engine (eligibility.engine, eligibility.household) as they are: money in
    分 a year, None where nothing was established or declared. `members` counts everybody who
    lives together, the applicant included. `counted` is the yearly income as the engine counts
    it: `both` with the basic pension open, `exempt` with it left out. `surveyed` is False while
    no survey is finished: then everything is only what was declared.
    """

    facts: Mapping[str, Any]
    members: int
    gross: Interval
    counted: Mapping[str, Interval]
    surveyed: bool

    def monthly(self, pension: str = "both") -> Interval:
        """分 a month for the whole household: the low end rounded down, the high end up."""
        low, high = self.counted[pension]
        return low // _MONTHS, None if high is None else -(-high // _MONTHS)

    def per_head(self, pension: str = "both") -> Interval:
        """分 a month and person, rounded the same way."""
        low, high = self.counted[pension]
        parts = _MONTHS * self.members
        return low // parts, None if high is None else -(-high // parts)


def findings(session: Session, application: Application) -> Mapping[str, Found]:
    """{field: declared, found, why} of the newest finished survey; empty before there is one.

    Fields are the form's own; `members.<row>.here`, `.health` and `.work` of a member; and
    `people`: who lives there and was not declared.
    """
    survey = surveying.finished(session, application)
    kept = surveying.found(session, application, survey)
    return {name: Found(**entry) for name, entry in kept.items()}


def two_investigators(session: Session, application: Application) -> tuple[UUID, UUID] | None:
    """Who made the newest finished survey; None without one (57号 第16条: never fewer)."""
    survey = surveying.finished(session, application)
    ids = list(dict.fromkeys(survey.investigators)) if survey else []
    return (UUID(ids[0]), UUID(ids[1])) if len(ids) > 1 else None


def household_income(session: Session, application: Application) -> Income:
    """The household's money after the survey, ready for the same engine as the self-check.

    What was found goes before what was declared; what nobody established is unknown, and
    widens the result instead of being guessed.
    """
    answers = applications.answers(session, application)
    found = findings(session, application)
    members = _members(answers, found)
    given = {**answers, **{name: one.found for name, one in found.items()}}
    asked = questions.load()
    mapped = {q.name: _answer(q, given) for q in asked.all.values()} | {"members": members}
    facts = questions.facts(asked, mapped)
    home = Household(facts)
    surveyed = surveying.finished(session, application) is not None
    return Income(facts, members, home.gross, home.counted, surveyed)


def _members(answers: Mapping[str, Any], found: Mapping[str, Found]) -> int:
    rows = [row["row"] for row in answers.get("members") or ()]
    away = [row for row in rows if not _lives_here(found, row)]
    more = found[sheet.PEOPLE].found if sheet.PEOPLE in found else ()
    return 1 + len(rows) - len(away) + len(more)


def _lives_here(found: Mapping[str, Found], row: str) -> bool:
    seen = found.get(f"members.{row}.{HERE}")
    return seen is None or bool(seen.found)


def _answer(asked: Question, given: Mapping[str, Any]) -> Any:
    """What of the form's answer this question can have; None where it is not sure."""
    value = given.get(_FORM_NAMES.get(asked.name, asked.name))
    if asked.kind == "money":
        return value if isinstance(value, int) and not isinstance(value, bool) else UNSURE
    options = {o.value for o in asked.options}
    names = _OPTIONS.get(asked.name, {})
    if asked.kind == "choice" and isinstance(value, str):
        value = names.get(value, value)
        return value if value in options else None
    if asked.kind == "choices" and isinstance(value, list):
        kept = [one for one in value if one in options]
        return kept or None
    return None
