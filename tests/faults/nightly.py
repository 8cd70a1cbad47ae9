"""Every night: all pairs of named points, then kills at any moment, the invariants after each.

PYTHONPATH=. .venv/bin/python -m tests.faults.nightly [--kills 10000] [--no-pairs] [--minutes 300] [--seed 1]
PYTHONPATH=. .venv/bin/python -m tests.faults.nightly --backlog 100000
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

from portal.assembly import opened
from portal.foundation import installation
from portal.foundation.settings import Settings
from tests.conftest import NOW
from tests.faults import matrix
from tests.faults.conftest import fill_in
from tests.faults.nursery import Installation, Nursery
from tests.faults.test_backlog import drain_after_two_days

Work = Callable[[Installation], int]


def main() -> int:
    given = _arguments()
    until = time.monotonic() + given.minutes * 60
    pairs = [] if given.no_pairs else matrix.PAIRS
    if given.backlog:
        return _backlog(given.backlog)
    with tempfile.TemporaryDirectory() as folder:
        filled_in, nursery = Path(folder) / "filled-in", Nursery()
        fill_in(Settings(data=filled_in))
        killed = done = 0
        for name, work in _work(given.seed, pairs):
            if killed >= given.kills + 2 * len(pairs) or time.monotonic() > until:
                break
            data = shutil.copytree(filled_in, Path(folder) / "data")
            try:
                killed += work(Installation(Settings(data=data), nursery))
            except BaseException:
                print(f"FAILED: {name} (seed {given.seed}); its folder is kept in {data.name}")
                shutil.copytree(data, Path.cwd() / f"failed-{name}")
                raise
            done += 1
            shutil.rmtree(data)
        nursery.close()
    print(f"{done} stories, {killed} kills, the invariants held after each (seed {given.seed})")
    return 0


def _backlog(number: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        installation.install(settings, now=NOW)
        with opened(settings) as portal:
            print(drain_after_two_days(portal, number))
    return 0


def _work(seed: int, pairs: list[tuple[str, str]]) -> Iterator[tuple[str, Work]]:
    for first, second in pairs:
        yield f"{first}-{second}", partial(_twice, first, second)
    for number in count():
        yield str(number), lambda i, n=number: matrix.kill_at_any_time(i, seed * 1_000_000 + n)


def _twice(first: str, second: str, installed: Installation) -> int:
    matrix.kill_twice(installed, first, second)
    return 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10_000, help="at any moment, after the pairs")
    parser.add_argument("--no-pairs", action="store_true", help="only kills at any moment")
    parser.add_argument("--minutes", type=float, default=480, help="ends it earlier")
    parser.add_argument("--backlog", type=int, default=0, help="instead: so many files at once")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
