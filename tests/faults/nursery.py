"""Processes that die where they are told to: forked from one that has everything imported.

A child opens the portal itself, does one deed (children.py), tells the parent what it acknowledged,
and ends; or is killed at a named point or after some time, or stopped there and woken later, or
its system calls fail.
"""

import ctypes
import json
import os
import signal
import stat
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from subprocess import PIPE, Popen
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from portal.foundation import database
from portal.foundation.settings import Settings
from tests.conftest import NOW
from tests.faults import children
from tests.faults.children import Deed
from tests.faults.invariants import Acknowledged

KILLED = -signal.SIGKILL
CUT_OFF = -signal.SIGALRM
_ROOT = Path(__file__).parents[2]
_SET_PTRACER, _ANYBODY = 0x59616D61, -1


class Nursery:
    """The process that is forked: it imports everything and never starts a thread, which a
    fork would lose (the library that prints PDFs keeps a pool of them)."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        self._process = Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=_ROOT)

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        self._process.communicate()


@dataclass(frozen=True)
class Installation:
    settings: Settings
    nursery: Nursery

    def run(
        self,
        deed: Deed,
        told: Acknowledged,
        *,
        at: str = "",
        now: datetime = NOW,
        after: float = 0,
        fails: str = "",
        strace: Sequence[str] = (),
        weaker: str = "",
    ) -> int:
        """The exit code of a child doing `deed`; what it acknowledged is added to `told`.

        It is killed `at` a point, or `after` so many seconds; or calls fail in it: `fails` is
        strace's, for instance fdatasync:error=EIO:when=3. It is watched by `strace` with such
        options; and runs under `weaker` settings (power.py).
        """
        if fails:
            call = fails.partition(":")[0]
            strace = ("-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={fails}")
        more = {"after": after, "strace": strace, "weaker": weaker}
        return _heard(self.nursery.ask(self._order(deed, at, now) | more), told)

    def pause(self, deed: Deed, *, at: str, now: datetime = NOW) -> int:
        """The number of a child that stands still at that point; `wake` it."""
        return int(self.nursery.ask(self._order(deed, at, now) | {"pause": True})["pid"])

    def wake(self, number: int, told: Acknowledged) -> int:
        return _heard(self.nursery.ask({"wake": number}), told)

    def _order(self, deed: Deed, at: str, now: datetime) -> dict[str, Any]:
        return {
            "data": str(self.settings.data),
            "database": self.settings.database_url,
            "queue": self.settings.queue,
            "deed": deed.__name__,
            "at": at,
            "now": now.isoformat(),
        }


def _heard(born: dict[str, Any], told: Acknowledged) -> int:
    for said in born["said"]:
        told.hear(said)
    return int(born["code"])


def _sync_no_folder(sync: Callable[[int], None]) -> Callable[[int], None]:
    return lambda number: None if stat.S_ISDIR(os.fstat(number).st_mode) else sync(number)


WEAKER: dict[str, Callable[[], Any]] = {
    "synchronous=NORMAL": lambda: patch.dict(database._SQLITE, synchronous=1),
    "synchronous=OFF": lambda: patch.dict(database._SQLITE, synchronous=0),
    "no fsync of the photo's folder": lambda: patch.object(os, "fsync", _sync_no_folder(os.fsync)),
    "no fsync of the photo": lambda: patch.object(os, "fsync", lambda _number: None),
}
"""What we might do and must not."""


@dataclass
class _Births:
    """Children that stand still, by number, with the pipe they tell through."""

    still: dict[int, int] = field(default_factory=dict)

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        if "wake" in order:
            child = order["wake"]
            os.kill(child, signal.SIGCONT)
            return _end(child, self.still.pop(child))
        child, pipe = _fork(order)
        if order.get("pause"):
            _until_it_stands_still(child)
            self.still[child] = pipe
            return {"pid": child}
        if order["strace"]:
            _until_it_stands_still(child)
            with _watched(child, order["strace"]):
                os.kill(child, signal.SIGCONT)
                return _end(child, pipe)
        return _end(child, pipe)


def serve() -> None:
    births = _Births()
    for line in sys.stdin:
        print(json.dumps(births.answer(json.loads(line))), flush=True)


def _fork(order: dict[str, Any]) -> tuple[int, int]:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _live(order, write)
    os.close(write)
    return child, read


def _end(child: int, pipe: int) -> dict[str, Any]:
    with os.fdopen(pipe) as told:
        said = [json.loads(line) for line in told]
    return {"code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), "said": said}


def _until_it_stands_still(child: int) -> None:
    _, status = os.waitpid(child, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        raise RuntimeError(f"it ended instead: {status}")


def _watched(child: int, options: list[str]) -> Popen[bytes]:
    process = Popen(["strace", "-qq", "-p", str(child), *options])
    while "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text():
        if process.poll() is not None:
            raise RuntimeError("strace may not trace here")
        time.sleep(0.005)
    return process


def _live(order: dict[str, Any], pipe: int) -> None:
    def tell(said: dict[str, Any]) -> None:
        os.write(pipe, children.line(said))

    code = 1
    try:
        given = Settings(
            data=Path(order["data"]), database_url=order["database"], queue=order["queue"],
            crash_at=order["at"],
        )  # fmt: skip
        with ExitStack() as stack:
            _prepare(order, stack)
            portal = children.restart(given)
            getattr(children, order["deed"])(portal, tell, datetime.fromisoformat(order["now"]))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _prepare(order: dict[str, Any], stack: ExitStack) -> None:
    """What shall happen to this child, before it begins."""
    if order.get("pause"):
        instead = SimpleNamespace(SIGKILL=signal.SIGSTOP)
        stack.enter_context(patch("portal.foundation.crash.signal", instead))
    if order.get("weaker"):
        stack.enter_context(WEAKER[order["weaker"]]())
    if order.get("strace"):
        ctypes.CDLL(None).prctl(_SET_PTRACER, _ANYBODY, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
    if order.get("after"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, order["after"])


if __name__ == "__main__":
    serve()
