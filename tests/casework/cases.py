"""Files in the office's hands, made in a few lines through the verbs people use."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework import events, office
from portal.filing.tables import Application
from portal.handover import embedded, outbox
from portal.people.access import Actor
from portal.policy.lifecycle import MOVES, Party, Status
from tests.conftest import NOW
from tests.handover import files

SAID = {
    "returned": {"items": [{"item": "bank_account", "sentence": "请拍有卡号的一面。"}]},
    "transferred": {"place": "430923118", "sentence": "户口在梅城镇。"},
    "declined": {"reason": "duplicate", "sentence": "上月已有一份在办。"},
    "alert_answered": {"name": "李主任"},
    "denied": {"sentence": "人均收入高于本地标准。"},
    "stopped": {"sentence": "收入已稳定高于标准。", "heard_on": "2026-11-20"},
    "aborted": {"sentence": "两次上门都不配合核对。"},
}
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
    """By the shortest road of the table, each move by its own party."""
    for move in road_to(status):
        kind = kind_to(move.after)
        if kind is None:
            application.status = move.after
            continue
        events.record(
            session, application, kind, after=move.after, party=move.party, actor="portal",
            said=SAID.get(kind), now=NOW,
        )  # fmt: skip


def road_to(status: Status) -> list:
    roads: dict[Status, list] = {Status.SUBMITTED: []}
    edge = [Status.SUBMITTED]
    while status not in roads:
        before = edge.pop(0)
        for move in MOVES:
            if move.before is before and move.after not in roads:
                roads[move.after] = [*roads[before], move]
                edge.append(move.after)
    return roads[status]


def kind_to(after: Status) -> str | None:
    return next((kind for kind, status in events.KINDS.items() if status is after), None)


PARTIES = list(Party)
