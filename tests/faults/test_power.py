"""The power goes: what was acknowledged is there, on SQLite and a folder of photos."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from portal.foundation.settings import Settings
from tests.faults import children, invariants, matrix, power
from tests.faults.invariants import Acknowledged
from tests.faults.nursery import WEAKER, Installation

pytestmark = pytest.mark.strace


def check_after(moment: power.Moment, told: Acknowledged, target: Path) -> None:
    """Right after the restart, before anybody tries anything again."""
    moment.disk.cut(target)
    opened = children.restart(Settings(data=target))
    try:
        invariants.still_there(opened, told)
    finally:
        opened.database.engine.dispose()


def cuts(
    installed: Installation, tmp_path: Path, *, every: bool, weaker: str = ""
) -> list[tuple[Path, Acknowledged]]:
    """Each moment something was acknowledged, or `every` time something became safe: the power
    goes, the portal starts. The folders as they were found, and what had been told."""
    told, found = Acknowledged(), []
    for moment in power.moments(installed, tmp_path / "log", weaker=weaker):
        if moment.said:
            told.hear(json.loads(moment.said))
        if moment.said or every:
            target = tmp_path / f"cut-{len(found)}"
            check_after(moment, told, target)
            found.append((target, Acknowledged(*(list(x) for x in vars(told).values()))))
    assert told.receipts
    assert told.photos
    assert len(told.parts) == 3
    return found


def test_nothing_acknowledged_is_lost(installed: Installation, tmp_path: Path) -> None:
    found = cuts(installed, tmp_path, every=False)
    assert len(found) == 5
    target, told = found[-1]
    matrix.survive(replace(installed, settings=Settings(data=target)), told)


@pytest.mark.full
def test_it_may_go_at_any_moment(installed: Installation, tmp_path: Path) -> None:
    """After every single fsync; and each time all goes on from there."""
    found = cuts(installed, tmp_path, every=True)
    assert len(found) > 20
    for target, told in found:
        again = replace(installed, settings=Settings(data=target))
        matrix.survive(again, told, children.recover_with_parts)


@pytest.mark.parametrize("weaker", WEAKER)
def test_weaker_settings_lose_it(installed: Installation, tmp_path: Path, weaker: str) -> None:
    """The control: were we to flush less, this test would notice."""
    with pytest.raises(AssertionError) as lost:
        cuts(installed, tmp_path, every=False, weaker=weaker)
    assert "invariants.py" in str(lost.traceback[-1].path), lost
