"""Where half-done backups and restores lie. The folders hold everything in the clear, so none may stay.

Who works in one holds its lock; the lock ends with the process, however that ends. A folder that
nobody holds was left by somebody killed and is removed: by the next backup or restore beside it, by
the worker, and when a person is erased.
"""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from portal.foundation.sealed_file import Damaged, needs_passphrase

_NAME = re.compile(r"\.backup-[0-9a-f]{16}\Z")


@contextmanager
def workshop(beside: Path) -> Iterator[Path]:
    """A folder on the same disk; gone afterwards unless it was renamed."""
    clear(beside)
    folder, lock = _made(beside)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@contextmanager
def half_written(file: Path) -> Iterator[Path]:
    """The empty FILE.part beside it, ours until the block ends, and then gone unless renamed.

    Parts that somebody killed has left there go: they are sealed, but with every key inside.
    Raises FileExistsError when another process is at this one.
    """
    for part in file.parent.glob("*.part"):
        with suppress(OSError, Damaged), part.open("rb") as found:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if found.seek(0, os.SEEK_END):
                found.seek(0)
                needs_passphrase(found)  # raises Damaged for what is none of ours
            part.unlink()
    part = file.with_name(file.name + ".part")
    lock = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield part
    finally:
        part.unlink(missing_ok=True)
        os.close(lock)


def places(data: Path) -> tuple[Path, ...]:
    """Where backups of this folder, and restores into it, are made."""
    return data, data.parent


def left(beside: Path) -> list[Path]:
    """Those nobody works in."""
    return [folder for folder in _all(beside) if _try(folder, lambda _folder: None)]


def clear(beside: Path) -> int:
    """Remove them; how many. Nobody can take one over meanwhile: its lock is ours."""
    gone = [f for f in _all(beside) if _try(f, partial(shutil.rmtree, ignore_errors=True))]
    return len(gone)


def _all(beside: Path) -> list[Path]:
    if not os.access(beside, os.R_OK):
        return []
    return [folder for folder in sorted(beside.iterdir()) if _NAME.match(folder.name)]


def _made(beside: Path) -> tuple[Path, int]:
    """Whoever clears may be faster than our lock: then it is another folder."""
    while True:
        folder = beside / f".backup-{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _try(folder: Path, then: Callable[[Path], None]) -> bool:
    """Whether nobody held it; `then` is done under its lock. What another user's is stays theirs."""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except (FileNotFoundError, PermissionError):
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        then(folder)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
