"""A furnished village: an assistant with households in every state, and one without a code yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.assembly import Portal
from portal.casework import events
from portal.casework.leads import reporting
from portal.casework.leads.reporting import Said
from portal.contact import in_person
from portal.contact.tables import Errand
from portal.filing import applications, helping, village_help
from portal.handover import submission, urgent
from portal.people import appointments, consents, mandates, rosters, sign_in
from portal.people.access import Actor, Role
from portal.people.appointment_tables import Appointment
from portal.people.mandate_tables import Mandate
from portal.policy.lifecycle import Party, Status
from tests.pages.furnished import ANSWERS
from tests.people import assistants

PHONE, NEW = "13900000001", "13900000002"
HOMES = (
    ("石桂香", "3组", "12号"), ("王秀英", "3组", ""), ("李大山", "1组", ""), ("田小妹", "", ""),
    ("龙阿婆", "上湾组", "老祠堂旁边"),
)  # fmt: skip
_ASKED = [
    {"item": "medical_bills", "sentence": "请补拍看病的单子。"},
    {"item": "phone", "sentence": "电话打不通，请改一下。"},
]


@dataclass(frozen=True)
class Village:
    """The two accounts, what makes the first one's browser known, and two mandates in force."""

    assistant: UUID
    newcomer: UUID
    device: str
    first: UUID
    second: UUID


def furnish(portal: Portal, *, now: datetime) -> Village:
    with portal.database.writing() as session:
        assistants.appoint(session, PHONE, now=now)
        assistants.appoint(session, NEW, now=now, name="王协理")
        both = [sign_in.open_account(session, phone, now=now) for phone in (PHONE, NEW)]
        for account in both:
            appointments.take_up(session, account, now=now)
            consents.give(session, account, consents.KINDS, now=now)
        account = both[0]
        who = Actor(Role.APPLICANT, account.id)
        held = appointments.held(session, account.id, now=now)
        entries = [rosters.add(session, held, *home, actor=who, now=now) for home in HOMES]
        begin = lambda entry: village_help.begin(  # noqa: E731
            session, entry, held, account, actor=who, now=now
        )
        returned, draft, asked = [begin(entry) for entry in entries[:3]]
        for mandate, program in ((returned, "dibao"), (draft, "linshi")):
            _file(portal, session, mandate, program, who, now=now)
        _return(portal, session, returned, who, now=now)
        _to_tell(portal, session, held[0], now=now)
        mandates.flag(asked, mandates.WAITS)
        entries[3].to_ask_since = now
        rosters.visit(session, entries[1], actor=who, now=now)
        rosters.visit(session, entries[0], actor=who, now=now - timedelta(days=19))
        said = Said(held[0].village_code, "老人一个人，病了没人管。", "河边最后一家")
        reporting.report(session, said, device="", now=now)
        device = assistants.device(session, account, now=now)
        return Village(account.id, both[1].id, device, returned.id, draft.id)


def _to_tell(portal: Portal, session: Any, held: Appointment, *, now: datetime) -> None:
    """One of whom the roster knows the name, one whom the township has to name."""
    program = portal.catalogue.find("linshi")
    wanted = {
        "place": {"code": held.village_code, "address": ""}, "found_by": "村口小卖部",
        "needs": ["food"], "happened": "", "name": "",
    }  # fmt: skip
    file, _receipt = urgent.ask(session, program, urgent.answers(program, wanted), now=now)
    place = in_person.Place(held.village_code, held.region_path)
    in_person.ask(session, file.id, "progress", place=place, why=in_person.UNDELIVERED, now=now)
    for errand in session.scalars(select(Errand)):
        errand.region_code = held.village_code


def _file(
    portal: Portal, session: Any, mandate: Mandate, program_id: str, who: Actor, *, now: datetime
) -> None:
    program = portal.catalogue.find(program_id)
    made = helping.start(session, mandate, portal.catalogue, program, actor=who, now=now)
    granted = mandates.grant(session, made.household_id, program_id, actor=who, now=now)
    few = {"phone", "household_place", "reason"} & {f.name for f in program.form.fields}
    answers = {name: ANSWERS[name] for name in few} if program_id == "dibao" else {}
    applications.save_answers(
        session, made, program, answers, revision=made.revision, actor=who.under(granted), now=now
    )


def _return(portal: Portal, session: Any, mandate: Mandate, who: Actor, *, now: datetime) -> None:
    (file,) = helping.visible(session, mandate, now=now)
    granted = mandates.grant(session, file.household_id, "dibao", actor=who, now=now)
    program = portal.catalogue.find("dibao")
    submission.submit(session, file, program, actor=who.under(granted), now=now)
    events.record(
        session, file, "returned", after=Status.RETURNED, party=Party.TOWNSHIP, actor="test",
        said={"items": _ASKED}, now=now,
    )  # fmt: skip
