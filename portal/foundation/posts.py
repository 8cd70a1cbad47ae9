"""Where a worker stands on its machine: one lock each, held as long as the process lives.

The name of a post outlives its worker, so that one which does not come back is missed.
"""

import fcntl
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MOST = 64
_LOOK_EVERY = 0.1


class Taken(Exception):
    """Somebody stands there already."""


@contextmanager
def held(folder: Path, *, several: bool, patience: float) -> Iterator[str]:
    """The name of the first free post until the block ends; there is one, or there are several.

    The kernel frees it when the process dies, however it dies. Raises Taken after `patience` seconds.
    """
    file, number = _take(folder, _MOST if several else 1, until=time.monotonic() + patience)
    try:
        yield _name(file, number)
    finally:
        os.close(file)


def _take(folder: Path, most: int, *, until: float) -> tuple[int, int]:
    while True:
        for number in range(1, most + 1):
            file = os.open(folder / f"worker-{number}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
            else:
                return file, number
        if time.monotonic() > until:
            raise Taken
        time.sleep(_LOOK_EVERY)


def _name(file: int, number: int) -> str:
    """As it was called the first time: a machine of the same name has another one."""
    if kept := os.pread(file, 64, 0).decode("ascii", "ignore").strip():
        return kept
    name = f"{socket.gethostname()[:24]}-{number}-{secrets.token_hex(2)}"
    os.pwrite(file, name.encode(), 0)
    return name
