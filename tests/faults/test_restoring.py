"""The drill: yesterday's backup is restored, and what was handed over since is handed over again."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portal import worker
from portal.assembly import Portal, opened
from portal.filing.tables import Application
from portal.foundation import backup
from portal.foundation.settings import Settings
from portal.handover import frozen
from tests.conftest import NOW, on_postgres, on_server
from tests.faults import invariants
from tests.faults.invariants import Acknowledged
from tests.handover import files

WORDS = "红薯 稻谷 板栗"


def hand_in(portal: Portal, number: int) -> dict[str, object]:
    file_id = files.draft(portal, files.LEAST, phone=f"1390000{number:04d}")
    files.add_photo(portal, file_id, files.jpeg())
    return files.submit(portal, file_id)


def run_worker(portal: Portal, *, days: int = 0) -> None:
    for minutes in range(0, 6, 2):
        worker.run_once(portal, now=NOW + timedelta(days=days, minutes=minutes))


@pytest.fixture
def elsewhere(store: str, settings: Settings, tmp_path: Path):
    """Settings of the place it is restored to."""
    if store == "sqlite":
        yield Settings(data=tmp_path / "restored")
        return
    name = settings.url.rsplit("/", 1)[1] + "_restored"
    on_server(f"CREATE DATABASE {name}")
    yield on_postgres(Settings(data=tmp_path / "restored"), name)
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_the_drill(portal: Portal, elsewhere: Settings, tmp_path: Path) -> None:
    delivered = [hand_in(portal, number) for number in range(3)]
    run_worker(portal)
    waiting = [hand_in(portal, number) for number in range(3, 6)]
    file = tmp_path / "night.backup"
    backup.make(portal.settings, file, passphrase=WORDS, now=NOW)
    run_worker(portal)
    hand_in(portal, 6)
    backup.restore(
        replace(elsewhere, data=portal.settings.data), file, elsewhere.data, passphrase=WORDS
    )
    with opened(elsewhere) as restored:
        invariants.still_there(restored, Acknowledged(receipts=delivered + waiting))
        run_worker(restored, days=1)
        invariants.check(restored, Acknowledged(receipts=delivered + waiting))
        with portal.database.reading() as before, restored.database.reading() as after:
            for receipt in delivered + waiting:
                number = receipt["application_id"]
                here = (
                    before.query(Application).filter_by(reference_no=receipt["reference_no"]).one()
                )
                there = after.get_one(Application, here.id)
                assert str(here.id) == number
                assert frozen.receipt(before, here, 1) == frozen.receipt(after, there, 1)
