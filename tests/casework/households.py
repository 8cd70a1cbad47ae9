"""A household in the hands of its investigators: accepted, signed for, with staff who visit."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework import office
from portal.casework.survey import answers, checks, standin_platform, surveying
from portal.casework.survey.question import Platform
from portal.casework.survey.standin_platform import Behaviour
from portal.casework.survey.tables import CheckRecord
from portal.filing import signatures
from portal.filing.tables import Application
from portal.people import staff
from portal.people.access import Actor, Role
from portal.people.tables import Staff
from portal.policy.catalogue import Program
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

PHONE = "13812345678"
WIFE, SON = "430923195803050025", "430923198703050013"
ANSWERS: dict[str, object] = files.LEAST | {
    "filled_in_by": "self",
    "phone": PHONE,
    "applicant_id_number": "430923195401010012",
    "apply_type": "rural",
    "applicant_health": ["chronic"],
    "applicant_work": "unable",
    "income_wage": "unsure",
    "income_business": 320000,
    "income_property": 0,
    "income_transfer": 240000,
    "assets": ["unsure"],
    "members": [
        {"row": "w", "name": "王秀英", "id_number": WIFE, "relation": "spouse",
         "health": ["unsure"], "work": "unable"},
        {"row": "s", "name": "刘强", "id_number": SON, "relation": "dependent_child",
         "health": ["healthy"], "work": "flexible"},
        {"row": "c", "name": "刘小雨", "birth_date": "2014-03-05", "relation": "grandchild"},
    ],
}  # fmt: skip
AT_ONCE = Behaviour(latency=timedelta(0))
CHECKER = files.clerk(files.COUNTY, number=40, role=Role.COUNTY_CHECKER)


def investigator(session: Session, username: str, region: str = files.TOWNSHIP) -> Actor:
    found = session.scalars(select(Staff).where(Staff.username == username)).first()
    if found is None:
        found, _password, _uri = staff.add(
            session, username, f"调查{username}", Role.TOWNSHIP_INVESTIGATOR, region, now=NOW
        )
    return Actor(Role.TOWNSHIP_INVESTIGATOR, found.id, region, found.display_name)


def two(session: Session) -> tuple[Actor, Actor]:
    return investigator(session, "chen"), investigator(session, "liu")


def accepted(
    portal: Portal, answers: dict[str, object] | None = None, signed: tuple[str, ...] = (),
    phone: str = PHONE,
) -> UUID:  # fmt: skip
    """Signed for on the screen by those named, handed in, accepted."""
    file_id = files.draft(portal, answers or ANSWERS, phone=phone)
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        for key in signed:
            signatures.sign_on_screen(
                session, file, program, key, files.STROKES, actor=files.owner(file), now=NOW
            )
    files.submit(portal, file_id)
    cases.deliver(portal)
    with portal.database.writing() as session:
        office.accept(session, cases.file_of(session, file_id), actor=files.clerk(), now=NOW)
    return file_id


def of(portal: Portal, session: Session, file_id: UUID) -> tuple[Application, Program]:
    file = session.get_one(Application, file_id)
    return file, portal.catalogue.find(file.program_id)


def survey(
    portal: Portal, session: Session, file_id: UUID, changes: dict[str, object] | None = None,
    *, finish: bool = True, now: datetime = NOW,
) -> None:  # fmt: skip
    """Saved once with `changes` on top of what a finished one needs."""
    file, program = of(portal, session, file_id)
    chen, liu = two(session)
    whole = {"on": "2026-11-22", "how": ["visit"], "investigators": [str(chen.id), str(liu.id)]}
    draft = surveying.draft(session, file)
    surveying.save(
        session, file, program, whole | (changes or {}),
        revision=draft.revision if draft else 0, actor=chen, now=now,
    )  # fmt: skip
    if finish:
        surveying.finish(session, file, program, actor=liu, now=now)


def running(portal: Portal, file_id: UUID) -> None:
    """The county's checker has begun."""
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        checks.request(session, file, program, actor=CHECKER, now=NOW)


def answered(portal: Portal, behaviour: Behaviour = AT_ONCE, *, now: datetime = NOW) -> int:
    """One round of the worker's step."""
    return answers.run_due(portal, platform(behaviour), now=now)


def platform(behaviour: Behaviour) -> Platform:
    return standin_platform.standin(behaviour)


def told(portal: Portal, file_id: UUID, outcome: str = "differs", now: datetime = NOW) -> None:
    running(portal, file_id)
    answered(portal, now=now)
    with portal.database.writing() as session:
        file, _program = of(portal, session, file_id)
        checks.tell(session, file, outcome, "存款比填的多。", actor=CHECKER, now=now)


def record(session: Session, file_id: UUID, subject: str) -> CheckRecord:
    rows = select(CheckRecord).where(
        CheckRecord.application_id == file_id, CheckRecord.subject == subject
    )
    return session.scalars(rows).one()
