"""Grants from before rechecks and 公布 were kept: what they lack is made up, once, tried first.

Only what the decision's own letter says: its calendar (民发〔2021〕57号 第31条) and whom it was
granted to. Nobody is late at once: a day long past becomes one the person is asked about first.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.casework.after import rechecks
from portal.casework.after.tables import Recheck
from portal.casework.decision import letters
from portal.casework.decision.tables import Decision
from portal.casework.publicity import publishing
from portal.casework.publicity.tables import Publication
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.database import Database
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import Status

RECHECK, PUBLICATION = "recheck", "publication"
WORDS = {RECHECK: "补上了下次核查的日子", PUBLICATION: "补上了公布"}
_LIVING = (Status.APPROVED, Status.PAYING, Status.REVIEWING, Status.GRADUATING)
_AT_ONCE = 500


@dataclass(frozen=True)
class MadeUp:
    """How many grants were looked at, and how many of each of WORDS were, or would be, made."""

    seen: int
    made: Counter[str]


def make_up(database: Database, catalogue: Catalogue, *, dry_run: bool, now: datetime) -> MadeUp:
    """Every grant that runs, one short transaction each; done again it finds nothing to do."""
    seen, made = 0, Counter[str]()
    after: UUID | None = None
    while found := _next(database, after):
        for application_id in found:
            made.update(_one(database, catalogue, application_id, dry_run=dry_run, now=now))
        seen, after = seen + len(found), found[-1]
    return MadeUp(seen, made)


def told(made: MadeUp, *, dry_run: bool) -> list[str]:
    """What to say at the shell."""
    verb = "会" if dry_run else "已"
    lines = [f"{verb}{WORDS[what]}：{made.made[what]}件。" for what in WORDS]
    return [f"看了{made.seen}件有效的救助。", *lines]


def _next(database: Database, after: UUID | None) -> Sequence[UUID]:
    granted = exists().where(Decision.application_id == Application.id, Decision.kind == "approved")
    rows = select(Application.id).where(Application.status.in_(_LIVING), granted)
    if after is not None:
        rows = rows.where(Application.id > after)
    with database.reading() as session:
        return session.scalars(rows.order_by(Application.id).limit(_AT_ONCE)).all()


def _one(
    database: Database, catalogue: Catalogue, application_id: UUID, *, dry_run: bool, now: datetime
) -> list[str]:
    """What was made up; a dry run does it and takes it back."""
    with database.writing() as session:
        file = session.get_one(Application, application_id, with_for_update=True)
        [*_, granted] = [one for one in letters.of(session, file) if one.kind == "approved"]
        made = [what for what, act in _LACKS.items() if act(session, file, granted, catalogue, now)]
        if dry_run:
            session.rollback()
        return made


def _recheck(
    session: Session, file: Application, granted: Decision, _catalogue: Catalogue, now: datetime
) -> bool:
    rows = select(Recheck.id).where(Recheck.application_id == file.id)
    if session.scalars(rows).first() is not None:
        return False
    every = letters.body(session, file, granted).get("recheck", "")
    row = rechecks.plan(session, file, every, since=local_date(granted.made_at))
    if row is not None:
        row.due_on = max(row.due_on, local_date(now) + rechecks.ASK_BEFORE)
    return row is not None


def _publication(
    session: Session, file: Application, granted: Decision, catalogue: Catalogue, now: datetime
) -> bool:
    rows = select(Publication.id).where(
        Publication.application_id == file.id, Publication.kind == publishing.DECISION
    )
    if session.scalars(rows).first() is not None:
        return False
    body, program = letters.body(session, file, granted), catalogue.find(file.program_id)
    return publishing.made_up(session, file, program, body, granted.made_at, now=now) is not None


_LACKS = {RECHECK: _recheck, PUBLICATION: _publication}
