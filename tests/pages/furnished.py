"""A portal where everything a resident can see is there to be looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework import events
from portal.casework.talk import thread
from portal.filing import applications, documents, photo_process, preparing
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.handover import submission
from portal.people import consents, sign_in
from portal.people.access import Actor, Role
from portal.people.tables import Account
from portal.policy.lifecycle import Party, Status
from tests.journeys.story import PHOTOS
from tests.pages import families
from tests.pages.families import Family

TOWNSHIP = "433127103"
ANSWERS: dict[str, Any] = {
    "filled_in_by": "neighbour",
    "applicant_name": "石桂香",
    "applicant_id_number": "433127195411081222",
    "phone": "13874312345",
    "household_place": {"code": TOWNSHIP, "address": "三组12号"},
    "reason": ["illness", "old_age"],
    "reason_words": "老伴走了，我常年吃药。",
    "lives_elsewhere": True,
    "applicant_health": ["disability_2"],
    "members": [
        {"row": "a1", "name": "石小军", "relation": "grandchild", "birth_date": "2014-03-05"},
        {"row": "b2", "name": "石建国", "relation": "dependent_child", "health": ["healthy"]},
    ],
    "income_wage": 120050,
    "income_transfer": "unsure",
    "assets": ["savings"],
    "near_kin": "present",
}
_ASKED = [
    {"item": "medical_bills", "sentence": "请补拍看病的单子。"},
    {"item": "phone", "sentence": "电话打不通，请改一下。"},
]


@dataclass(frozen=True)
class Furnished:
    """The accounts, and the addresses of the first one's applications."""

    owner: UUID
    newcomer: UUID
    draft: str
    returned: str
    accepted: str
    denied: str
    family: Family

    def paths(self) -> list[str]:
        steps = [
            "helper", "applicant", "contact", "household_place", "reason", "living", "apply_type",
            "own_health", "household", "income", "assets", "expenses", "account", "declarations",
        ]  # fmt: skip
        of_draft = [f"steps/{step}" for step in steps] + [
            "tasks", "photos", "photos/id_card", "sign", "sign/applicant", "sign/member:b2",
            "sign/print", "check",
        ]  # fmt: skip
        of_case = ["", "/receipt", "/withdrawal", "/photos"]
        return [
            *(f"{self.draft}/{part}" for part in of_draft),
            *(f"{self.returned}{part}" for part in of_case),
            self.accepted,
            self.denied,
            f"{self.accepted}/messages",
            *(f"{self.accepted}/{part}" for part in ("changes", "recheck", "unlisted")),
            f"{self.denied}/opinion",
            f"/complain?about={self.accepted.rpartition('/')[2]}",
            "/messages",
            "/code-word",
            "/me/contact",
            "/applications",
            "/my-checks",
            "/apply/dibao",
            "/me",
            "/me/phone",
            *self.family.paths(),
        ]


OPEN = [
    "/", "/guide/dibao", "/guide/dibao?place=433127", "/guide/linshi", "/apply/linshi",
    "/help-now", "/search?q=%E7%9C%8B%E7%97%85", "/contacts", "/contacts?place=430923121", "/self-check", "/self-check?place=430923",
    "/household/start?program=yiliao", "/status", "/sign-in", "/privacy", "/nowhere", "/complain", "/complaint",
    "/guides", "/offline", "/waiting", "/round", "/fill/dibao", "/report", "/report/answer",
    "/notices", "/notices?place=430923121", "/notices/objections",
]  # fmt: skip


