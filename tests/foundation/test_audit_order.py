"""Two transactions that touch the same two chains, the other way round."""

import threading
from uuid import UUID

from sqlalchemy import func, select

from portal.assembly import Portal
from portal.foundation import audit
from portal.foundation.audit_tables import AuditEntry
from tests.conftest import NOW

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_neither_waits_for_the_other(portal: Portal) -> None:
    meet = threading.Barrier(2)
    faults: list[BaseException] = []

    def note(*subjects: UUID) -> None:
        try:
            with portal.database.writing() as session:
                audit.record(session, "a.first", actor="portal", subject=subjects[0], now=NOW)
                if not portal.database.embedded:  # elsewhere there is one writer at a time
                    meet.wait(10)
                audit.record(session, "a.second", actor="portal", subject=subjects[1], now=NOW)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=note, args=pair) for pair in ((ONE, OTHER), (OTHER, ONE))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    with portal.database.reading() as session:
        assert audit.verify(session) == []
        assert session.scalar(select(func.count()).where(AuditEntry.action.like("a.%"))) == 4


def test_what_is_undone_leaves_no_line(portal: Portal) -> None:
    with portal.database.writing() as session:
        audit.record(session, "b.stays", actor="portal", now=NOW)
        part = session.begin_nested()
        audit.record(session, "b.goes", actor="portal", now=NOW)
        part.rollback()
        audit.record(session, "b.stays", actor="portal", subject=ONE, now=NOW)
    with portal.database.writing() as session:
        audit.record(session, "b.goes", actor="portal", now=NOW)
        session.rollback()
    with portal.database.writing() as session:
        audit.record(session, "b.stays", actor="portal", subject=OTHER, now=NOW)
        found = select(AuditEntry.action).where(AuditEntry.action.like("b.%"))
        assert session.scalars(found).all() == ["b.stays"] * 3, "asked for, and so written"
    with portal.database.reading() as session:
        assert audit.verify(session) == []
