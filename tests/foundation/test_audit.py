"""The audit chain: whatever is changed, left out, added, moved or cut off is found."""

import random
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from portal.foundation import audit

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
            return session.query(audit.AuditSeal).count()

    assert seals() == seals() == 2


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_every_one_of_300_random_changes_is_found(chained):
    rng = random.Random(20261122)
    missed = []
    for number in range(MUTATIONS):
        with chained.database.engine.connect() as connection:
            change = _mutate(connection, rng)
            session_faults = _verify_on(connection)
            connection.rollback()
        if not session_faults:
            missed.append((number, change))
    assert missed == []
    assert faults(chained) == []


def _verify_on(connection):
    from sqlalchemy.orm import Session

    with Session(connection) as session:
        return audit.verify(session)


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
