"""The blob store keeps its promise in the right order, or keeps nothing."""

import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from portal.foundation.blobs import Blobs
from portal.foundation.errors import Busy

DATA = b"sealed" * 1000


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    store = Blobs(tmp_path / "blobs")
    store.prepare()
    return store


def unfinished(blobs: Blobs) -> list[Path]:
    return list(blobs.incoming.iterdir())


def test_a_blob_is_named_by_its_digest_and_comes_back(blobs: Blobs) -> None:
    name = blobs.put(DATA)
    assert name == sha256(DATA).hexdigest()
    assert blobs.read(name) == DATA
    assert list(blobs.names()) == [name]
    assert unfinished(blobs) == []


def test_the_same_bytes_are_kept_once(blobs: Blobs) -> None:
    assert blobs.put(DATA) == blobs.put(DATA)
    assert len(list(blobs.names())) == 1


def test_names_are_sorted_and_leave_out_what_is_unfinished(blobs: Blobs) -> None:
    expected = sorted(blobs.put(bytes([number])) for number in range(20))
    (blobs.incoming / "half").write_bytes(b"half")
    assert list(blobs.names()) == expected


def test_a_deleted_blob_is_gone_and_may_be_deleted_again(blobs: Blobs) -> None:
    name = blobs.put(DATA)
    blobs.delete(name)
    blobs.delete(name)
    assert list(blobs.names()) == []
    with pytest.raises(FileNotFoundError):
        blobs.read(name)


@pytest.mark.parametrize(
    "name",
    ["", "../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "aa/" + "a" * 61],
)
def test_only_a_digest_is_a_name(blobs: Blobs, name: str) -> None:
    for verb in (blobs.read, blobs.delete):
        with pytest.raises(ValueError, match="not a blob name"):
            verb(name)


def test_bytes_then_name_then_folder_reach_the_disk_in_this_order(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
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
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch, refuses: str
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


def test_preparing_the_folders_twice_loses_nothing(blobs: Blobs) -> None:
    name = blobs.put(DATA)
    blobs.prepare()
    assert blobs.read(name) == DATA
