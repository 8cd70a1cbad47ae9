"""Two offices with everybody in them, and files brought as far as a test wants, by the verbs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework import office
from portal.casework.decision import adjusting, confirming, hearing, notice, review
from portal.casework.survey import surveying
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import vault
from portal.foundation.clock import local_date
from portal.people.access import Actor, Role
from portal.people.tables import Staff
from portal.policy import regions
from portal.policy.catalogue import Program
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

TOWNSHIP, COUNTY = files.TOWNSHIP, files.COUNTY
LATER = timedelta(days=8)
"""A posting of seven days is over."""
_PEOPLE = {
    "clerk": ("李主任", Role.TOWNSHIP_CLERK, TOWNSHIP),
    "chen": ("小陈", Role.TOWNSHIP_INVESTIGATOR, TOWNSHIP),
    "zhou": ("小周", Role.TOWNSHIP_INVESTIGATOR, TOWNSHIP),
    "reviewer": ("王站长", Role.TOWNSHIP_REVIEWER, TOWNSHIP),
    "checker": ("核对员", Role.COUNTY_CHECKER, COUNTY),
    "confirmer": ("彭科长", Role.COUNTY_CONFIRMER, COUNTY),
    "county": ("县里老吴", Role.COUNTY_CLERK, COUNTY),
}
ANSWERS = {
    "dibao": files.LEAST | {
        "applicant_id_number": "430923190001010010", "apply_type": "rural",
        "income_wage": 240_000, "income_business": 0, "income_property": 0, "income_transfer": 0,
        "expense_medical": 0, "expense_education": 0, "expense_rehab": 0, "expense_work": 0,
        "expense_other": 0,
        "members": [{"row": "m1", "name": "陈小雨", "birth_date": "2011-03-05",
                     "relation": "minor_child", "health": ["healthy"], "work": "student"}],
    },
    "tekun": files.LEAST | {
        "applicant_id_number": "430923190001010010", "support_form": "home", "obligors": "nobody",
        "income_transfer": 240_000, "income_wage": 0, "income_business": 0, "income_property": 0,
    },
    "dibian": files.LEAST | {"income_wage": 1_200_000},
    "gangxing": files.LEAST | {"income_wage": 2_400_000, "expense_medical": 3_000_000},
}  # fmt: skip
FIT = {
    "opinion": "fit", "category": "rural", "amount": 77_000, "people": 2,
    "sentence": "您家两口人，收入低于当地标准，孩子在上学。", "basis": "按县里今年公布的485元算。",
}  # fmt: skip
GRANT = {
    "category": "rural", "amount": 77_000, "people": 2, "recheck": "yearly",
    "sentence": "同意乡镇的意见。",
}  # fmt: skip
REFUSAL = {"rules": ["household.income"], "sentence": "您家每人每月的收入，比当地标准高。"}
CHANGE = {
    "sentence": "女儿上班了，家里收入高了。", "law": "《社会救助法》第47条",
    "reply": "您说的看病钱已经扣除。",
}  # fmt: skip
OPINIONS = {
    "dibao": FIT,
    "tekun": FIT | {"category": "home", "amount": 90_000, "people": 1},
    "dibian": FIT | {"category": "household", "amount": None, "people": 1, "basis": ""},
    "gangxing": FIT | {"category": "household", "amount": None, "people": 1, "basis": ""},
}


@dataclass
class Offices:
    """Everybody of a township and its county; `now` is when the next thing happens."""

    portal: Portal
    now: datetime = NOW
    who: dict[str, Actor] = field(default_factory=dict)
    session: Session | None = None
    kept: dict[str, UUID] = field(default_factory=dict)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Several steps in one transaction, or one of its own."""
        if self.session is not None:
            yield self.session
            return
        with self.portal.database.writing() as session:
            yield session

    def program(self, file: Application) -> Program:
        return self.portal.catalogue.find(file.program_id)

    def later(self, **by: float) -> "Offices":
        self.now += timedelta(**by)
        return self

    @property
    def today(self) -> date:
        return local_date(self.now)

    def hire(self) -> None:
        with self.writing() as session:
            for name, (called, role, region) in _PEOPLE.items():
                self.who[name] = hired(session, name, called, role, region)

    def __getitem__(self, name: str) -> Actor:
        return self.who[name]

    # Each step leaves the file where the next begins.

    def surveyed(self, file_id: UUID, program_id: str = "dibao", **lines: Any) -> None:
        with self.writing() as session:
            file = cases.file_of(session, file_id)
            surveyed(self, session, file, lines)

    def opinion(self, file_id: UUID, **changes: Any) -> None:
        with self.writing() as session:
            file = cases.file_of(session, file_id)
            wanted = OPINIONS[file.program_id] | changes
            review.give_opinion(
                session, file, self.program(file), self.portal.catalogue, wanted,
                actor=self["reviewer"], now=self.now,
            )  # fmt: skip

    def posted(self, file_id: UUID) -> None:
        with self.writing() as session:
            file = cases.file_of(session, file_id)
            notice.post(session, file, self.program(file), actor=self["reviewer"], now=self.now)

    def to_county(self, file_id: UUID) -> None:
        """With a posting where the program has one, hung out to its end."""
        with self.writing() as session:
            file = cases.file_of(session, file_id)
            program = self.program(file)
            if any(d.step == "public_notice" for d in program.deadlines):
                notice.post(session, file, program, actor=self["reviewer"], now=self.now)
                self.now += LATER
                notice.end(session, file, actor=self["reviewer"], now=self.now)
            else:
                notice.send_up(session, file, program, actor=self["reviewer"], now=self.now)

    def granted(self, file_id: UUID, **changes: Any) -> None:
        with self.writing() as session:
            file = cases.file_of(session, file_id)
            opinion = OPINIONS[file.program_id]
            same = {k: opinion[k] for k in ("category", "amount", "people")}
            confirming.approve(
                session, file, self.program(file), self.portal.catalogue,
                GRANT | same | changes, actor=self["confirmer"], now=self.now,
            )  # fmt: skip

    def paying(self, file_id: UUID) -> None:
        with self.writing() as session:
            file = cases.file_of(session, file_id)
            adjusting.start_paying(
                session, file, self.portal.catalogue, actor=self["confirmer"], now=self.now
            )

    def reviewing(self, file_id: UUID) -> None:
        with self.writing() as session:
            file = cases.file_of(session, file_id)
            adjusting.review_again(session, file, actor=self["chen"], now=self.now)

    def asked(self, file_id: UUID, change: str, amount: int | None = None) -> None:
        with self.writing() as session:
            file = cases.file_of(session, file_id)
            hearing.ask(
                session, file, change, sentence="女儿上班了。", law="《社会救助法》第47条",
                answer_by=self.today + timedelta(days=14), amount=amount,
                actor=self["reviewer"], now=self.now,
            )  # fmt: skip


