"""Leads at the desk: verified by the township, then helped, told, or found not to need it.

Moves are those of lifecycle.yaml (leads). 「暂不符合」 closes nothing for the household: anybody
may still apply, and the township may still help.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from portal.casework import duties
from portal.casework.aid import arrival
from portal.casework.leads import reporting
from portal.casework.leads.tables import Lead, LeadStep
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people import households, mandates, sign_in
from portal.people.access import Actor
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import Said
from portal.policy import regions, signals
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import LEADS, LeadMove, LeadStatus

LABELS = {
    LeadStatus.REPORTED: "等核实", LeadStatus.VERIFIED: "核实过，等办",
    LeadStatus.INFORMED: "已告知怎么申请", LeadStatus.ASSISTED: "已帮着办",
    LeadStatus.NOT_ELIGIBLE: "暂不需要救助",
}  # fmt: skip
OPEN = (LeadStatus.REPORTED, LeadStatus.VERIFIED)
MOST_CHARACTERS = 300
_MOST = 200
_FOUND_BY = "主动发现"


@dataclass(frozen=True)
class Waiting:
    """What is to be seen to, the oldest first, and what was seen to lately."""

    open: Sequence[Lead]
    done: Sequence[Lead]


def lists(session: Session, *, actor: Actor) -> Waiting:
    """Of this person's division. Raises Forbidden."""
    duties.check_reader(actor)
    rows = select(Lead).where(_scope(actor))
    waits = Lead.status.in_(OPEN)
    return Waiting(
        session.scalars(rows.where(waits).order_by(Lead.created_at, Lead.id).limit(_MOST)).all(),
        session.scalars(rows.where(~waits).order_by(Lead.done_at.desc(), Lead.id).limit(50)).all(),
    )


def count(session: Session, *, actor: Actor) -> int:
    """How many wait in this division."""
    rows = select(func.count()).where(_scope(actor), Lead.status.in_(OPEN))
    return session.scalar(rows) or 0


def find(session: Session, lead_id: UUID, *, actor: Actor, to_act: bool = False) -> Lead:
    """Raises NotFound for another division's, Forbidden for who only looks and would act."""
    duties.check_reader(actor)
    rows = select(Lead).where(Lead.id == lead_id, _scope(actor))
    found = session.scalars(rows.with_for_update() if to_act else rows).first()
    if found is None:
        raise NotFound("没有找到这条线索。")
    if to_act and not actor.holds(*duties.TOWNSHIP):
        raise Forbidden("核实线索由乡镇（街道）来做。", code="party_not_allowed")
    return found


def opened(session: Session, lead: Lead) -> dict[str, Any]:
    """{id, signal, status, label, place, what, find, why, created_at, late_since, erased_at,
    application_id, mandate_id, may, steps}: no word of who reported, which nobody keeps."""
    rows = select(LeadStep).where(LeadStep.lead_id == lead.id).order_by(LeadStep.at, LeadStep.id)
    return {
        **reporting.about(session, lead),
        **{name: getattr(lead, name) for name in (
            "id", "status", "created_at", "late_since", "erased_at", "application_id", "mandate_id",
        )},
        "signal": signal_words(lead.signal),
        "label": LABELS[LeadStatus(lead.status)],
        "place": regions.full_name(session, lead.region_code),
        "may": [str(move.after) for move in _moves(lead)],
        "steps": [_step(session, lead, row) for row in session.scalars(rows)],
    }  # fmt: skip


def signal_words(signal: str) -> str:
    known = signals.load().kinds
    return known[signal].title if signal in known else "有人反映"


def of_villages(session: Session, codes: Collection[str]) -> Sequence[Lead]:
    """What nobody has looked at yet in an assistant's own villages, the oldest first."""
    rows = select(Lead).where(Lead.region_code.in_(codes), Lead.status == LeadStatus.REPORTED)
    return session.scalars(rows.order_by(Lead.created_at, Lead.id).limit(_MOST)).all()


def look(
    session: Session, lead_id: UUID, codes: Collection[str], sentence: str,
    *, actor: Actor, now: datetime,
) -> Lead:  # fmt: skip
    """An assistant went there: the township goes on from what they saw. What else may follow is
    the township's. Raises NotFound beyond the own villages, Conflict, Invalid (sentence)."""
    rows = select(Lead).where(Lead.id == lead_id, Lead.region_code.in_(codes))
    found = session.scalars(rows.with_for_update()).first()
    if found is None:
        raise NotFound("没有找到这条线索。")
    _move(session, found, LeadStatus.VERIFIED, sentence, actor=actor, now=now)
    return found


def note_reading(session: Session, lead: Lead, *, actor: Actor, now: datetime) -> None:
    audit.record(session, "read.lead", actor=str(actor), subject=lead.id, now=now)


