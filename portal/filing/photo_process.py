"""The bounded child process that opens photos, seen from the side that uses it."""

import json
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from os import pathsep
from types import TracebackType
from typing import IO

MOST_PHOTOS = 50
"""After so many a fresh child takes over, so that nothing piles up in its memory."""
SECONDS = 20.0
_COMMAND = (sys.executable, "-m", "portal.filing.darkroom")


class Unreadable(Exception):
    """These bytes are no photo that can be opened; trying again will not help."""


class Died(Exception):
    """The child was killed, ran out of memory or took too long over this photo."""


@dataclass(frozen=True)
class Prepared:
    """A copy people may see and its thumbnail (JPEG, upright, no metadata), with advice codes."""

    jpeg: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)
    width: int
    height: int
    advice: tuple[str, ...]


class PhotoProcess:
    """One child at a time, started when needed and replaced when it is worn or broken.

    It is given no environment, hence no keys. Not to be shared between threads.
    """

    def __init__(self, *, seconds: float = SECONDS, most_photos: int = MOST_PHOTOS) -> None:
        self._seconds, self._most_photos = seconds, most_photos
        self._child: subprocess.Popen[bytes] | None = None
        self._photos = 0

    @property
    def pid(self) -> int | None:
        """Of the child that runs now."""
        return self._child.pid if self._child else None

    def prepare(self, photo: bytes) -> Prepared:
        """Raises Unreadable for what is no photo, Died when the child did not survive it."""
        child = self._running()
        late = threading.Timer(self._seconds, child.kill)
        late.start()
        try:
            return _exchange(child, photo)
        except (OSError, EOFError) as fault:
            self.close()
            raise Died(f"child ended with {child.returncode}") from fault
        finally:
            late.cancel()
            self._photos += 1

    def close(self) -> None:
        """End the child. The next photo starts another."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in filter(None, (child.stdin, child.stdout)):
            with suppress(BrokenPipeError):
                pipe.close()

    def __enter__(self) -> "PhotoProcess":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._photos >= self._most_photos or (self._child and self._child.poll() is not None):
            self.close()
        if self._child is None:
            self._photos = 0
            self._child = subprocess.Popen(  # noqa: S603 - our own module
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": pathsep.join(p for p in sys.path if p), "OMP_NUM_THREADS": "1"},
            )
        return self._child


def _exchange(child: "subprocess.Popen[bytes]", photo: bytes) -> Prepared:
    assert child.stdin is not None  # noqa: S101
    assert child.stdout is not None  # noqa: S101
    child.stdin.write(struct.pack(">I", len(photo)))
    child.stdin.write(photo)
    child.stdin.flush()
    answer = json.loads(_read_part(child.stdout))
    if "fault" in answer:
        raise Unreadable(answer["fault"])
    jpeg, thumbnail = _read_part(child.stdout), _read_part(child.stdout)
    return Prepared(jpeg, thumbnail, answer["width"], answer["height"], tuple(answer["advice"]))


def _read_part(stream: IO[bytes]) -> bytes:
    (size,) = struct.unpack(">I", _exactly(stream, 4))
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    part = stream.read(size)
    if len(part) < size:
        raise EOFError
    return part
