"""A furnished product once more: a neighbour who helps two households, and one who is helped."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.assembly import Portal
from portal.filing import applications, helping, sign_links
from portal.filing.tables import Application
from portal.handover import submission
from portal.people import consents, households, mandate_basis, mandates, sign_in
from portal.people.access import Actor, Role
from portal.people.mandate_terms import Said
from portal.policy.lifecycle import Status
from tests.api.helped import STROKES
from tests.pages.furnished import ANSWERS

NAME = "石桂香"


@dataclass(frozen=True)
class Helped:
    """The helper's and an owner's account; the mandates and addresses of the first household."""

    helper: UUID
    owner: UUID
    mandate: UUID
    other: UUID
    ended: UUID
    draft: str
    sent: str
    link: str

    def few(self) -> list[str]:
        """The screens that only somebody acting for another ever sees, and three of a file."""
        return [
            f"/helping/{self.mandate}",
            f"/helping/{self.mandate}/yes",
            f"{self.draft}/sorting",
            f"{self.sent}/steps/account",
            f"{self.sent}/signers",
            f"{self.sent}/sign/applicant",
            f"/helping/{self.other}/enter",
        ]

    def acting(self) -> list[str]:
        """Every screen of one household, for whoever acts for it."""
        steps = ["helper", "applicant", "household_place", "household", "account", "declarations"]
        return [
            f"/helping/{self.mandate}",
            f"/helping/{self.mandate}/yes",
            f"/helping/{self.mandate}/payee",
            f"/helping/{self.mandate}/pass",
            *(f"{self.draft}/{part}" for part in ("tasks", "photos", "sorting", "check")),
            *(f"{self.sent}/steps/{step}" for step in steps),
            *(f"{self.sent}{part}" for part in _PARTS),
            "/helping/leave",
            f"/helping/{self.other}/enter",
            f"/helping/{self.ended}",
            "/helping",
            "/applications",
        ]


_PARTS = (
    "", "/receipt", "/photos", "/photos/proxy_letter", "/signers", "/sign/applicant",
    "/sign/print", "/check",
)  # fmt: skip


def furnish(portal: Portal, *, now: datetime) -> Helped:
    with portal.database.writing() as session:
        helper = sign_in.open_account(session, "13800000002", now=now)
        owner = sign_in.open_account(session, "13800000003", now=now)
        for account in (helper, owner):
            consents.give(session, account, consents.KINDS, now=now)
        who = Actor(Role.APPLICANT, helper.id)
        first = _begin(session, helper, who, Said(NAME, "", "邻居", "", "张三", "看不清"), now=now)
        draft = _file(portal, session, first, who, "linshi", now=now)
        sent = _file(portal, session, first, who, "dibao", now=now)
        granted = mandates.grant(session, sent.household_id, "dibao", actor=who, now=now)
        program = portal.catalogue.find("dibao")
        submission.submit(session, sent, program, actor=who.under(granted), now=now)
        sent.status = Status.RETURNED
        mandate_basis.on_screen(session, first, STROKES, actor=who, now=now)
        other = _begin(session, helper, who, Said("李大山", helper="张三"), now=now)
        ended = _begin(session, helper, who, Said("王秀英", helper="张三"), now=now)
        mandates.revoke(session, ended, actor=who, now=now)
        own = Actor(Role.APPLICANT, owner.id)
        home = households.start(session, account_id=owner.id, actor=own, now=now)
        said = Said("王五", helper="王小五", relation="儿子")
        helping.appoint(session, home, "kin", said, helper_phone="13800000002", actor=own, now=now)
        token = sign_links.make(session, sent, program, "applicant", actor=who, now=now)
        return Helped(
            helper.id, owner.id, first.id, other.id, ended.id, f"/applications/{draft.id}",
            f"/applications/{sent.id}", f"/sign/{token}",
        )  # fmt: skip


def _begin(session, helper, who: Actor, said: Said, *, now: datetime):
    return helping.begin(session, "neighbour", said, helper=helper, actor=who, now=now)


def _file(portal, session, mandate, who: Actor, program_id: str, *, now: datetime) -> Application:
    program = portal.catalogue.find(program_id)
    made = helping.start(session, mandate, portal.catalogue, program, actor=who, now=now)
    few = {"applicant_id_number", "phone", "household_place", "members", "reason"}
    names = few & {f.name for f in program.form.fields}
    if program_id == "linshi":
        names -= {"reason", "members"}
    answers = {k: ANSWERS[k] for k in names}
    granted = mandates.grant(session, made.household_id, program_id, actor=who, now=now)
    applications.save_answers(
        session, made, program, answers, revision=made.revision, actor=who.under(granted), now=now
    )
    return made