def move(
    session: Session, lead: Lead, after: str, sentence: str, *, actor: Actor, now: datetime
) -> None:
    """Verified, told how to apply, or not in need, each with a sentence of what was found.

    Raises Conflict (move_not_allowed), Invalid (sentence). Helping has acts of its own.
    """
    if after == LeadStatus.ASSISTED:
        raise _not_now()
    _move(session, lead, after, sentence, actor=actor, now=now)


def file_emergency(
    session: Session, lead: Lead, catalogue: Catalogue, person: str, sentence: str,
    *, actor: Actor, now: datetime,
) -> Application:  # fmt: skip
    """It becomes an application for 临时救助, filed by the township (第39、50条).

    Raises Invalid (person, sentence), Conflict.
    """
    _check(lead, LeadStatus.ASSISTED, sentence)
    told = reporting.about(session, lead)
    if not person.strip():
        raise Invalid("请写是谁。", fields={"person": ["请写姓名，不知道就写大概。"]})
    made = arrival.register(
        session, catalogue, person, told["what"][:200], found_by=_FOUND_BY,
        address=f"{regions.find(session, lead.region_code).name} {told['find']}", actor=actor,
        now=now,
    )  # fmt: skip
    lead.application_id = made.id
    _move(session, lead, LeadStatus.ASSISTED, sentence, actor=actor, now=now)
    return made


def link(
    session: Session, lead: Lead, reference_no: str, sentence: str, *, actor: Actor, now: datetime
) -> Application:
    """The household applied itself: its file. Raises Invalid (reference_no), Conflict."""
    _check(lead, LeadStatus.ASSISTED, sentence)
    rows = select(Application).where(
        Application.reference_no == reference_no.strip(), duties.scope(actor)
    )
    found = session.scalars(rows).first()
    if found is None:
        raise Invalid("没有找到这个编号。", fields={"reference_no": ["请核对十位编号。"]})
    lead.application_id = found.id
    _move(session, lead, LeadStatus.ASSISTED, sentence, actor=actor, now=now)
    return found


def assist(
    session: Session, lead: Lead, said: Said, helper_phone: str, *, actor: Actor, now: datetime
) -> Mandate:
    """主动帮助: the helper named here may fill in for the household from their next sign-in on.

    A mandate without a basis, flagged so that the visit asks. Raises Invalid by field, Conflict.
    """
    _check(lead, LeadStatus.ASSISTED, said.why or "主动帮助")
    helper = sign_in.find_account(session, helper_phone)
    household = households.start(
        session, account_id=None, region_code=lead.region_code, actor=actor, now=now
    )
    mandate = mandates.start(
        session, household, "proactive", said, helper=helper, helper_phone=helper_phone,
        actor=actor, now=now,
    )  # fmt: skip
    lead.mandate_id = mandate.id
    _move(
        session, lead, LeadStatus.ASSISTED, f"请{said.helper.strip()}帮着办。", actor=actor, now=now
    )
    return mandate


def _move(
    session: Session, lead: Lead, after: str, sentence: str, *, actor: Actor, now: datetime
) -> None:
    words = _check(lead, after, sentence)
    lead.status, lead.done_at = after, None if after in OPEN else now
    made = uuid4()
    session.add(
        LeadStep(
            id=made, lead_id=lead.id, after=after, by=str(actor), at=now,
            words_sealed=vault.seal_text(session, lead.key_id, words, place=_at(made)),
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, "move.lead", actor=str(actor), subject=lead.id, detail={"after": after}, now=now
    )


def _check(lead: Lead, after: str, sentence: str) -> str:
    """The sentence, trimmed, when the table has the move."""
    if after not in [move.after for move in _moves(lead)]:
        raise _not_now()
    words = sentence.strip()
    if not words or len(words) > MOST_CHARACTERS:
        text = f"请写一句看到什么、怎么办的，最多{MOST_CHARACTERS}字。"
        raise Invalid(text, fields={"sentence": [text]})
    return words


def _moves(lead: Lead) -> list[LeadMove]:
    """By the table; what was forgotten goes nowhere any more."""
    return [move for move in LEADS if move.before == lead.status and lead.erased_at is None]


def _not_now() -> Conflict:
    return Conflict("线索现在不在这一步。请刷新。", code="move_not_allowed")


def _step(session: Session, lead: Lead, row: LeadStep) -> dict[str, Any]:
    sealed, place = row.words_sealed, _at(row.id)
    gone = lead.erased_at is not None
    words = "" if gone else vault.unseal_text(session, lead.key_id, sealed, place=place)
    label = LABELS[LeadStatus(row.after)]
    return {"label": label, "words": words, "at": row.at, "on": local_date(row.at)}


def _scope(actor: Actor) -> ColumnElement[bool]:
    path = literal("/").concat(Lead.region_path).concat("/")
    return path.contains(f"/{actor.region_code or '-'}/", autoescape=True)


def _at(step_id: UUID) -> str:
    return f"lead_steps.words_sealed:{step_id}"
