"""Where the master keys are kept: `master.key` in the data folder, or PORTAL_MASTER_KEY.

One key, or two while it is changed (rotation.py): the newest first.
"""

import base64
import binascii
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.foundation.settings import Settings, WrongSettings

Masters = tuple[bytes, ...]


class KeyFile:
    """`master.key` in the data folder: the newest key in the first line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None

    def read(self) -> Masters:
        return parsed(self.path.read_text())

    def changed(self) -> Masters | None:
        """The keys, when the file is another one than at the last call. It is only ever replaced
        whole; whoever looks in between finds the old one or the new one."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        seen, self._seen = self._seen, (found.st_ino, found.st_mtime_ns)
        return self.read() if seen != self._seen else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else changes it until the block ends. Raises WrongSettings when somebody does."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for cut in self.path.parent.glob(f".{self.path.name}-*"):
                cut.unlink()
            yield
        except BlockingIOError as fault:
            raise WrongSettings("the master key is being changed by somebody else") from fault
        finally:
            os.close(folder)

    def replace(self, masters: Masters) -> None:
        """On disk, of mode 0600, when it returns."""
        other = self.path.with_name(f".{self.path.name}-{secrets.token_hex(8)}")
        _write_new(other, masters)
        other.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def masters_of(settings: Settings) -> Masters:
    """The newest first. Raises WrongSettings."""
    if settings.master_key:
        return parsed(settings.master_key)
    path = path_of(settings)
    if not path.exists():
        raise WrongSettings(
            f"no master key: set PORTAL_MASTER_KEY or run `portal init` ({path.name})"
        )
    return KeyFile(path).read()


def parsed(words: str) -> Masters:
    """One or more keys in base64. Raises WrongSettings."""
    try:
        return tuple(base64.b64decode(word, validate=True) for word in words.split())
    except binascii.Error as fault:
        raise WrongSettings("the master key must be 32 bytes, base64") from fault


def written(masters: Masters) -> str:
    return "\n".join(base64.b64encode(master).decode() for master in masters)


def path_of(settings: Settings) -> Path:
    return settings.data / "master.key"


def make(settings: Settings) -> None:
    """A new key in a file of mode 0600, on disk. Never overwrites."""
    path = path_of(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_new(path, (new_key(),))


def new_key() -> bytes:
    return secrets.token_bytes(32)


def _write_new(path: Path, masters: Masters) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(written(masters))
        file.flush()
        os.fsync(file.fileno())
