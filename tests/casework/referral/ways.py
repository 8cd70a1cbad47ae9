"""Files that go to other departments, and who answers there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework.referral import departments
from portal.filing import applications
from portal.filing.tables import Application
from portal.handover import submission
from portal.people import staff
from portal.people.access import Actor, Role
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

COUNTY, TOWNSHIP, NEIGHBOUR = files.COUNTY, files.TOWNSHIP, files.NEIGHBOUR
NUMBER = "430923190001010010"
PERSON = {
    "applicant_name": "刘桂香", "applicant_id_number": NUMBER, "phone": "13800000009",
    "household_place": {"code": TOWNSHIP, "address": "河边最后一家"}, "declares_true": True,
}  # fmt: skip
ILL = PERSON | {
    "insured": "resident", "expense_medical": 1_200_000, "illness_words": "肾病，一周透析三次。",
    "recognised": ["dibao"],
}  # fmt: skip
LONELY = {
    "applicant_name": "刘桂香", "phone": "13800000009", "service_need": ["visit"],
    "living_place": {"code": TOWNSHIP, "address": "河边最后一家"},
}  # fmt: skip


def clerk(region: str = TOWNSHIP, *, role: Role = Role.TOWNSHIP_CLERK) -> Actor:
    return Actor(role, UUID(int=1), region, "李主任")


def filed(portal: Portal, program_id: str, answers: dict[str, Any], *, now: datetime = NOW) -> UUID:
    program = portal.catalogue.find(program_id)
    with portal.database.writing() as session:
        actor = files.resident(session)
        file = applications.start(session, program, account_id=actor.id, actor=actor, now=now)
        applications.save_answers(session, file, program, answers, revision=0, actor=actor, now=now)
        submission.submit(session, file, program, actor=actor, now=now)
        file_id = file.id
    cases.deliver(portal)
    return file_id


def member(
    portal: Portal, session: Session, department: str, *, region: str = COUNTY, name: str = "yibao"
) -> Actor:
    """Somebody who reads at the desk what is sent to this department."""
    row, _password, _uri = staff.add(
        session, name, "医保 小龙", Role.DEPARTMENT_CLERK, region, now=NOW
    )
    departments.assign(session, portal.catalogue, row.id, [department], now=NOW)
    return Actor(Role.DEPARTMENT_CLERK, row.id, region, row.display_name)


def file_of(session: Session, file_id: UUID) -> Application:
    return session.get_one(Application, file_id)
