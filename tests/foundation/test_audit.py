"""The audit chain: whatever is changed, left out, added, moved or cut off is found."""

import json
import random
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from portal.foundation import audit, installation, vault
from portal.foundation.audit_tables import AuditEntry, AuditHead, AuditSeal

MUTATIONS = 300
_COLUMNS = ("actor", "action", "detail", "at", "subject", "digest", "previous")


@pytest.fixture
def chained(portal, now):
    """Forty lines on several chains, sealed twice."""
    with portal.database.writing() as session:
        for number in range(40):
            subject = UUID(int=number % 5) if number % 7 else None
            audit.record(
                session, f"verb{number}.noun", actor=f"staff:{number}", subject=subject,
                detail={"code": number}, now=now + timedelta(seconds=number),
            )  # fmt: skip
            if number in (19, 39):
                audit.seal_heads(session, now=now + timedelta(seconds=number))
    return portal


def faults(portal):
    with portal.database.reading() as session:
        return audit.verify(session)


def test_an_untouched_record_has_no_fault(chained):
    assert faults(chained) == []


def test_an_empty_record_has_no_fault(portal):
    assert faults(portal) == []


def test_a_refused_transaction_leaves_no_line(chained, now):
    class Stop(Exception):
        pass

    def half() -> None:
        with chained.database.writing() as session:
            audit.record(session, "verb.noun", actor="portal", now=now)
            raise Stop

    with pytest.raises(Stop):
        half()
    assert faults(chained) == []


def test_nothing_new_is_not_sealed_again(chained, now):
    def seals():
        with chained.database.writing() as session:
            audit.seal_heads(session, now=now)
            return session.query(AuditSeal).count()

    assert seals() == seals() == 2


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_every_one_of_300_random_changes_is_found(chained):
    rng = random.Random(20261122)
    missed = []
    for number in range(MUTATIONS):
        with chained.database.engine.connect() as connection:
            change = _mutate(connection, rng)
            session_faults = _verify_on(connection, chained)
            connection.rollback()
        if not session_faults:
            missed.append((number, change))
    assert missed == []
    assert faults(chained) == []


def _verify_on(connection, portal):
    with Session(connection, info=dict(portal.database.info)) as session:
        return audit.verify(session)


def forge(portal, *, key=None):
    """As somebody who writes the database and has no master key: a line is another, and
    everything after it fits again, up to the last seal."""
    with portal.database.writing() as session:
        [line] = session.scalars(select(AuditEntry).where(AuditEntry.action == "verb3.noun"))
        line.actor = "staff:another"
        previous = line.previous
        rows = select(AuditEntry).where(AuditEntry.chain == line.chain).order_by(AuditEntry.seq)
        lines = [e for e in session.scalars(rows) if e.seq >= line.seq]
        for entry in lines:
            entry.previous = previous
            entry.digest = previous = audit._digest(entry)
        session.get(AuditHead, line.chain).digest = previous
        before = bytes(32)
        for seal in session.scalars(select(AuditSeal).order_by(AuditSeal.id)):
            heads = json.loads(seal.heads)
            seq = heads[str(line.chain)][0]
            for entry in lines:
                if entry.seq == seq:
                    heads[str(line.chain)] = [seq, entry.digest.hex()]
            seal.heads = json.dumps(heads, sort_keys=True)
            seal.digest = before = audit._seal_digest(key, before, seal.id, seal.at, seal.heads)


def test_whoever_writes_the_database_cannot_make_it_fit(chained):
    forge(chained)
    assert faults(chained) == ["seal 1 was altered or is missing"]


def test_nor_with_a_key_of_their_own_making(chained):
    forge(chained, key=bytes(32))
    assert faults(chained) == ["seal 1 was altered or is missing"]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM data_keys WHERE purpose='seals'",
        "UPDATE data_keys SET wrapped=NULL WHERE purpose='seals'",
    ],
)
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_nor_by_taking_the_key_away(chained, change):
    forge(chained)
    with chained.database.engine.begin() as connection:
        connection.execute(text(change))
    assert faults(chained) == ["seals: their key is gone or was replaced"]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_nor_by_saying_that_the_key_began_later(chained):
    forge(chained)
    with chained.database.engine.begin() as connection:
        later = audit._numbered(1000).hex
        connection.execute(text(f"UPDATE data_keys SET id='{later}' WHERE purpose='seals'"))
    assert faults(chained) == ["seals: cannot be read (Unreadable)"]
    with chained.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM data_keys WHERE purpose='seals'"))
        connection.execute(text("UPDATE data_keys SET purpose='seals' WHERE purpose='csrf'"))
    assert faults(chained) == ["seals: their key is gone or was replaced"]


def test_seals_of_before_the_key_are_verified_as_what_they_are(chained, now):
    """An installation that is brought up to date: two seals have no key, the third has."""
    forge(chained)
    with chained.database.writing() as session:
        session.execute(delete(vault.DataKey).where(vault.DataKey.purpose == audit.SEALS))
    installation.install(chained.settings, now=now)
    with chained.database.writing() as session:
        audit.record(session, "later.noun", actor="portal", now=now)
        audit.seal_heads(session, now=now)
        assert audit.unkeyed(session) == 2
    assert faults(chained) == []
    with chained.database.writing() as session:
        session.get(AuditSeal, 1).at = now - timedelta(days=1)
    assert faults(chained) == ["seal 1 was altered or is missing"]


