"""Where processes are killed: every named point, pairs of them, any moment; and how it must end."""

import random
from collections.abc import Iterator
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


def _points(words: str) -> Iterator[str]:
    """U1-3 S2 → U1, U2, U3, S2."""
    for word in words.split():
        first, last = word[1:].split("-") if "-" in word else (word[1:], word[1:])
        yield from (f"{word[0]}{number}" for number in range(int(first), int(last) + 1))


_AGAIN = {
    "U1-5": "U1-8 S1-7 F1-4 B1-5 R1-4",
    "U6-8 S1-6": "U1-5 U7-8 S1-7 F1-4 B1-5 R1-4",
    "P1-2": "U1-8 P1-2 S1-7 F1-4 B1-5 R1-4",
    "S7": "U1-5 U7-8 S1 F1-4 B1-5 R1-4",
    "F1-3 F5-6 B1-2": "U1-5 S1 F1-4 B1-5 R1-4",
    "F4 B3 R1-3": "S1 F1-4 B1 B4-5 R1-4",
    "B4-5 R4": "S1 B4-5",
}
"""After a kill at these, the way to the end leads past those: whoever asks again and the worker."""
PAIRS = [pair for a, b in _AGAIN.items() for pair in product(_points(a), _points(b))]
"""Killed at the first, and while recovering at the second."""
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


def kill_twice(installed: Installation, first: str, second: str) -> None:
    told = kill_once(installed, first)
    assert installed.run(_again(first), told, at=second, now=_LATER) == KILLED, "never reached"
    survive(installed, told, _again(first), now=_LAST)


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
