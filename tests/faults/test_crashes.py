"""kill -9 at every named point between the photo and the queue's receipt, then a restart."""

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

import api
import portal as product
from portal.foundation import installation
from portal.foundation.errors import NotFound
from portal.foundation.settings import Settings
from tests.conftest import NOW
from tests.faults import children, invariants
from tests.faults.children import Deed, Installation, Nursery
from tests.faults.invariants import Acknowledged
from tests.handover import files

POINTS: dict[str, tuple[list[Deed], Deed]] = {
    **{f"U{n}": ([], children.upload) for n in range(1, 7)},
    **{f"U{n}": ([children.upload], children.work) for n in (7, 8)},
    **{f"S{n}": ([children.upload], children.submit) for n in range(1, 8)},
    **{f"F{n}": ([children.submit], children.work) for n in range(1, 5)},
    **{f"F{n}": ([children.submit], children.work_without_queue) for n in (5, 6)},
    **{f"B{n}": ([children.submit], children.work) for n in (1, 2, 3)},
    **{f"B{n}": ([children.submit, children.work], children.collect) for n in (4, 5)},
    **{f"R{n}": ([children.submit], children.work) for n in range(1, 5)},
}
"""Point → what happened before, and what is killed there."""


@pytest.fixture(scope="module")
def filled_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with one filled-in draft; nothing stays open in this process."""
    folder = tmp_path_factory.mktemp("faults")
    installation.install(Settings(data=folder), now=NOW)
    opened = children.restart(Settings(data=folder))
    files.draft(opened, files.LEAST)
    opened.database.engine.dispose()
    return folder


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


@pytest.fixture
def installed(filled_in: Path, nursery: Nursery, tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "data"
    shutil.copytree(filled_in, folder)
    yield Installation(Settings(data=folder), nursery)
    shutil.rmtree(folder)


def survive(
    installed: Installation,
    told: Acknowledged,
    recover: Deed = children.recover_with_photo,
    *,
    now: datetime = NOW,
) -> None:
    assert installed.run(recover, told, now=now) == 0
    opened = children.restart(installed.settings)
    try:
        invariants.check(opened, told)
    finally:
        opened.database.engine.dispose()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(installed: Installation, point: str) -> None:
    told = Acknowledged()
    before, killed = POINTS[point]
    for deed in before:
        assert installed.run(deed, told) == 0
    assert installed.run(killed, told, at=point) == children.KILLED, "never reached"
    photo = point[0] in "US"
    survive(installed, told, children.recover_with_photo if photo else children.recover)
    assert told.receipts
    assert bool(told.photos) is photo


PAIRS = [
    ("S6", "F3"),
    ("S7", "B2"),
    ("F2", "B3"),
    ("F4", "R3"),
    ("B3", "F4"),
    ("R3", "R2"),
    ("R2", "B1"),
]


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda point: point)
def test_killed_again_while_recovering(installed: Installation, first: str, second: str) -> None:
    told = Acknowledged()
    before, killed = POINTS[first]
    for deed in before:
        assert installed.run(deed, told) == 0
    assert installed.run(killed, told, at=first) == children.KILLED
    later = NOW.replace(hour=2)
    assert installed.run(children.submit, told, now=later) == 0
    again = installed.run(children.work, told, at=second, now=later)
    assert again == children.KILLED, "never reached"
    survive(installed, told, children.recover, now=NOW.replace(hour=3))


@pytest.mark.full
@pytest.mark.parametrize("second", [p for p in POINTS if p[0] in "FBR"])
@pytest.mark.parametrize("first", [p for p in POINTS if p[0] in "SFBR"])
def test_killed_twice(installed: Installation, first: str, second: str) -> None:
    told = Acknowledged()
    before, killed = POINTS[first]
    for deed in before:
        assert installed.run(deed, told) == 0
    assert installed.run(killed, told, at=first) == children.KILLED
    installed.run(children.recover, told, at=second, now=NOW.replace(hour=2))
    survive(installed, told, children.recover, now=NOW.replace(hour=3))


def test_the_points_are_those_of_the_product() -> None:
    """A point in the code that no test kills at, or the other way round, is a mistake."""
    folders = [Path(str(product.__file__)).parent, Path(str(api.__file__)).parent]
    text = "".join(p.read_text() for folder in folders for p in sorted(folder.rglob("*.py")))
    named = set(re.findall(r'crash_point\("([A-Z]\d)"\)', text))
    for pair in re.findall(r'crash_around_commit\(\w+, "(\w*)", "(\w*)"\)', text):
        named |= set(pair) - {""}
    assert named == set(POINTS)


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
