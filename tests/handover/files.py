"""Files to hand over: a whole one in a few lines, through the same verbs people use."""

import io
from datetime import datetime, timedelta
from uuid import UUID

from PIL import Image
from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.filing import applications, documents, signatures
from portal.filing.tables import Application
from portal.handover import submission
from portal.people import sign_in
from portal.people.access import Actor, Role
from portal.policy.tables import Region
from tests.conftest import NOW

TOWNSHIP, NEIGHBOUR, COUNTY = "430923121", "430923118", "430923"
_REGIONS = [
    ("430000", "湖南省", "province", None),
    ("430900", "益阳市", "prefecture", "430000"),
    ("430923", "安化县", "county", "430900"),
    ("430923121", "东坪镇", "township", "430923"),
    ("430923118", "梅城镇", "township", "430923"),
]
LEAST = {
    "applicant_name": "刘桂香",
    "phone": "13800000009",
    "household_place": {"code": TOWNSHIP, "address": "河边最后一家"},
    "reason": ["old_age"],
}
MORE = LEAST | {
    "applicant_id_number": "430923190001010010",
    "reason_words": "老伴去年走了。\n腿脚不好，干不了活。",
    "income_wage": 0,
    "income_business": 320000,
    "income_transfer": "unsure",
    "members": [
        {"row": "m1", "name": "陈小雨", "birth_date": "2011-03-05", "relation": "minor_child",
         "health": ["healthy"], "work": "student"},
        {"row": "m2", "name": "陈建\U0002ebf0", "birth_date": "1960-03-05", "relation": "sibling",
         "health": ["disability_2"], "disability_kind": ["body"], "work": "unable"},
    ],
}  # fmt: skip
STROKES = [
    [[10 + 6 * i, 60 + (i * 37) % 50] for i in range(12)],
    [[90 + 5 * i, 40 + (i * 23) % 60] for i in range(14)],
]


def add_regions(session: Session) -> None:
    for code, name, level, parent in _REGIONS:
        session.add(Region(code=code, name=name, level=level, parent_code=parent))
    session.flush()


def clerk(region: str = TOWNSHIP, *, number: int = 1, role: Role = Role.TOWNSHIP_CLERK) -> Actor:
    return Actor(role, UUID(int=number), region, "")


def resident(session: Session, phone: str = "13812345678") -> Actor:
    return Actor(Role.APPLICANT, sign_in.open_account(session, phone, now=NOW).id)


def draft(portal: Portal, answers: dict[str, object], *, phone: str = "13812345678") -> UUID:
    """A filled-in 低保 draft of one resident; its id."""
    program = portal.catalogue.find("dibao")
    with portal.database.writing() as session:
        if session.get(Region, TOWNSHIP) is None:
            add_regions(session)
        actor = resident(session, phone)
        file = applications.start(session, program, account_id=actor.id, actor=actor, now=NOW)
        applications.save_answers(session, file, program, answers, revision=0, actor=actor, now=NOW)
        return file.id


def owner(file: Application) -> Actor:
    assert file.account_id is not None
    return Actor(Role.APPLICANT, file.account_id)


def jpeg(colour: str = "white", size: tuple[int, int] = (400, 320)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def add_photo(portal: Portal, file_id: UUID, data: bytes, item: str = "bank_account") -> UUID:
    received = documents.check(data, None)
    with portal.database.reading() as reading:
        blob = documents.seal_and_store(reading, portal.blobs, file_id, received)
    with portal.database.writing() as session:
        file = session.get_one(Application, file_id)
        program = portal.catalogue.find(file.program_id)
        return documents.add(
            session, file, program, item=item, received=received, blob=blob,
            actor=owner(file), now=NOW,
        ).id  # fmt: skip


def sign(portal: Portal, file_id: UUID) -> None:
    with portal.database.writing() as session:
        file = session.get_one(Application, file_id)
        program = portal.catalogue.find(file.program_id)
        signatures.sign_on_screen(
            session, file, program, "applicant", STROKES, actor=owner(file), now=NOW
        )
        later = NOW + timedelta(minutes=1)
        signatures.sign_at_visit(session, file, program, "member:m2", actor=owner(file), now=later)


def submit(portal: Portal, file_id: UUID, *, now: datetime = NOW) -> dict[str, object]:
    with portal.database.writing() as session:
        file = session.get_one(Application, file_id)
        program = portal.catalogue.find(file.program_id)
        return submission.submit(session, file, program, actor=owner(file), now=now)