def furnish(portal: Portal, *, now: datetime, phone: str = "13874312345") -> Furnished:
    with portal.database.writing() as session:
        account = _account(session, phone, now=now)
        newcomer = sign_in.open_account(session, "13800000001", now=now)
        made = [_application(portal, session, account, now=now) for _ in range(4)]
        draft, returned, accepted, denied = [one.id for one in made]
        owner = account.id
        newcomer_id = newcomer.id
    _photograph(portal, owner, draft, now=now)
    with portal.database.writing() as session:
        _move(portal, session, returned, [], now=now)
        _say(session, returned, "returned", Status.RETURNED, Party.TOWNSHIP, {"items": _ASKED}, now)
        _move(portal, session, accepted, ["accepted"], now=now)
        _talk(session, accepted, now=now)
        road = ["accepted", "surveying", "first_review", "county_review"]
        _move(portal, session, denied, road, now=now)
        why = {"sentence": "收入高于当地标准。", "basis": "社会救助法 第18条"}
        _say(session, denied, "denied", Status.DENIED, Party.COUNTY, why, now)
    at = [f"/applications/{one}" for one in (draft, returned, accepted, denied)]
    return Furnished(
        owner, newcomer_id, *at, family=families.furnish(portal, owner, ANSWERS, now=now)
    )


def cookie(portal: Portal, account_id: UUID, *, now: datetime | None = None) -> str:
    """What makes one browser signed in; each browser needs its own."""
    with portal.database.writing() as session:
        account = session.get_one(Account, account_id)
        return sign_in.issue(session, account=account, now=now or utc_now())


def _account(session: Session, phone: str, *, now: datetime) -> Account:
    account = sign_in.open_account(session, phone, now=now)
    consents.give(session, account, consents.KINDS, now=now)
    return account


def _application(
    portal: Portal, session: Session, account: Account, *, now: datetime
) -> Application:
    program, who = portal.catalogue.find("dibao"), Actor(Role.APPLICANT, account.id)
    made = applications.start(session, program, account_id=account.id, actor=who, now=now)
    applications.save_answers(session, made, program, ANSWERS, revision=0, actor=who, now=now)
    return made


def _photograph(portal: Portal, account_id: UUID, draft: UUID, *, now: datetime) -> None:
    files = {"id_card": "id_front_L2_00.jpg", "hukou_book": "hukou_L2_00.jpg"}
    for item, file in files.items():
        received = documents.check((PHOTOS / file).read_bytes(), None)
        with portal.database.reading() as reading:
            blob = documents.seal_and_store(reading, portal.blobs, draft, received)
        with portal.database.writing() as session:
            documents.add(
                session, session.get_one(Application, draft), portal.catalogue.find("dibao"),
                item=item, received=received, blob=blob,
                actor=Actor(Role.APPLICANT, account_id), now=now,
            )  # fmt: skip
    process = photo_process.PhotoProcess()
    try:
        preparing.prepare_due(portal, process, now=now)
    finally:
        process.close()


def _move(
    portal: Portal, session: Session, application_id: UUID, road: list[str], *, now: datetime
) -> None:
    application = session.get_one(Application, application_id)
    who = Actor(Role.APPLICANT, application.account_id)  # type: ignore[arg-type]
    program = portal.catalogue.find("dibao")
    submission.submit(session, application, program, actor=who, now=now)
    for kind in road:
        _say(session, application_id, kind, Status(kind), Party.TOWNSHIP, {}, now)


def _talk(session: Session, application_id: UUID, *, now: datetime) -> None:
    """A question and an answer nobody has read."""
    application = session.get_one(Application, application_id)
    who = Actor(Role.APPLICANT, application.account_id)  # type: ignore[arg-type]
    clerk = Actor(Role.TOWNSHIP_CLERK, UUID(int=1), TOWNSHIP)
    words = "请问什么时候上门？我周三要去看病。"
    thread.write(session, application, uuid4(), text=words, actor=who, now=now)
    thread.write(session, application, uuid4(), text="周五上午来。", actor=clerk, now=now)


def _say(
    session: Session, application_id: UUID, kind: str, after: Status, party: Party,
    said: dict[str, Any], now: datetime,
) -> None:  # fmt: skip
    application = session.get_one(Application, application_id)
    events.record(
        session, application, kind, after=after, party=party, actor="test", said=said, now=now
    )
