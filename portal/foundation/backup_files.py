"""What lies in a backup: each file with its digest, taken out with it, put in place whole."""

import shutil
import tarfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from portal.foundation.sealed_file import Damaged


def digests(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): _digest(p) for p in sorted(folder.rglob("*")) if p.is_file()
    }


def unpack(tar: tarfile.TarFile, folder: Path, named: Mapping[str, str]) -> None:
    """All that is named, nothing else, each with its digest. Raises Damaged."""
    wanted = dict(named)
    while entry := tar.next():
        _extract(tar, entry, folder, wanted)
    if wanted:
        raise Damaged(f"{len(wanted)} files are missing")


def move(folder: Path, target: Path, *, last: tuple[str, ...]) -> None:
    """`folder` becomes `target`; or what is in it goes there, when it was made inside of `target`:
    `last` last, so that what is cut short is no installation."""
    if folder.parent != target:
        folder.rename(target)
        return
    first = [p for p in sorted(folder.iterdir()) if p.name not in last]
    for found in (*first, *(folder / name for name in last if (folder / name).exists())):
        found.rename(target / found.name)
    folder.rmdir()


def _extract(
    tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path, wanted: dict[str, str]
) -> None:
    digest, source = wanted.pop(entry.name, ""), tar.extractfile(entry)
    target = (folder / entry.name).resolve()
    if not digest or source is None or not target.is_relative_to(folder.resolve()):
        raise Damaged(entry.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        target.chmod(0o600)
        shutil.copyfileobj(source, out, 1024 * 1024)
    if _digest(target) != digest:
        raise Damaged(entry.name)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        found = sha256()
        while piece := opened.read(1024 * 1024):
            found.update(piece)
    return found.hexdigest()
