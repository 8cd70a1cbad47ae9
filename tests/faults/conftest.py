"""One installation with one filled-in draft, copied for each test; and the nursery."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.foundation import installation
from portal.foundation.settings import Settings
from tests.conftest import NOW
from tests.faults import children
from tests.faults.nursery import Installation, Nursery
from tests.handover import files


@pytest.fixture(scope="session")
def filled_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nothing stays open in this process."""
    folder = tmp_path_factory.mktemp("faults")
    fill_in(Settings(data=folder))
    return folder


def fill_in(settings: Settings) -> None:
    installation.install(settings, now=NOW)
    opened = children.restart(settings)
    files.draft(opened, files.LEAST)
    opened.database.engine.dispose()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


@pytest.fixture
def installed(filled_in: Path, nursery: Nursery, tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "data"
    shutil.copytree(filled_in, folder)
    yield Installation(Settings(data=folder), nursery)
    shutil.rmtree(folder)
