"""The household as the rules see it: declared answers, the survey's findings over them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.filing.tables import Application
from portal.foundation.errors import Refusal
from portal.handover import frozen
from portal.people.identity import IdNumber
from portal.policy.eligibility import questions

Answers = Mapping[str, Any]
_MEMBER = "members."
_GRADES = {f"disability_{n}": f"grade_{n}" for n in (1, 2, 3, 4)}
_SEVERE = frozenset({"disability_1", "disability_2", "serious"})
_WORK = {
    "employed": "working", "flexible": "working", "farming": "working", "partly_able": "working",
    "jobless": "jobless", "student": "student", "preschool": "student", "unable": "unable",
}  # fmt: skip
_SUPPORT = {"nobody": "none", "unable": "unable", "able": "able"}


def declared(session: Session, application: Application) -> dict[str, Any]:
    """{question: value} of the newest submission, as it was frozen."""
    body = frozen.contents(session, application, application.submission_no)
    return {f["name"]: f["value"] for step in body["steps"] for f in step["fields"]}


def of(answers: Answers, findings: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """The facts the engine judges: every question of the self-check, None where unknown.

    `findings` {name: value} go before what was declared; a name is an answer's, a fact's,
    or `members.<row>.<question>`, where `here` false takes the person out. Money: 分 a year.
    """
    asked = questions.load()
    seen = _seen(answers, findings)
    said = {name: make(seen, on) for name, make in _MAKERS.items()}
    said |= {name: seen.get(name) for name in ("assets", "recognised", *_MONEY)}
    said |= {name: value for name, value in findings.items() if name in asked.all}
    return questions.facts(asked, {k: v for k, v in said.items() if v is not None})


def was_found(findings: Mapping[str, Any], name: str) -> bool:
    """Whether the survey says it; otherwise it is what the household declared."""
    return findings.get(name) is not None


def _seen(answers: Answers, findings: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as the survey found them."""
    found = {k: v for k, v in findings.items() if v is not None}
    members = [
        {**row, **_of_member(found, str(row.get("row", "")))}
        for row in answers.get("members") or []
    ]
    plain = {k: v for k, v in found.items() if not k.startswith(_MEMBER)}
    return {**answers, **plain, "members": [m for m in members if m.get("here", True)]}


def _of_member(found: Mapping[str, Any], row: str) -> dict[str, Any]:
    start = f"{_MEMBER}{row}."
    return {k.removeprefix(start): v for k, v in found.items() if k.startswith(start)}


def _area(answers: Answers, on: date) -> str | None:
    kind = answers.get("apply_type")
    return kind if kind in ("urban", "rural") else None


def _members(answers: Answers, on: date) -> int:
    return 1 + len(answers.get("members") or [])


def _age(answers: Answers, on: date) -> int | None:
    try:
        born = IdNumber.parse(answers.get("applicant_id_number") or "").birth_date
    except Refusal:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _disability(answers: Answers, on: date) -> str | None:
    health = answers.get("applicant_health") or []
    grades = [grade for key, grade in _GRADES.items() if key in health]
    if grades:
        return grades[0]
    known = health and "disability_unsure" not in health and "unsure" not in health
    return "none" if known else None


def _disability_kind(answers: Answers, on: date) -> list[str] | None:
    return [k for k in answers.get("applicant_disability_kind") or [] if k != "unsure"] or None


def _illness(answers: Answers, on: date) -> str | None:
    health = answers.get("applicant_health") or []
    for kind in ("serious", "chronic"):
        if kind in health:
            return kind
    return "none" if health and "unsure" not in health else None


def _others(answers: Answers, on: date) -> str | None:
    members = answers.get("members") or []
    said = [set(m.get("health") or []) for m in members]
    if any(not _SEVERE.isdisjoint(one) for one in said):
        return "yes"
    open_ones = {"unsure", "disability_unsure"}
    return "no" if said and all(one and open_ones.isdisjoint(one) for one in said) else None


def _work(answers: Answers, on: date) -> str | None:
    return _WORK.get(answers.get("applicant_work") or "")


def _support(answers: Answers, on: date) -> str | None:
    return _SUPPORT.get(answers.get("obligors") or "")


_MONEY = (
    "income_wage", "income_business", "income_property", "income_transfer", "expense_work",
    "expense_medical", "expense_education", "expense_rehab", "expense_other",
)  # fmt: skip
_MAKERS: Mapping[str, Callable[[Answers, date], Any]] = {
    "area": _area,
    "members": _members,
    "person_age": _age,
    "disability": _disability,
    "disability_kind": _disability_kind,
    "illness": _illness,
    "others_severe": _others,
    "person_work": _work,
    "support": _support,
}
