"""Files in the office's hands, made in a few lines through the verbs people use."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework import events, office
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.handover import embedded, outbox
from portal.people.access import Actor
from portal.policy.lifecycle import MOVES, Move, Party, Status, moves_of
from tests.conftest import NOW
from tests.handover import files

SAID = {
    "returned": {"items": [{"item": "bank_account", "sentence": "请拍有卡号的一面。"}]},
    "transferred": {"place": "430923118", "sentence": "户口在梅城镇。"},
    "declined": {"reason": "duplicate", "sentence": "上月已有一份在办。"},
    "alert_answered": {"name": "李主任"},
    "next_tier": {"sentence": "已帮您转评低保边缘。"},
    "matter_added": {"sentence": "窗口帮您加办。"},
    "denied": {"sentence": "人均收入高于本地标准。"},
    "stopped": {"sentence": "收入已稳定高于标准。"},
    "aborted": {"sentence": "两次上门都不配合核对。"},
    "check_dispute": {"sentence": "那笔钱是借的。"},
    "check_dispute_answered": {"sentence": "看了借条，不算收入。"},
    "county_returned": {"sentence": "请补查土地流转收入。"},
    "reduced": {"amount": 30000, "sentence": "女儿开始上班。"},
    "graduating": {"until": "2027-05-31"},
    "aided": {"amount": 50000, "how": "cash"},
    "referred": {"to": "县医保局", "sentence": "住院费用大。"},
    "referral_returned": {"sentence": "不在我县参保。"},
    "closed": {"result": "helped", "sentence": "办好了。"},
    "correction": {"corrects": "00000000-0000-4000-8000-000000000001", "sentence": "写错了。"},
    "photo_accepted": {"document": "00000000-0000-4000-8000-000000000002"},
    "photo_retake": {
        "document": "00000000-0000-4000-8000-000000000002", "sentence": "号码看不清。",
    },
    "extended": {"reason": "hard_survey", "until": "2027-01-22"},
    "visit": {"investigators": ["陈一", "周二"], "on": "2026-11-22"},
    "visit_planned": {"investigators": ["陈一", "周二"], "on": "2026-11-25"},
    "visit_change": {"sentence": "那天要去医院。"},
    "near_kin": {"sentence": "是镇干部的叔叔。"},
    "first_reviewed": {"opinion": "fit", "amount": 50000},
    "objected": {"code": "G1"},
    "decision_delivered": {"how": "in_person"},
    "hearing_asked": {"sentence": "女儿上班了，想听您说说。"},
    "heard": {"on": "2026-11-20", "how": "phone", "sentence": "她说还不够用。"},
    "registered_small": {"cause": "失火", "amount": 50000, "handling": "当天送米送钱。"},
    "conference": {"sentence": "同意再救助一次。"},
    "handed_out": {"amount": 20000, "how": "cash"},
    "need_referred": {"to": "县住建局", "sentence": "房子漏雨。"},
    "need_answered": {"sentence": "已经上门看过。"},
    "death": {"member": "刘桂香"},
}  # fmt: skip
"""The least that must be said with the kinds that need words."""


def handed_in(portal: Portal, answers: dict[str, object] | None = None, **more: str) -> UUID:
    """Submitted, delivered, waiting in its township's queue."""
    file_id = files.draft(portal, answers or files.LEAST, **more)
    files.submit(portal, file_id)
    deliver(portal)
    return file_id


def deliver(portal: Portal, now: datetime = NOW) -> None:
    outbox.drain(portal, partial(embedded.deliver, portal, now=now), now=now)


def file_of(session: Session, file_id: UUID) -> Application:
    return session.get_one(Application, file_id)


def accepted(portal: Portal, actor: Actor | None = None, **more: str) -> UUID:
    file_id = handed_in(portal, **more)
    with portal.database.writing() as session:
        office.accept(session, file_of(session, file_id), actor=actor or files.clerk(), now=NOW)
    return file_id


def put_into(session: Session, application: Application, status: Status) -> None:
    """By the shortest road of its machine, each move by its own party.

    A status that no file of its machine gets into is reached as a file of one that has it.
    """
    if all(status not in (m.before, m.after) for m in moves_of(application.machine)):
        application.machine = next(m.machine for m in MOVES if status in (m.before, m.after))
    for move in road_to(status, application.machine):
        make(session, application, move)


def make(session: Session, application: Application, move: Move, kind: str = "") -> None:
    """One move as its party makes it; heard first where the law wants it."""
    kind = kind or next(iter(move.kinds), "")
    if not kind:
        application.status = move.after
        return
    if kind in ("stopped", "reduced"):
        note(session, application, "heard", Party.COUNTY)
    events.record(
        session, application, kind, after=move.after, party=move.party, actor="portal",
        said=SAID.get(kind), now=NOW,
    )  # fmt: skip


def note(session: Session, application: Application, kind: str, party: Party) -> CaseEvent:
    return events.record(
        session, application, kind, after=None, party=party, actor="portal",
        said=SAID.get(kind), now=NOW,
    )  # fmt: skip


def road_to(status: Status, machine: str = "standard") -> list[Move]:
    roads: dict[Status, list[Move]] = {Status.SUBMITTED: []}
    edge = [Status.SUBMITTED]
    while status not in roads:
        before = edge.pop(0)
        for move in moves_of(machine):
            if move.before is before and move.after not in roads:
                roads[move.after] = [*roads[before], move]
                edge.append(move.after)
    return roads[status]


def kind_to(after: Status) -> str | None:
    return next((kind for kind, status in events.KINDS.items() if status is after), None)


PARTIES = list(Party)
