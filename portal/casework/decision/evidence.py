"""What a decision stands on: the finished survey, who made it, and what it found."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import survey
from portal.casework.survey import surveying
from portal.filing.tables import Application


def findings(session: Session, application: Application) -> dict[str, Any]:
    """{name: value} of the newest finished survey, and `members`, how many live together;
    empty before there is one."""
    income = survey.household_income(session, application)
    if not income.surveyed:
        return {}
    found = survey.findings(session, application)
    sure = {name: one.found for name, one in found.items() if one.found not in (None, "unsure")}
    return {**sure, "members": income.members}


def investigators(session: Session, application: Application) -> frozenset[UUID]:
    """Everybody who made the newest finished survey."""
    newest = surveying.finished(session, application)
    return frozenset(UUID(one) for one in newest.investigators) if newest else frozenset()


def two_investigators(session: Session, application: Application) -> bool:
    """民发〔2021〕57号 第16条: two different people."""
    return survey.two_investigators(session, application) is not None
