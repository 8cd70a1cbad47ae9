"""kill -9 at every named point between the photo and the queue's receipt, then a restart."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import api
import portal as product
from portal.casework.exchange import letters
from portal.casework.tables import OfficeEvent
from portal.filing.tables import Application
from portal.foundation.errors import NotFound
from portal.handover import receipts
from tests.conftest import NOW
from tests.faults import children, invariants, matrix
from tests.faults.invariants import Acknowledged
from tests.faults.matrix import POINTS, survive
from tests.faults.nursery import KILLED, Installation

BOXES = ("X1", "X2", "X3", "X4")
"""Between a file in a box and what it does in the database."""
TIERS = ("N1", "N2", "N3")
"""Between a refusal and the file of the next tier."""

BROKERED = ("Q1", "Q2")
"""Between what was done with a broker's message and its acknowledgement."""
ON_THE_WAY = ("F1", "F2", "F3", "F4", "B1", "B2", "B3", "R1", "R3")


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(installed: Installation, point: str) -> None:
    told = matrix.kill_once(installed, point)
    photo = point[0] in "UPS"
    again = children.recover_with_parts if point[0] == "P" else children.recover_with_photo
    survive(installed, told, again if photo else children.recover)
    assert told.receipts
    assert bool(told.photos) is photo


@pytest.mark.parametrize("point", TIERS)
def test_killed_while_the_next_tier_is_opened(installed: Installation, point: str) -> None:
    """Exactly one file of the next tier, handed over like any other."""
    told = Acknowledged()
    for deed in (children.upload, children.submit, children.work, children.deny):
        assert installed.run(deed, told) == 0
    assert installed.run(children.work, told, at=point) == KILLED, "never reached"
    for minutes in range(1, 4):
        assert installed.run(children.work, told, now=NOW + timedelta(minutes=minutes)) == 0
    opened = children.restart(installed.settings)
    try:
        invariants.check(opened, told)
        with opened.database.reading() as session:
            rows = select(Application).order_by(Application.created_at)
            files_now = [(a.program_id, a.status) for a in session.scalars(rows)]
        assert files_now == [("dibao", "denied"), ("dibian", "submitted")]
    finally:
        opened.database.engine.dispose()


@pytest.mark.rabbitmq
@pytest.mark.parametrize(
    "point", [*BROKERED, *(pytest.param(p, marks=pytest.mark.full) for p in ON_THE_WAY)]
)
def test_killed_on_the_way_through_a_broker(
    installed: Installation, broker_url: str, point: str
) -> None:
    through = replace(installed, settings=replace(installed.settings, queue=broker_url))
    told = Acknowledged()
    assert through.run(children.submit, told) == 0
    codes = [
        through.run(children.work, told, at=point, now=NOW + timedelta(minutes=3 * turn))
        for turn in range(2)
    ]
    assert KILLED in codes, "never reached"
    for turn in range(2, 6):
        assert through.run(children.work, told, now=NOW + timedelta(minutes=3 * turn)) == 0
    survive(through, told, children.recover, now=NOW.replace(hour=3))
    assert told.receipts


@pytest.mark.parametrize("point", BOXES)
def test_killed_while_files_are_exchanged(installed: Installation, point: str) -> None:
    """One whole dossier in the out box, one event in the database, one answer, nothing left over."""
    told = Acknowledged()
    for deed in (children.upload, children.submit, children.work, children.let_an_office_in):
        assert installed.run(deed, told) == 0
    assert installed.run(children.exchange, told, at=point) == KILLED, "never reached"
    for minutes in (1, 2):
        assert installed.run(children.exchange, told, now=NOW + timedelta(minutes=minutes)) == 0
    opened = children.restart(installed.settings)
    try:
        invariants.check(opened, told)
        boxes = children.boxes_of(opened)
        with opened.database.reading() as session:
            assert len(session.scalars(select(OfficeEvent)).all()) == 1
            key = receipts.public_key(session, "intake")
        found = [
            letters.opened(f.read_bytes(), key).kind for f in sorted((boxes / "out").iterdir())
        ]
        assert sorted(found) == ["answer", "dossier"]
        assert list((boxes / "in").iterdir()) == []
    finally:
        opened.database.engine.dispose()


UPKEEP = ("K1", "K2", "K3", "K4", "M1", "M2", "M3", "T1")
"""Backup and restore, the master key, a text: killed in tests/foundation/test_killed.py and
tests/contact/test_texts.py."""
WORST = [("S6", "F3"), ("S7", "B2"), ("F4", "R3")]


@pytest.mark.parametrize(
    ("first", "second"),
    [*WORST, *(pytest.param(*p, marks=pytest.mark.full) for p in matrix.SEEDED if p not in WORST)],
    ids=lambda point: point,
)
def test_killed_again_while_recovering(installed: Installation, first: str, second: str) -> None:
    matrix.kill_twice(installed, first, second)


@pytest.mark.parametrize(
    "seed", [*range(1), *(pytest.param(n, marks=pytest.mark.full) for n in range(1, 60))]
)
def test_killed_at_any_time(installed: Installation, seed: int) -> None:
    matrix.kill_at_any_time(installed, seed)


def test_the_points_are_those_of_the_product() -> None:
    """A point in the code that no test kills at, or the other way round, is a mistake."""
    folders = [Path(str(product.__file__)).parent, Path(str(api.__file__)).parent]
    text = "".join(p.read_text() for folder in folders for p in sorted(folder.rglob("*.py")))
    named = set(re.findall(r'crash_point\("([A-Z]\d)"\)', text))
    for pair in re.findall(r'crash_around_commit\(\w+, "(\w*)", "(\w*)"\)', text):
        named |= set(pair) - {""}
    assert named == {*POINTS, *TIERS, *BROKERED, *BOXES, *UPKEEP}
    assert {first for first, _second in matrix.PAIRS} == {*POINTS}


def test_nobody_dies_unarmed(installed: Installation) -> None:
    told = Acknowledged()
    for deed in (children.upload, children.submit, children.work, children.collect):
        assert installed.run(deed, told) == 0
    survive(installed, told)


def test_the_invariants_bite(installed: Installation) -> None:
    """A lost receipt, a lost photo, a missing audit line: each is noticed."""
    told = Acknowledged()
    assert installed.run(children.recover_with_photo, told) == 0
    forged = Acknowledged(receipts=[told.receipts[0] | {"version": 2}])
    lost = Acknowledged(photos=[(told.photos[0][0], "0" * 64)])
    opened = children.restart(installed.settings)
    for wrong in (forged, lost):
        with pytest.raises((AssertionError, NotFound)):
            invariants.check(opened, wrong)
    with opened.database.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM audit_entries WHERE seq = 2")
    with pytest.raises(AssertionError):
        invariants.check(opened, told)
    opened.database.engine.dispose()