def test_a_new_key_for_seals_begins_with_the_next_one(chained, now):
    with chained.database.writing() as session:
        old = vault.own_key(session, audit.SEALS)
        audit.make_seal_key(session, now=now + timedelta(days=1))
        audit.record(session, "later.noun", actor="portal", now=now)
        audit.seal_heads(session, now=now)
        assert audit.unkeyed(session) == 0
    assert faults(chained) == []
    forge(chained, key=old)
    assert faults(chained) == ["seal 3 was altered or is missing"], "the old one is of no use"


def test_a_seal_that_was_written_down_elsewhere_is_asked_for(chained, now):
    with chained.database.reading() as session:
        kept = audit.written_down(session)
    with chained.database.writing() as session:
        audit.record(session, "later.noun", actor="portal", now=now)
        audit.seal_heads(session, now=now)
    with chained.database.reading() as session:
        assert audit.verify_written(session, [kept]) == []
        for wrong in ("3:00", kept.replace("2:", "9:"), "seal", ""):
            assert len(audit.verify_written(session, [kept, wrong])) == 1


def _mutate(connection, rng):
    """One random change, as somebody with the database in hands could make; says which."""
    kind = rng.choice([_flip, _delete, _cut_end, _swap, _insert, _renumber, _reseal, _forge_end])
    return kind.__name__, kind(connection, rng)


def _lines(connection):
    return connection.execute(text("SELECT chain, seq FROM audit_entries ORDER BY 1, 2")).all()


def _flip(connection, rng):
    chain, seq = rng.choice(_lines(connection))
    column = rng.choice(_COLUMNS)
    values = {
        "actor": f"'staff:{rng.random()}'", "action": "'other.thing'", "detail": "'{}'",
        "at": "'2020-01-01 00:00:00'", "subject": "'00000000000000000000000000000063'",
    }  # fmt: skip
    other = "x'00ff'"
    connection.execute(
        text(f"UPDATE audit_entries SET {column}={values.get(column, other)} "
             f"WHERE chain={chain} AND seq={seq}".replace(":", r"\:"))
    )  # fmt: skip
    return column, chain, seq


def _delete(connection, rng):
    chain, seq = rng.choice(_lines(connection))
    connection.execute(text(f"DELETE FROM audit_entries WHERE chain={chain} AND seq={seq}"))
    return chain, seq


def _cut_end(connection, rng):
    """The last lines of a chain, with the head set back to match."""
    chain, _seq = rng.choice(_lines(connection))
    keep = rng.randrange(max(s for c, s in _lines(connection) if c == chain))
    connection.execute(text(f"DELETE FROM audit_entries WHERE chain={chain} AND seq>{keep}"))
    digest = f"(SELECT digest FROM audit_entries WHERE chain={chain} AND seq={keep})"
    fallback = "zeroblob(32)"
    connection.execute(
        text(
            f"UPDATE audit_heads SET seq={keep}, digest=COALESCE({digest}, {fallback}) WHERE chain={chain}"
        )
    )
    return chain, keep


def _swap(connection, rng):
    chain = rng.choice([c for c, s in _lines(connection) if s >= 2])
    for before, after in ((1, -1), (2, 1), (-1, 2)):
        connection.execute(
            text(f"UPDATE audit_entries SET seq={after} WHERE chain={chain} AND seq={before}")
        )
    return chain


def _insert(connection, rng):
    """A line of one chain copied to the end of another."""
    chain, seq = rng.choice(_lines(connection))
    target = rng.randrange(audit.CHAINS + 1)
    connection.execute(
        text("INSERT INTO audit_entries (chain, seq, at, actor, action, subject, detail, previous, digest) "
             f"SELECT {target}, 1000, at, actor, action, subject, detail, previous, digest "
             f"FROM audit_entries WHERE chain={chain} AND seq={seq}")
    )  # fmt: skip
    return chain, seq, target


def _renumber(connection, rng):
    chain, seq = rng.choice(_lines(connection))
    connection.execute(
        text(f"UPDATE audit_entries SET seq={seq + 500} WHERE chain={chain} AND seq={seq}")
    )
    return chain, seq


def _reseal(connection, rng):
    change = rng.choice(
        ["DELETE FROM audit_seals WHERE id=1", "UPDATE audit_seals SET heads='{}' WHERE id=2",
         "UPDATE audit_seals SET at='2020-01-01 00:00:00' WHERE id=1",
         "UPDATE audit_seals SET id=7 WHERE id=2"]
    )  # fmt: skip
    connection.execute(text(change.replace(":", r"\:")))
    return change


def _forge_end(connection, rng):
    chain = rng.choice([c for c, _s in _lines(connection)])
    connection.execute(text(f"UPDATE audit_heads SET seq=seq+1 WHERE chain={chain}"))
    return chain
