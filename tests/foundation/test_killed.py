"""A backup, a restore, a change of the master key that is killed: nothing is lost, and nothing that
could open what is erased stays."""

import fcntl
import os
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from portal import inspection, worker
from portal.assembly import Portal, opened
from portal.foundation import backup, master_key, rotation, vault, workshop
from portal.foundation.settings import Settings
from portal.foundation.vault import DataKey
from tests.conftest import NOW
from tests.killed import killed_at

WORDS = "红薯 稻谷 板栗"
pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


def make(settings: Settings, file: Path) -> None:
    backup.make(settings, file, passphrase=WORDS, now=NOW)


def grave(settings: Settings) -> str:
    return "".join(f.words for f in inspection.inspect(settings, now=NOW) if f.grave)


@pytest.mark.parametrize("point", [pytest.param("K1", marks=pytest.mark.full), "K2", "K3"])
def test_a_killed_backup_is_found_and_removed(portal: Portal, backups: Path, point: str) -> None:
    settings, file = portal.settings, backups / "one.backup"
    portal.blobs.put(b"sealed")
    portal.database.engine.dispose()
    killed_at(point, partial(make, settings, file))
    [left] = settings.data.glob(".backup-*")
    assert (left / "master.key").exists()
    assert str(left) in grave(settings)
    worker.run_once(portal, now=NOW)
    assert not left.exists()
    assert "明文" not in grave(settings)
    if point == "K3":
        assert file.exists(), "whole and read through"
        file.unlink()
    make(settings, file)
    assert sorted(f.name for f in backups.iterdir()) == ["erased-keys", "one.backup"]
    backup.restore(Settings(data=settings.data), file, backups / "new", passphrase=WORDS)


def test_the_next_backup_removes_it_too_and_its_part(portal: Portal, backups: Path) -> None:
    portal.database.engine.dispose()
    killed_at("K2", partial(make, portal.settings, backups / "monday.backup"))
    (backups / "photo.part").write_text("somebody else's")
    make(portal.settings, backups / "tuesday.backup")
    assert not list(portal.settings.data.glob(".backup-*"))
    there = sorted(f.name for f in backups.iterdir())
    assert there == ["erased-keys", "photo.part", "tuesday.backup"]


def test_one_that_is_being_made_is_left_alone(portal: Portal, backups: Path) -> None:
    data = portal.settings.data
    with workshop.workshop(data) as folder, workshop.half_written(backups / "a.backup") as part:
        (folder / "master.key").write_text("key")
        worker.run_once(portal, now=NOW + timedelta(days=9))
        assert "明文" not in grave(portal.settings)
        with workshop.workshop(data) as second:
            assert second != folder
        with pytest.raises(backup.NotRestored, match="正在写"):
            make(portal.settings, backups / "a.backup")
        assert part.exists()
        assert (folder / "master.key").exists()
    assert not list(data.glob(".backup-*"))
    assert list(backups.iterdir()) == []


def test_whoever_clears_may_be_faster_than_the_lock(
    settings: Settings, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.flock

    def late(handle: int, how: int) -> None:
        if how == fcntl.LOCK_EX:
            monkeypatch.setattr(fcntl, "flock", lock)
            assert workshop.clear(backups) == 1
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with workshop.workshop(backups) as folder:
        assert os.listdir(backups) == [folder.name]


def test_a_killed_restore_is_found_and_removed(portal: Portal, backups: Path) -> None:
    """Beside the new folder: by the next restore there, by the worker of what was restored."""
    file, new, given = backups / "one.backup", backups / "new", Settings(data=portal.settings.data)
    make(portal.settings, file)
    portal.database.engine.dispose()
    restore = partial(backup.restore, given, file, new, passphrase=WORDS)
    killed_at("K4", restore)
    assert [(f / "master.key").exists() for f in backups.glob(".backup-*")] == [True]
    restore()
    assert not list(backups.glob(".backup-*"))
    killed_at("K4", partial(backup.restore, given, file, backups / "other", passphrase=WORDS))
    with opened(replace(given, data=new)) as restored:
        assert "明文" in grave(restored.settings)
        worker.run_once(restored, now=NOW)
    assert not list(backups.glob(".backup-*"))


@pytest.mark.parametrize("point", ["M1", "M2", "M3"])
def test_killed_while_the_master_key_is_changed(portal: Portal, point: str) -> None:
    """Everything opens before and after; the same call again ends it."""
    settings, place = portal.settings, "tests.word:1"
    old = master_key.path_of(settings).read_text()
    with portal.database.writing() as session:
        made = [vault.new_key(session, "person", now=NOW) for _ in range(450)]
        sealed = {key: vault.seal(session, key, b"x", place=place) for key in made}
    portal.database.engine.dispose()

    def all_open() -> bool:
        with opened(settings) as again, again.database.reading() as session:
            return all(vault.unseal(session, k, s, place=place) == b"x" for k, s in sealed.items())

    killed_at(point, partial(rotation.rotate, settings, now=NOW))
    assert all_open()
    assert len(master_key.masters_of(settings)) == 2
    rotation.rotate(settings, now=NOW)
    assert all_open()
    assert len(master_key.masters_of(settings)) == 1
    before = vault.open_vault(replace(settings, master_key=old))
    with opened(settings) as again, again.database.reading() as session:
        wrapped = session.get_one(DataKey, made[0]).wrapped
    assert wrapped is not None
    with pytest.raises(vault.Unreadable):
        before.unwrap(made[0], wrapped)
