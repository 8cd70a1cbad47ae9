"""A worker that stands still, a clock that jumps, a queue that is away for a week."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from portal.serving import free_port
from tests.conftest import NOW
from tests.faults import children, matrix
from tests.faults.invariants import Acknowledged
from tests.faults.matrix import POINTS, survive
from tests.faults.nursery import KILLED, Installation

full = partial(pytest.param, marks=pytest.mark.full)
OUTSIDE_A_COMMIT = [
    "F1",
    full("B3"),
    full("F2"),
    full("F3"),
    full("F4"),
    full("B1"),
    full("R1"),
    full("R2"),
]
JUMPS = {
    "前跳两天再回来": timedelta(days=2),
    "前跳十分钟再回来": timedelta(minutes=10),
    "回跳一小时": timedelta(hours=-1),
    "回跳一天": timedelta(days=-1),
}


@pytest.mark.parametrize("point", OUTSIDE_A_COMMIT)
def test_a_worker_that_stands_still_wakes_up_late(installed: Installation, point: str) -> None:
    """Another one has long done its share."""
    told = Acknowledged()
    assert installed.run(children.submit, told) == 0
    still = installed.pause(children.work, at=point)
    for minutes in (0, 1, 2):
        later = NOW + timedelta(hours=1, minutes=minutes)
        assert installed.run(children.work, told, now=later) == 0
    assert installed.wake(still, told) == 0
    survive(installed, told, children.recover, now=NOW + timedelta(hours=2))


@pytest.mark.parametrize(
    ("point", "jump"),
    [
        ("F6", "前跳两天再回来"),
        *(full(p, j) for p in ("U7", "S7", "F1", "F6", "B3", "R4") for j in JUMPS),
    ],
)
def test_the_clock_jumps(installed: Installation, point: str, jump: str) -> None:
    """Done and killed under a wrong clock, started again under the right one."""
    told, wrong = Acknowledged(), NOW + JUMPS[jump]
    before, killed = POINTS[point]
    for deed in before:
        assert installed.run(deed, told, now=wrong) == 0
    assert installed.run(killed, told, at=point, now=wrong) == KILLED
    survive(installed, told, now=NOW + timedelta(minutes=1))


@pytest.mark.full
def test_a_day_of_jumps(installed: Installation) -> None:
    """Every deed under another clock."""
    told = Acknowledged()
    hours = iter((0, 30, -5, 47, -24, 3))
    deeds = (
        children.upload, children.submit, children.work_without_queue, children.work,
        children.work, children.work,
    )  # fmt: skip
    for deed in deeds:
        assert installed.run(deed, told, now=NOW + timedelta(hours=next(hours))) == 0
    survive(installed, told, now=NOW)


@pytest.mark.rabbitmq
def test_a_broker_that_is_away_for_a_week(installed: Installation, broker_url: str) -> None:
    nobody = f"amqp://test:test@127.0.0.1:{free_port()}/"
    away = replace(installed, settings=replace(installed.settings, queue=nobody))
    back = replace(installed, settings=replace(installed.settings, queue=broker_url))
    told = Acknowledged()
    assert installed.run(children.submit, told) == 0
    for day in range(7):
        assert away.run(children.work, told, now=NOW + timedelta(days=day)) == 0
    for minutes in range(0, 12, 3):
        assert back.run(children.work, told, now=NOW + timedelta(days=7, minutes=minutes)) == 0
    matrix.survive(back, told, children.recover, now=NOW + timedelta(days=8))
