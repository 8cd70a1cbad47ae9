"""A line between a phone and the portal that breaks at any byte, answers late, or asks twice."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from time import sleep

_PIECE = 4096


@dataclass
class Line:
    """`cuts`: after so many bytes towards the portal the connection dies, one after another.

    `sent` counts the bytes that reached the portal; `slow` seconds pass before every answer;
    `drops` is the share of new connections that die at once.
    """

    port: int
    cuts: list[int] = field(default_factory=list)
    sent: int = 0
    made: int = 0
    slow: float = 0.0
    drops: float = 0.0
    dropped: int = 0
    _chance: random.Random = field(default_factory=lambda: random.Random(7))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pass_on(self, piece: bytes) -> tuple[bytes, bool]:
        """What of it still reaches the portal, and whether the line dies then."""
        with self._lock:
            passing = piece if not self.cuts else piece[: self.cuts[0]]
            self.sent += len(passing)
            dies = False
            if self.cuts:
                self.cuts[0] -= len(passing)
                dies = self.cuts[0] <= 0
                if dies:
                    self.cuts.pop(0)
                    self.made += 1
            return passing, dies

    def drops_this(self) -> bool:
        with self._lock:
            lost = self._chance.random() < self.drops
            self.dropped += lost
            return lost


@contextmanager
def bad_line(port: int) -> Iterator[Line]:
    """A line to the portal's `port`; `url` is where the phone goes."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        line = Line(server.getsockname()[1])
        stop = threading.Event()
        threading.Thread(target=_listen, args=(server, port, line, stop), daemon=True).start()
        try:
            yield line
        finally:
            stop.set()


def _listen(server: socket.socket, port: int, line: Line, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            phone, _address = server.accept()
        except OSError:
            return
        if line.drops_this():
            phone.close()
            continue
        portal = socket.create_connection(("127.0.0.1", port))
        for act in (_towards_portal, _towards_phone):
            threading.Thread(target=act, args=(phone, portal, line), daemon=True).start()


def _towards_portal(phone: socket.socket, portal: socket.socket, line: Line) -> None:
    try:
        while piece := phone.recv(_PIECE):
            passing, dies = line.pass_on(piece)
            portal.sendall(passing)
            if dies:
                break
    except OSError:
        pass
    _end(phone, portal)


def _towards_phone(phone: socket.socket, portal: socket.socket, line: Line) -> None:
    try:
        while piece := portal.recv(65536):
            if line.slow:
                sleep(line.slow)
            phone.sendall(piece)
    except OSError:
        pass
    _end(phone, portal)


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
