"""A served product, and phones that fail the test when the console complains."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from portal.foundation.settings import Settings
from tests.journeys.desk import Desk
from tests.journeys.phone import Phone
from tests.journeys.site import Site, serving


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    with serving(settings) as running:
        yield running


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Callable[..., Phone]]:
    """Makes phones; at the end every one of them must have stayed quiet."""
    made: list[Phone] = []

    def make(**how: object) -> Phone:
        made.append(Phone(browser, site.url, **how))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Callable[..., Desk]]:
    """Makes screens of staff; at the end every one of them must have stayed quiet."""
    made: list[Desk] = []

    def make(**how: object) -> Desk:
        made.append(Desk(browser, site, **how))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
