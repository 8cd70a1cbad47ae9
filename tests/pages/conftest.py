"""A furnished product, served once for all the looking."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings
from tests.journeys.site import Site, serving
from tests.pages.furnished import Furnished, furnish


@pytest.fixture(scope="module")
def shown(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("shown") / "data"
    shutil.copytree(template, folder)
    with serving(Settings(data=folder)) as running:
        yield running


@pytest.fixture(scope="module")
def furnished(shown: Site) -> Furnished:
    return furnish(shown.portal, now=utc_now())
