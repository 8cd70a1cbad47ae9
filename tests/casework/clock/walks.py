"""A case walked to a place by the events people cause, each at its own time."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework import events
from portal.casework.clock import bar
from portal.filing.tables import Application
from portal.policy.catalogue import Catalogue, Source
from portal.policy.lifecycle import NOTES, moves_of
from tests.casework import cases
from tests.conftest import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LAW = Source("湖南省某文件", article="第3条", confidence="D")


def walk(session: Session, file: Application, *kinds: str, at: datetime = NOW) -> None:
    """Each kind by the party the table names, all at one time; heard first where it must be."""
    for kind in kinds:
        if kind in NOTES:
            party = sorted(NOTES[kind].parties)[-1]
            after = None
        else:
            lines = [
                m for m in moves_of(file.machine) if kind in m.kinds and m.before == file.status
            ]
            party, after = lines[0].party, lines[0].after
        events.record(
            session, file, kind, after=after, party=party, actor="portal",
            said=cases.SAID.get(kind), now=at,
        )  # fmt: skip


def at(portal: Portal, file_id: UUID, steps: Iterable[tuple[str, datetime]]) -> None:
    with portal.database.writing() as session:
        for kind, when in steps:
            walk(session, cases.file_of(session, file_id), kind, at=when)


def shown(portal: Portal, file_id: UUID, now: datetime, catalogue: Catalogue | None = None) -> dict:
    """The bar by key."""
    with portal.database.reading() as session:
        file = cases.file_of(session, file_id)
        program = portal.catalogue.find(file.program_id)
        rows = bar.bar(session, file, program, now=now, catalogue=catalogue or portal.catalogue)
        return {row["key"]: row for row in rows}


def delegating(catalogue: Catalogue, *codes: str) -> Catalogue:
    """The same catalogue where these divisions let townships decide."""
    return replace(catalogue, township_decides=dict.fromkeys(codes, LAW))