def opened(portal: Portal) -> Offices:
    found = Offices(portal)
    with portal.database.writing() as session:
        if session.get(regions.Region, TOWNSHIP) is None:
            files.add_regions(session)
    found.hire()
    return found


def hired(session: Session, name: str, called: str, role: Role, region: str) -> Actor:
    """A member of staff without the cost of a password."""
    staff = Staff(
        username=name, display_name=called, role=role, region_code=region, password_hash="x",
        key_id=vault.new_key(session, "person", now=NOW), totp_sealed=b"", session_version=1,
        totp_last_step=0, active=True, created_at=NOW,
    )  # fmt: skip
    session.add(staff)
    session.flush()
    return Actor(role, staff.id, region, called)


def applied(offices: Offices, program_id: str = "dibao", **changes: Any) -> UUID:
    """Submitted and accepted."""
    program = offices.portal.catalogue.find(program_id)
    with offices.portal.database.writing() as session:
        actor = files.resident(session, "13812345678")
        file = applications.start(session, program, account_id=actor.id, actor=actor, now=NOW)
        answers = ANSWERS[program_id] | changes
        applications.save_answers(session, file, program, answers, revision=0, actor=actor, now=NOW)
        file_id = file.id
    files.submit(offices.portal, file_id)
    with offices.writing() as session:
        file = cases.file_of(session, file_id)
        office.accept(session, file, actor=offices["clerk"], now=offices.now)
    return file_id


def surveyed(offices: Offices, session: Session, file: Application, lines: dict[str, Any]) -> None:
    """Both investigators were there and found what was declared, but for `lines`."""
    ids = [str(offices["chen"].id), str(offices["zhou"].id)]
    changes = {
        "investigators": ids,
        "on": offices.today.isoformat(),
        "how": ["visit"],
        "lines": {
            name: {"state": "corrected", "value": value, "why": "看了账本。"}
            for name, value in lines.items()
        },
    }
    program = offices.program(file)
    draft = surveying.draft(session, file)
    surveying.save(
        session, file, program, changes, revision=draft.revision if draft else 0,
        actor=offices["chen"], now=offices.now,
    )  # fmt: skip
    surveying.finish(session, file, program, actor=offices["chen"], now=offices.now)


def on_the_road(offices: Offices, program_id: str, until: str, **answers: Any) -> UUID:
    """applied · surveyed · opinion · county · granted · paying · reviewing."""
    file_id = applied(offices, program_id, **answers)
    steps = [
        ("surveyed", offices.surveyed), ("opinion", offices.opinion), ("county", offices.to_county),
        ("granted", offices.granted), ("paying", offices.paying), ("reviewing", offices.reviewing),
    ]  # fmt: skip
    if until == "applied":
        return file_id
    for name, step in steps:
        step(file_id)
        if name == until:
            return file_id
    raise ValueError(until)


def owner(file: Application) -> Actor:
    return files.owner(file)


def do(offices: Offices, file_id: UUID, act: Any) -> Any:
    """One act in a transaction of its own: `act(session, file)`."""
    with offices.portal.database.writing() as session:
        return act(session, cases.file_of(session, file_id))


def look(offices: Offices, file_id: UUID, at: Any) -> Any:
    with offices.portal.database.reading() as session:
        return at(session, cases.file_of(session, file_id))


def status(offices: Offices, file_id: UUID) -> str:
    return str(look(offices, file_id, lambda _session, file: file.status))
