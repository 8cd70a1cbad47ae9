"""A furnished product once more: a neighbour who helps two households, and one who is helped."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule

from portal.assembly import Portal
from portal.casework import events, office
from portal.casework.decision import letters
from portal.filing import applications, helping, sign_links
from portal.filing.tables import Application
from portal.handover import submission
from portal.people import consents, households, mandate_basis, mandates, sign_in
from portal.people.access import Actor, Role
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import Said
from portal.policy.lifecycle import Party, Status
from tests.api.helped import STROKES
from tests.casework.decision import offices as making
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
    late: str = ""
    decided: str = ""
    letter: str = ""
    home: str = ""

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

    def acting(self, app: Flask) -> list[str]:
        """Every screen of one household, for whoever acts for it; not the single topics."""
        words = {
            "mandate_id": str(self.mandate), "household_id": self.home,
            "decision_id": self.letter, "item": "id_card", "signer": "applicant",
        }  # fmt: skip
        found = [
            _filled(rule, {**words, "application_id": file})
            for rule in screens(app)
            for file in self._files(rule.endpoint)
        ]
        about = f"/complain?about={self.late}"
        others = ["/helping/leave", f"/helping/{self.other}/enter", f"/helping/{self.ended}"]
        return [*found, about, *others, "/helping", "/applications"]

    def _files(self, endpoint: str) -> list[str]:
        """The files whose screen this is; otherwise the one that is late."""
        at = {"draft": self.draft, "sent": self.sent, "late": self.late, "decided": self.decided}
        return [at[name].rpartition("/")[2] for name in _FILES.get(endpoint, ("late",))]


_FILES = {
    "cases.one": ("sent", "late", "decided"),
    "apply.tasks": ("sent",),
    "apply.check": ("sent",),
    "sorting_page.ask": ("draft",),
    "photos.all_papers": ("draft", "sent"),
    "photos.one_paper": ("sent",),
    "signing.everybody": ("sent", "late"),
    "my_decisions.one": ("decided",),
    "my_decisions.ask": ("decided",),
    "my_decisions.objected": ("decided",),
    "rating.ask": ("decided",),
    "after.ask_change": ("decided",),
    "after.ask_recheck": ("decided",),
    "after.ask_to_hide": ("decided",),
}
ELSEWHERE = {
    "my_decisions.letter": "a PDF",
    "helping.slip": "a PDF",
    "apply.receipt_code": "a picture",
    "helping.ask_enter": "of another household, shown by itself",
    "check_result.read": "a helper never sees it",
    "readers_page.who_looked": "a helper never sees it",
    "cases.ask_withdrawal": "a helper never withdraws",
    "agreeing.question": "a helper never agrees for another",
    "hand_in.sign": "leads on to where somebody signs",
    "steps.read": "each topic as the list of tasks leads to it",
    "walking.read": "each topic as the list of tasks leads to it",
}
"""Addresses of a household that are no screen of whoever acts for it, and why."""


def screens(app: Flask) -> list[Rule]:
    """Every page of one file, household or mandate that a helper may come to."""
    of = {"application_id", "household_id", "mandate_id"}
    return [
        rule
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if "GET" in (rule.methods or ())
        and rule.arguments & of
        and not rule.rule.startswith(("/api/", "/desk/"))
        and rule.endpoint not in ELSEWHERE
    ]


def _filled(rule: Rule, words: Mapping[str, str]) -> str:
    """The rule's address with these words in its places."""
    path = rule.rule
    for name in rule.arguments:
        path = re.sub(rf"<[^<>]*\b{name}>", words[name], path)
    return path


def furnish_whole(portal: Portal, *, now: datetime) -> Helped:
    """A household that has two files more: one accepted and late, one decided."""
    made = furnish(portal, now=now, phones=("13800000005", "13800000006"))
    who = Actor(Role.APPLICANT, made.helper)
    with portal.database.writing() as session:
        first = session.get_one(Mandate, made.mandate)
        late = f"/applications/{_late(portal, session, first, who, now=now).id}"
        home = str(first.household_id)
    decided, letter = _decided(portal, made.mandate, who, now=now - timedelta(days=40))
    at = f"/applications/{decided}"
    return replace(made, late=late, decided=at, letter=str(letter), home=home)


def furnish(
    portal: Portal, *, now: datetime, phones: tuple[str, str] = ("13800000002", "13800000003")
) -> Helped:
    with portal.database.writing() as session:
        helper = sign_in.open_account(session, phones[0], now=now)
        owner = sign_in.open_account(session, phones[1], now=now)
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
        helping.appoint(session, home, "kin", said, helper_phone=phones[0], actor=own, now=now)
        token = sign_links.make(session, sent, program, "applicant", actor=who, now=now)
        return Helped(
            helper.id, owner.id, first.id, other.id, ended.id, f"/applications/{draft.id}",
            f"/applications/{sent.id}", f"/sign/{token}",
        )  # fmt: skip


def _late(portal, session, mandate, who: Actor, *, now: datetime) -> Application:
    """Accepted, and every clock ran out."""
    earlier, program = now - timedelta(days=60), portal.catalogue.find("tekun")
    late = _file(portal, session, mandate, who, "tekun", now=now)
    granted = mandates.grant(session, late.household_id, "tekun", actor=who, now=now)
    submission.submit(session, late, program, actor=who.under(granted), now=earlier)
    events.record(
        session, late, "accepted", after=Status.ACCEPTED, party=Party.TOWNSHIP, actor="test",
        said={}, now=earlier,
    )  # fmt: skip
    return late


def _decided(portal, mandate_id: UUID, who: Actor, *, now: datetime) -> tuple[UUID, UUID]:
    """Granted, looked at again, and the person is asked before it ends; with its letter."""
    offices = making.opened(portal)
    offices.now = now
    with portal.database.writing() as session:
        mandate = session.get_one(Mandate, mandate_id)
        dibian = portal.catalogue.find("dibian")
        acts = {"actor": who, "now": datetime.now(now.tzinfo)}
        file = helping.start(session, mandate, portal.catalogue, dibian, **acts)
        granted = mandates.grant(session, file.household_id, "dibian", **acts)
        by = {"actor": who.under(granted), "now": now}
        answers = making.ANSWERS["dibian"]
        applications.save_answers(session, file, dibian, answers, revision=file.revision, **by)
        submission.submit(session, file, dibian, **by)
        office.accept(session, file, actor=offices["clerk"], now=now)
        file_id = file.id
    for step in (offices.surveyed, offices.opinion, offices.to_county, offices.granted):
        step(file_id)
    offices.paying(file_id)
    offices.reviewing(file_id)
    offices.asked(file_id, "stopped")
    with portal.database.reading() as session:
        (letter,) = letters.of(session, session.get_one(Application, file_id))
        return file_id, letter.id


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
