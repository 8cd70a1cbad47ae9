"""The portal put together from its settings: made once by the API, the worker and the tests.

What talks to servers that a small office does not have is loaded only when a setting names one:
15 MB less in every process.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module

from portal.casework.decision import standing
from portal.casework.publicity import publishing
from portal.contact.wechat import Wechat, open_wechat
from portal.foundation.blobs import Blobs, Folder
from portal.foundation.crash import arm
from portal.foundation.database import Database
from portal.foundation.errors import Busy
from portal.foundation.settings import Mode, Settings
from portal.foundation.vault import open_vault
from portal.policy import loader
from portal.policy.catalogue import Catalogue, Deadline, Program, Source
from portal.policy.eligibility import parameters, rules

_DEMO_COUNTY = "430923"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Portal:
    settings: Settings
    database: Database
    blobs: Blobs
    catalogue: Catalogue
    wechat: Wechat | None = None


def open_portal(settings: Settings) -> Portal:
    """Everything checked before the first request. A store of photos that is away may come back:
    answers are taken meanwhile.

    Raises WrongSettings, Away without a database, or WrongProgram for a faulty program file.
    """
    settings.check()
    arm(settings.crash_at)
    settings.data.mkdir(parents=True, exist_ok=True)
    blobs = open_blobs(settings)
    try:
        blobs.prepare()
    except Busy:
        _log.warning("the store of photos does not answer; photos are refused until it does")
    database = Database(settings.url, info=_info(settings))
    database.check()
    return Portal(settings, database, blobs, catalogue(settings), open_wechat(settings, database))


@contextmanager
def opened(settings: Settings) -> Iterator[Portal]:
    """For a command: everything as open_portal makes it, and no connection left behind."""
    portal = open_portal(settings)
    try:
        yield portal
    finally:
        portal.database.engine.dispose()


def open_blobs(settings: Settings) -> Blobs:
    """Photos and dossiers: the folder in PORTAL_DATA, or the bucket of PORTAL_BLOBS."""
    if not settings.blob_url:
        return Folder(settings.blobs)
    store: Blobs = import_module("portal.foundation.bucket").open_bucket(settings)
    return store


def _info(settings: Settings) -> dict[str, object]:
    """What every session carries."""
    info: dict[str, object] = {"vault": open_vault(settings)}
    if settings.redis_url:
        shared = import_module("portal.foundation.shared_counter")
        info["counter"] = shared.SharedCounter(settings.redis_url)
    return info


def catalogue(settings: Settings) -> Catalogue:
    """Every program; a demonstration's county also says how long a grant is made public."""
    prepared = settings.demonstration.exists()
    return _of_demonstration() if settings.mode is Mode.DEMO and prepared else _catalogue()


@cache
def _of_demonstration() -> Catalogue:
    made = _catalogue()
    programs = {name: _with_period(program) for name, program in made.programs.items()}
    return replace(made, programs=programs)


def _with_period(program: Program) -> Program:
    if not standing.needs_notice(program):
        return program
    period = Deadline(
        step=publishing.STEP, title="批准后公布（演示）", days=7, unit="day", kind="duration",
        counted_from="approved", region=_DEMO_COUNTY, source=Source("演示用的天数，不是规定"),
    )  # fmt: skip
    return replace(program, deadlines=(*program.deadlines, period))


@cache
def _catalogue() -> Catalogue:
    """Read once a process: it is frozen. The rules of the self-check are read with it."""
    rules.load()
    parameters.load()
    return loader.load()
