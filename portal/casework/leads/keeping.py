"""Leads nobody looked at in time are told to the offices; those seen to are forgotten in time.

The days are data (signals.yaml, keeping). Whom a lead is about never asked for anything: once it
is seen to, its words go with its key, and what stays is a count of the township.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.casework import clocks
from portal.casework.clock import texting
from portal.casework.leads.seeing import OPEN
from portal.casework.leads.tables import Lead
from portal.foundation import audit, vault
from portal.foundation.clock import local_date
from portal.foundation.database import Database
from portal.policy import regions, signals
from portal.policy.lifecycle import LeadStatus
from portal.policy.signals import Keeping

TEMPLATE = "lead_late"
_LEVELS = {"township": texting.TOWNSHIP, "county": texting.COUNTY}
_AT_ONCE = 200


def escalate(database: Database, *, now: datetime) -> int:
    """Tell township and county of each lead nobody looked at in time, once; of how many."""
    with database.reading() as session:
        rows = select(Lead).where(Lead.status == LeadStatus.REPORTED, Lead.late_since.is_(None))
        waiting = session.scalars(rows.order_by(Lead.created_at).limit(_AT_ONCE)).all()
        late = [lead.id for lead in waiting if _is_late(lead, now=now)]
    for lead_id in late:
        with database.writing() as session:
            lead = session.get_one(Lead, lead_id, with_for_update=True)
            if lead.status == LeadStatus.REPORTED and lead.late_since is None:
                _tell(session, lead, now=now)
    return len(late)


def forget_old(session: Session, *, now: datetime) -> int:
    """Destroy the words of leads seen to long ago; how many."""
    rows = select(Lead).where(
        Lead.erased_at.is_(None), Lead.status.not_in(OPEN),
        or_(*(_is_old(kind, kept, now) for kind, kept in signals.load().keeping.items())),
    )  # fmt: skip
    found = session.scalars(rows.limit(_AT_ONCE).with_for_update()).all()
    for lead in found:
        vault.destroy_key(session, lead.key_id, now=now)
        lead.erased_at, lead.code_index, lead.same_index = now, None, b""
        lead.region_code = _at_level(session, lead, "township")
        lead.region_path = regions.path(session, lead.region_code)
        audit.record(session, "forget.lead", actor="portal", subject=lead.id, now=now)
    return len(found)


def _is_late(lead: Lead, *, now: datetime) -> bool:
    days = signals.load().keeping[lead.signal].look_workdays
    last, _guessed = clocks.add_workdays(local_date(lead.created_at), days)
    return local_date(now) > last


def _is_old(kind: str, kept: Keeping, now: datetime) -> ColumnElement[bool]:
    return and_(Lead.signal == kind, Lead.done_at < now - timedelta(days=kept.keep_days))


def _tell(session: Session, lead: Lead, *, now: datetime) -> None:
    lead.late_since = now
    for level, office in _LEVELS.items():
        code = _at_level(session, lead, level)
        texting.tell(session, code, office, TEMPLATE, now=now)
    detail = {"region": lead.region_code}
    audit.record(session, "escalate.lead", actor="portal", subject=lead.id, detail=detail, now=now)


def _at_level(session: Session, lead: Lead, level: str) -> str:
    """The code of this level on the lead's path."""
    codes = lead.region_path.split("/")
    found = [code for code in codes if regions.find(session, code).level == level]
    return found[0] if found else codes[-1]
