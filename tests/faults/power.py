"""What a disk holds when the power goes: every system call on the data folder is replayed from
strace's log, and only what was fsynced is kept.

Bytes are kept as of the last fsync of their file, names as of the last fsync of their folder;
real disks may keep more, never less.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import children
from tests.faults.invariants import Acknowledged
from tests.faults.nursery import KILLED, Installation

_CALLS = (
    "openat,open,creat,close,write,pwrite64,writev,pwritev,pwritev2,lseek,ftruncate,truncate,"
    "fallocate,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,link,linkat,unlink,"
    "unlinkat,dup,dup2,dup3,sendfile,copy_file_range"
)
_LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_TOLD = '"' + "".join(f"\\x{byte:02x}" for byte in b'{"')
"""How a line begins that a child tells."""
_UNKNOWN = frozenset(
    {"writev", "pwritev", "pwritev2", "truncate", "fallocate", "sendfile", "copy_file_range"}
)
"""Nobody here writes like that today; one who does must be taught to this file."""


@dataclass
class File:
    """`now` as programs see it, `safe` as it would be found after the power went."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytes = b""


@dataclass
class _Handle:
    file: File | None
    folder: str = ""
    at: int = 0
    append: bool = False


class Disk:
    """One folder and all below it. Folders are there from the beginning."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.names = folder, dict[str, File]()
        for path in folder.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                self.names[str(path)] = File(bytearray(data), data)
        self.safe_names, self._open = dict(self.names), dict[int, _Handle]()

    def cut(self, target: Path) -> None:
        """What the next start finds. SQLite's -shm is memory and never survives."""
        for path in [self.folder, *self.folder.rglob("*")]:
            if path.is_dir():
                (target / path.relative_to(self.folder)).mkdir(parents=True, exist_ok=True)
        for name, file in self.safe_names.items():
            if not name.endswith("-shm"):
                (target / Path(name).relative_to(self.folder)).write_bytes(file.safe)

    def replay(self, call: str, given: str, result: int) -> None:
        if result < 0:
            return
        texts = _bytes(given)
        if call in ("openat", "open", "creat"):
            self._opened(texts[0].decode(), given, result)
        elif call in ("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat"):
            self._named(call, [text.decode() for text in texts])
        else:
            self._written(call, given, texts, result)

    def _opened(self, name: str, flags: str, number: int) -> None:
        self._open.pop(number, None)
        if not name.startswith(str(self.folder)):
            return
        if Path(name).is_dir():
            self._open[number] = _Handle(None, folder=name)
            return
        file = self.names.setdefault(name, File())
        if "O_TRUNC" in flags:
            file.now.clear()
        self._open[number] = _Handle(file, append="O_APPEND" in flags)

    def _named(self, call: str, names: list[str]) -> None:
        if names[0] not in self.names:
            return
        file = self.names[names[0]]
        if not call.startswith("link"):
            del self.names[names[0]]
        if not call.startswith("unlink"):
            self.names[names[1]] = file

    def _written(self, call: str, given: str, texts: list[bytes], result: int) -> None:
        number = int(given.partition(",")[0])
        handle = self._open.get(number)
        if handle is None:
            return
        if call == "close":
            del self._open[number]
        elif call in ("dup", "dup2", "dup3"):
            self._open[result] = handle
        elif handle.file is not None:
            _change(handle, handle.file, call, given, texts, result)
        elif call in ("fsync", "fdatasync"):
            self._keep_names(handle.folder)

    def _keep_names(self, folder: str) -> None:
        here = {name: f for name, f in self.names.items() if os.path.dirname(name) == folder}
        others = {n: f for n, f in self.safe_names.items() if os.path.dirname(n) != folder}
        self.safe_names = others | here


def _change(
    handle: _Handle, file: File, call: str, given: str, texts: list[bytes], result: int
) -> None:
    assert call not in _UNKNOWN, f"teach {__name__} what {call} does"
    if call in ("fsync", "fdatasync"):
        file.safe = bytes(file.now)
    elif call == "lseek":
        handle.at = result
    elif call == "ftruncate":
        _reach(file.now, size := int(given.split(",")[1]))
        del file.now[size:]
    elif call == "pwrite64":
        _put(file.now, int(given.rpartition(",")[2]), texts[0][:result])
    elif call == "write":
        start = len(file.now) if handle.append else handle.at
        _put(file.now, start, texts[0][:result])
        handle.at = start + result


def _put(data: bytearray, start: int, written: bytes) -> None:
    _reach(data, start)
    data[start : start + len(written)] = written


def _reach(data: bytearray, size: int) -> None:
    data.extend(bytes(max(0, size - len(data))))


@dataclass(frozen=True)
class Moment:
    """After one system call: `said` was just acknowledged, or something just became safe."""

    disk: Disk
    said: bytes = b""


def moments(installed: Installation, log: Path, *, weaker: str = "") -> Iterator[Moment]:
    """Lets a child hand in under strace, then plays the log: every moment that matters."""
    disk = Disk(installed.settings.data)
    watch = ("-xx", "-s", "4000000", "-o", str(log), "-e", f"trace={_CALLS}")
    nobody = Acknowledged()
    code = installed.run(children.hand_in_until_the_end, nobody, strace=watch, weaker=weaker)
    assert code == KILLED
    with log.open() as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                continue
            call, given, result = found[1], found[2], int(found[3])
            if call == "write" and _TOLD in given:
                yield Moment(disk, _bytes(given)[0])
                continue
            disk.replay(call, given, result)
            if call in ("fsync", "fdatasync"):
                yield Moment(disk)


def _bytes(given: str) -> list[bytes]:
    return [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(given)]
