"""A copy of the policy data that a test may spoil."""

import shutil
from pathlib import Path

import pytest

from portal.policy import loader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("programs", "places"):
        shutil.copytree(
            loader.FOLDER / name, tmp_path / name, ignore=shutil.ignore_patterns("*.csv*")
        )
    return tmp_path
