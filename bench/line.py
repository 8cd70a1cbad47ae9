"""A slow line, packet by packet: two TUN devices, one here and one in a network namespace, each way
with its own rate, delay and queue. Real TCP and TLS run over it, handshakes and all.

    python -m bench.line        "400 400 0.4" sets kbit/s down, up and the seconds there and back;
                                any line is answered with the bytes each way since it was set
"""

import fcntl
import heapq
import json
import os
import select
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO

HERE, THERE, NAMESPACE = "198.18.0.1", "198.18.0.2", "portal-bench"
INSIDE = ("ip", "netns", "exec", NAMESPACE)
"""What a command starts with to run at the other end."""
_NEAR, _FAR, _DEVICE = "bench0", "bench1", Path("/dev/net/tun")
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_LONGEST, _QUEUE = 1400, 100_000
_STEPS = (
    f"netns add {NAMESPACE}",
    f"link set {_FAR} netns {NAMESPACE}",
    f"addr add {HERE}/30 dev {_NEAR}",
    f"link set {_NEAR} mtu {_LONGEST} up",
    f"-n {NAMESPACE} addr add {THERE}/30 dev {_FAR}",
    f"-n {NAMESPACE} link set {_FAR} mtu {_LONGEST} up",
    f"-n {NAMESPACE} link set lo up",
)


def missing() -> str:
    """What this machine lacks for it; "" when nothing."""
    if os.geteuid() != 0:
        return "root"
    if not shutil.which("ip"):
        return "ip (apt-get install iproute2)"
    if not _DEVICE.exists():
        return str(_DEVICE)
    probe = _ip(f"netns add {NAMESPACE}-probe")
    _ip(f"netns del {NAMESPACE}-probe")
    return "" if probe else "the right to make network namespaces"


@dataclass
class Line:
    """Asked by whoever measures; `down` and `up` count whole packets."""

    process: subprocess.Popen[str]

    def set(self, down: float, up: float, seconds: float) -> None:
        self._ask(f"{down} {up} {seconds}")

    def counted(self) -> dict[str, int]:
        return self._ask("")

    def _ask(self, words: str) -> dict[str, int]:
        assert self.process.stdin is not None  # noqa: S101
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        found: dict[str, int] = json.loads(self.process.stdout.readline())
        return found


@contextmanager
def slow_line() -> Iterator[Line]:
    """Open until the end; at first as fast as it can."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.line"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        line = Line(process)
        line.set(100_000, 100_000, 0)
        yield line
    finally:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait()


@dataclass
class _Way:
    """One direction: packets wait for their turn, then travel."""

    rate: float = 12_500_000.0
    delay: float = 0.0
    busy: float = 0.0
    passed: int = 0

    def arrival(self, packet: bytes) -> float | None:
        """When it comes out at the other end; None when the queue is full."""
        now = time.monotonic()
        if max(0.0, self.busy - now) * self.rate > _QUEUE:
            return None
        self.busy = max(now, self.busy) + len(packet) / self.rate
        self.passed += len(packet)
        return self.busy + self.delay


@dataclass
class _Both:
    near: int
    far: int
    up: _Way = field(default_factory=_Way)
    down: _Way = field(default_factory=_Way)
    under_way: list[tuple[float, int, int, bytes]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def take(self, device: int) -> None:
        way, other = (self.up, self.far) if device == self.near else (self.down, self.near)
        while packet := _read(device):
            at = way.arrival(packet)
            if at is not None:
                heapq.heappush(self.under_way, (at, next(self.numbers), other, packet))

    def give(self) -> None:
        while self.under_way and self.under_way[0][0] <= time.monotonic():
            _at, _number, device, packet = heapq.heappop(self.under_way)
            with suppress(OSError):
                os.write(device, packet)

    def patience(self) -> float:
        return max(0.0, self.under_way[0][0] - time.monotonic()) if self.under_way else 1.0

    def answer(self, words: str, out: IO[str]) -> None:
        if words.strip():
            down, up, seconds = map(float, words.split())
            self.down = _Way(down * 125, seconds / 2)
            self.up = _Way(up * 125, seconds / 2)
        out.write(json.dumps({"down": self.down.passed, "up": self.up.passed}) + "\n")
        out.flush()


def _run() -> None:
    """Until whoever started it closes its input."""
    _ip(f"netns del {NAMESPACE}")
    both = _Both(_tun(_NEAR), _tun(_FAR))
    for step in _STEPS:
        if not _ip(step):
            raise OSError(step)
    try:
        while True:
            wanted = [both.near, both.far, sys.stdin]
            ready, _, _ = select.select(wanted, [], [], both.patience())
            for device in ready:
                if device is not sys.stdin:
                    both.take(device)
                elif words := sys.stdin.readline():
                    both.answer(words, sys.stdout)
                else:
                    return
            both.give()
    finally:
        _ip(f"netns del {NAMESPACE}")


def _tun(name: str) -> int:
    device = os.open(_DEVICE, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return device


def _read(device: int) -> bytes:
    try:
        return os.read(device, 2048)
    except BlockingIOError:
        return b""


def _ip(step: str) -> bool:
    done = subprocess.run(["ip", *step.split()], capture_output=True, check=False)  # noqa: S603, S607
    return done.returncode == 0


if __name__ == "__main__":
    _run()
