"""Old backups go before a new one is made, the newest never."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal.foundation import kept_backups

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def lie(folder: Path, now: datetime, ages: list[timedelta], *, size: int = 10) -> None:
    for age in ages:
        file = folder / f"{(now - age):%Y%m%d-%H%M%S}.backup"
        file.write_bytes(b"x" * size)
        os.utime(file, ((now - age).timestamp(),) * 2)


def ages(folder: Path, now: datetime) -> list[float]:
    """In days."""
    return sorted((now.timestamp() - p.stat().st_mtime) / 86400 for p in folder.glob("*.backup"))


def test_a_year_of_nights(tmp_path: Path, now: datetime) -> None:
    counts = []
    for night in range(365):
        at = now + night * DAY
        kept_backups.prune(tmp_path, now=at)
        lie(tmp_path, at, [timedelta()])
        counts.append(len(ages(tmp_path, at)))
    left = ages(tmp_path, at)
    assert left[:7] == list(range(7))
    assert 28 - 7 < left[-1] <= 30
    assert max(counts[40:]) <= 13
    assert max(b - a for a, b in zip(left, left[1:], strict=False)) <= 7


def test_every_hour_of_a_month(tmp_path: Path, now: datetime) -> None:
    lie(tmp_path, now, [n * HOUR for n in range(1, 40 * 24)])
    kept_backups.prune(tmp_path, now=now)
    left = ages(tmp_path, now)
    assert len([age for age in left if age < 1]) == 23
    assert len(left) <= 23 + 8 + 5


def test_after_a_month_without_a_backup_three_stay(tmp_path: Path, now: datetime) -> None:
    lie(tmp_path, now, [n * DAY for n in range(40, 60)])
    kept_backups.prune(tmp_path, now=now)
    assert ages(tmp_path, now) == [40, 41, 42]


def test_a_small_disk_holds_fewer(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven nights of 10 bytes on a disk of 65: there is room for the eighth afterwards."""
    lie(tmp_path, now, [n * DAY for n in range(1, 8)])
    held = lambda: sum(p.stat().st_size for p in tmp_path.iterdir())  # noqa: E731
    usage = lambda _folder: type("Usage", (), {"free": 65 - held()})  # noqa: E731
    monkeypatch.setattr(kept_backups.shutil, "disk_usage", usage)
    kept_backups.prune(tmp_path, now=now)
    assert ages(tmp_path, now) == [1, 2, 3, 4, 5]
    monkeypatch.setattr(kept_backups.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 0}))
    kept_backups.prune(tmp_path, now=now)
    assert ages(tmp_path, now) == [1, 2, 3]


def test_what_is_no_backup_is_left_alone_but_for_halves(tmp_path: Path, now: datetime) -> None:
    for name in ("erased-keys", "notes.txt", "a.backup.part", "b.backup.part"):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, ((now - 2 * DAY).timestamp(),) * 2)
    os.utime(tmp_path / "b.backup.part", (now.timestamp(),) * 2)
    kept_backups.prune(tmp_path, now=now)
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {"erased-keys", "notes.txt", "b.backup.part"}
