"""The portal put together from its settings: made once by the API, the worker and the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from portal.foundation.blobs import Blobs
from portal.foundation.crash import arm
from portal.foundation.database import Database
from portal.foundation.settings import Settings
from portal.foundation.vault import open_vault
from portal.policy import loader
from portal.policy.catalogue import Catalogue
from portal.policy.eligibility import parameters, rules


@dataclass(frozen=True)
class Portal:
    settings: Settings
    database: Database
    blobs: Blobs
    catalogue: Catalogue


def open_portal(settings: Settings) -> Portal:
    """Everything checked before the first request.

    Raises WrongSettings, or WrongProgram for a faulty program file.
    """
    settings.check()
    arm(settings.crash_at)
    settings.data.mkdir(parents=True, exist_ok=True)
    blobs = Blobs(settings.blobs)
    blobs.prepare()
    database = Database(settings.url, info={"vault": open_vault(settings)})
    database.check()
    return Portal(settings, database, blobs, _catalogue())


@contextmanager
def opened(settings: Settings) -> Iterator[Portal]:
    """For a command: everything as open_portal makes it, and no connection left behind."""
    portal = open_portal(settings)
    try:
        yield portal
    finally:
        portal.database.engine.dispose()


@cache
def _catalogue() -> Catalogue:
    """Read once a process: it is frozen. The rules of the self-check are read with it."""
    rules.load()
    parameters.load()
    return loader.load()
