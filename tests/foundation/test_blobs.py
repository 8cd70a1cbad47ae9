"""The folder keeps its promise in the right order, or keeps nothing."""

import os
import stat
from pathlib import Path

import pytest

from portal.foundation.blobs import Folder
from portal.foundation.errors import Busy

DATA = b"sealed" * 1000


@pytest.fixture
def blobs(tmp_path: Path) -> Folder:
    store = Folder(tmp_path / "blobs")
    store.prepare()
    return store


def unfinished(blobs: Folder) -> list[Path]:
    return list(blobs.incoming.iterdir())


def test_nothing_unfinished_is_left_or_named(blobs: Folder) -> None:
    expected = sorted(blobs.put(bytes([number])) for number in range(20))
    assert unfinished(blobs) == []
    (blobs.incoming / "half").write_bytes(b"half")
    assert list(blobs.names()) == expected


def test_bytes_then_name_then_folder_reach_the_disk_in_this_order(
    blobs: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name on disk must never stand for bytes that are not, nor be forgotten once said."""
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def see_fsync(handle: int) -> None:
        found = os.fstat(handle)
        steps.append("folder" if stat.S_ISDIR(found.st_mode) else f"file of {found.st_size}")
        fsync(handle)

    def see_rename(source: Path, target: Path) -> Path:
        steps.append("name")
        return rename(source, target)

    monkeypatch.setattr(os, "fsync", see_fsync)
    monkeypatch.setattr(Path, "rename", see_rename)
    name = blobs.put(DATA)
    assert steps == [f"file of {len(DATA)}", "name", "folder"]
    assert blobs.read(name) == DATA


@pytest.mark.parametrize("refuses", ["fsync", "rename", "open"])
def test_a_disk_that_refuses_is_said_and_nothing_is_kept(
    blobs: Folder, monkeypatch: pytest.MonkeyPatch, refuses: str
) -> None:
    def no_space(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os if refuses == "fsync" else Path, refuses, no_space)
    with pytest.raises(Busy, match="照片还在您的手机上") as refusal:
        blobs.put(DATA)
    monkeypatch.undo()
    assert (refusal.value.code, refusal.value.retry_after) == ("storage", 30)
    assert list(blobs.names()) == []
    assert unfinished(blobs) == []


def test_preparing_the_folders_twice_loses_nothing(blobs: Folder) -> None:
    name = blobs.put(DATA)
    blobs.prepare()
    assert blobs.read(name) == DATA
