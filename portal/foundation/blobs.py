"""The blob store: sealed bytes named by their digest; as plain files, or in a bucket (bucket.py)."""

import os
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from portal.foundation.crash import crash_point
from portal.foundation.errors import Busy

_NAME = re.compile(r"[0-9a-f]{64}\Z")
SLICES = tuple(f"{number:02x}" for number in range(256))
"""How the names begin. They are digests, so each slice has as many as the next."""
_AT_ONCE = 100_000
OLD = timedelta(days=1)
"""A blob is stored before the row that names it."""
Named = Callable[[str], Container[str]]
"""Those names that begin so and must stay."""


class Blobs(ABC):
    """Four verbs: put, read, delete, names. A blob that was put survives a power cut."""

    @abstractmethod
    def prepare(self) -> None:
        """Once, before the first blob: make what is missing, or say that it cannot be used.

        Raises Busy for a store that is away and may come back, WrongSettings for any other.
        """

    @abstractmethod
    def answers(self) -> bool:
        """Whether it can be reached now; said within seconds."""

    @abstractmethod
    def put(self, data: bytes) -> str:
        """Store for good and return the name (64 hex digits); the same bytes are kept once.

        Raises Busy when the store refuses.
        """

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Raises FileNotFoundError when there is no such blob."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """What is not there is deleted already."""

    @abstractmethod
    def names(self, prefix: str = "") -> Iterator[str]:
        """Every blob whose name begins so, sorted."""

    def slices(self) -> Iterator[str]:
        """All beginnings of one length: so long that no slice is too much to hold at once."""
        about, width = len(SLICES) * sum(1 for _name in self.names(SLICES[0])), 0
        while about > _AT_ONCE * 16**width:
            width += 1
        yield from map("".join, product("0123456789abcdef", repeat=width))

    @abstractmethod
    def sweep(self, prefix: str, named: Named, *, now: datetime) -> int:
        """Delete those of a slice that are older than a day and not `named`; how many.

        `named` is asked after the blobs are listed: whatever is written while we look stays.
        """


def begins(column: InstrumentedAttribute[Any], prefix: str) -> ColumnElement[bool]:
    """Rows whose blob is in this slice, found by the column's index in any collation."""
    return column.between(prefix, f"{prefix}g") if prefix else column.is_not(None)


def checked(name: str) -> str:
    """Raises ValueError for anything but a digest: no path, no other object."""
    if not _NAME.match(name):
        raise ValueError("not a blob name")
    return name


class Folder(Blobs):
    """Plain files on a disk of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"

    def prepare(self) -> None:
        """Make the folders, so that storing a blob never has to make one."""
        for name in ["incoming", *"0123456789abcdef"]:
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def answers(self) -> bool:
        return os.access(self.incoming, os.W_OK | os.X_OK)

    def put(self, data: bytes) -> str:
        """File and folder are flushed to disk; when the disk refuses nothing is kept."""
        name = sha256(data).hexdigest()
        target = self._path(name)
        try:
            self._write(data, target)
        except OSError as fault:
            raise Busy(
                "存储暂时不可用。照片还在您的手机上，请稍后再试。", code="storage", retry_after=30
            ) from fault
        return name

    def read(self, name: str) -> bytes:
        return self._path(name).read_bytes()

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names(self, prefix: str = "") -> Iterator[str]:
        for digit in prefix[:1] or "0123456789abcdef":
            if (self.folder / digit).is_dir():
                with os.scandir(self.folder / digit) as found:
                    yield from sorted(f.name for f in found if f.name.startswith(prefix))

    def link_into(self, other: "Folder") -> None:
        """Every blob as a hard link in another store on the same disk; what is there stays."""
        for name in self.names():
            with suppress(FileExistsError, FileNotFoundError):
                other._path(name).hardlink_to(self._path(name))

    def sweep(self, prefix: str, named: Named, *, now: datetime) -> int:
        """Half-written files as well, after an hour."""
        there = list(self.names(prefix))
        kept = named(prefix) if there else ()
        unnamed = [self._path(name) for name in there if name not in kept]
        return sum(_drop(p, now - OLD) for p in unnamed) + sum(
            _drop(p, now - timedelta(hours=1)) for p in list(self.incoming.iterdir())
        )

    def _path(self, name: str) -> Path:
        return self.folder / checked(name)[0] / name

    def _write(self, data: bytes, target: Path) -> None:
        temporary = self.incoming / secrets.token_hex(16)
        crash_point("U1")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                crash_point("U2")
                file.flush()
                os.fsync(file.fileno())
            crash_point("U3")
            temporary.rename(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        crash_point("U4")
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        crash_point("U5")


def _drop(path: Path, before: datetime) -> int:
    """1 when the file was older and is gone now; another sweep may have been faster."""
    try:
        if path.stat().st_mtime >= before.timestamp():
            return 0
        path.unlink()
    except FileNotFoundError:
        return 0
    return 1
