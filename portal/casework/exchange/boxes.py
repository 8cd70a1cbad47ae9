"""Two boxes on a disk: files that appear whole or not at all, and files of others, distrusted."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
_HIDDEN = ".writing-"


def prepare(folder: Path) -> None:
    folder.mkdir(mode=0o770, parents=True, exist_ok=True)


def put(folder: Path, name: str, data: bytes) -> None:
    """There whole under its name after this, also when the power fails; never half."""
    half = folder / (_HIDDEN + name)
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o660)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.replace(folder / name)
    _sync(folder)


def names(folder: Path, ends: tuple[str, ...]) -> list[str]:
    """Of the files that may be read, in order; half written and strange ones left out."""
    found = (entry.name for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False))
    return sorted(name for name in found if _NAME.match(name) and name.endswith(ends))


def read(folder: Path, name: str, *, most: int) -> tuple[bytes, float] | None:
    """(bytes, when it was last written); at most one byte more than `most`. None when it is
    gone or no plain file."""
    try:
        handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            return None
        return file.read(most + 1), about.st_mtime


def mark(folder: Path, name: str, at: float) -> None:
    """An empty file of this name and time."""
    (folder / name).touch()
    os.utime(folder / name, (at, at))


def younger(folder: Path, at: float) -> set[str]:
    """The marks made after this moment."""
    return {entry.name for entry in os.scandir(folder) if entry.stat().st_mtime > at}


def drop(folder: Path, name: str) -> None:
    """Gone already is as good."""
    with suppress(FileNotFoundError):
        (folder / name).unlink()


def set_aside(folder: Path, name: str, aside: Path) -> None:
    """Kept for people to look at; of the same name only the last."""
    prepare(aside)
    with suppress(FileNotFoundError):
        (folder / name).replace(aside / name)


def clear(folder: Path, *, keeping: set[str], ends: tuple[str, ...]) -> Iterator[str]:
    """Take away what is not to be kept; the names."""
    for name in names(folder, ends):
        if name not in keeping:
            drop(folder, name)
            yield name


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
