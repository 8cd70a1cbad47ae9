"""Where processes are killed: every named point, pairs of them, any moment; and how it must end."""

import random
from datetime import datetime
from itertools import product

from tests.conftest import NOW
from tests.faults import children, invariants
from tests.faults.children import Deed
from tests.faults.invariants import Acknowledged
from tests.faults.nursery import CUT_OFF, KILLED, Installation

POINTS: dict[str, tuple[list[Deed], Deed]] = {
    **{f"U{n}": ([], children.upload) for n in range(1, 7)},
    **{f"U{n}": ([children.upload], children.work) for n in (7, 8)},
    **{f"P{n}": ([], children.upload_in_parts) for n in (1, 2)},
    **{f"S{n}": ([children.upload], children.submit) for n in range(1, 8)},
    **{f"F{n}": ([children.submit], children.work) for n in range(1, 5)},
    **{f"F{n}": ([children.submit], children.work_without_queue) for n in (5, 6)},
    **{f"B{n}": ([children.submit], children.work) for n in (1, 2, 3)},
    **{f"B{n}": ([children.submit, children.work], children.collect) for n in (4, 5)},
    **{f"R{n}": ([children.submit], children.work) for n in range(1, 5)},
}
"""Point → what happened before, and what is killed there."""
PAIRS = list(product(POINTS, POINTS))
"""Killed at the first, and while recovering at the second where the way leads past it."""
SEEDED = random.Random(20261122).sample(PAIRS, 200)
_LATER, _LAST = NOW.replace(hour=2), NOW.replace(hour=3)
_LONGEST = 1.2
"""Seconds a whole story takes, more or less."""


def kill_once(installed: Installation, point: str) -> Acknowledged:
    told = Acknowledged()
    before, killed = POINTS[point]
    for deed in before:
        assert installed.run(deed, told) == 0
    assert installed.run(killed, told, at=point) == KILLED, "never reached"
    return told


def kill_twice(installed: Installation, first: str, second: str) -> bool:
    """Whether the second point was reached."""
    told = kill_once(installed, first)
    code = installed.run(_again(first), told, at=second, now=_LATER)
    assert code in (0, KILLED)
    survive(installed, told, _again(first), now=_LAST)
    return code == KILLED


def kill_at_any_time(installed: Installation, seed: int, *, most: int = 5) -> int:
    """Everything at once, killed at moments nobody chose; how many kills it took."""
    chance, told, kills = random.Random(seed), Acknowledged(), 0
    for _ in range(chance.randint(1, most)):
        code = installed.run(
            children.recover_with_parts, told, after=chance.uniform(0.001, _LONGEST), now=_LATER
        )
        assert code in (0, CUT_OFF)
        kills += code == CUT_OFF
    survive(installed, told, children.recover_with_parts, now=_LAST)
    return kills


def survive(
    installed: Installation,
    told: Acknowledged,
    recover: Deed = children.recover_with_photo,
    *,
    now: datetime = NOW,
) -> None:
    """Restarted, tried again by everybody: the invariants hold."""
    assert installed.run(recover, told, now=now) == 0
    opened = children.restart(installed.settings)
    try:
        invariants.check(opened, told)
    finally:
        opened.database.engine.dispose()


def _again(first: str) -> Deed:
    if first[0] == "P":
        return children.recover_with_parts
    return children.recover_with_photo if first[0] in "US" else children.recover
