"""A fresh portal per test, copied from a migrated template: on SQLite, and again on PostgreSQL.

The tests of the rooms in STORED run on both when PORTAL_TEST_POSTGRES names a server where
databases may be made; deploy/test.sh starts one. Without it their second half is left out.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import psycopg
import pytest

from portal.assembly import Portal, open_portal
from portal.foundation import installation
from portal.foundation.settings import Settings, from_environment
from portal.handover import broker
from portal.policy import regions
from tests import servers
from tests.apps import app_over
from tests.browser import CHROMIUM
from tests.browser import browser as browser
from tests.deploy.front import NGINX
from tests.weixin import weixin as weixin
from tests.weixin import weixin_server as weixin_server

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
SERVER = os.environ.get("PORTAL_TEST_POSTGRES", "")
STORED = frozenset(
    {"foundation", "policy", "contact", "people", "filing", "handover", "casework", "api"}
)
ABOVE = frozenset({"policy", "api", "contact", "casework"})
"""These speak to the database through the rooms below: on PostgreSQL in the longer run only, but
for tests marked `both`. In the other rooms those marked `sqlite_first` do as these."""
BROKER = os.environ.get("PORTAL_TEST_RABBITMQ", "")
_ROOT = Path(__file__).parent
hypothesis.settings.register_profile(
    "noisy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("noisy")


@dataclass
class Clock:
    """What the time is in a test; moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the longer runs as well")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever is kept is kept on both databases."""
    room = metafunc.definition.path.relative_to(_ROOT).parts[0]
    given = metafunc.definition.iter_markers("parametrize")
    chosen = any(mark.args[0] == "store" for mark in given)
    if "store" in metafunc.fixturenames and room in STORED and not chosen:
        other = "both" if room in ABOVE else "sqlite_first"
        rarely = (room in ABOVE) != any(metafunc.definition.iter_markers(other))
        marks = [pytest.mark.postgres, *([pytest.mark.full] if rarely else [])]
        second = pytest.param("postgres", marks=marks)
        metafunc.parametrize("store", ["sqlite", second], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Longer runs only with --full; what needs a server or a browser only where there is one.

    What depends on the machine's pace, walks and kills, is tried once more before it fails; a
    broken promise (invariants.py) never is.
    """
    left_out = [item for item in items if any(_lacks(config, item))]
    config.hook.pytest_deselected(items=left_out)
    for item in items:
        if item.get_closest_marker("browser") or "faults" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1, rerun_except="^Broken:"))
    items[:] = [item for item in items if item not in set(left_out)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tried."""
    for what, there in (
        ("PORTAL_TEST_POSTGRES: nothing on PostgreSQL", SERVER),
        ("chromium: no journey", CHROMIUM),
        ("PORTAL_TEST_RABBITMQ: nothing through RabbitMQ", BROKER),
        ("redis-server: nothing on Redis", servers.REDIS),
        ("weed: nothing in a bucket", servers.WEED),
        ("nginx: nothing behind it", NGINX),
        ("strace: no power cut and no failing disk", servers.STRACE),
    ):
        if not there:
            terminalreporter.write_line(f"SKIPPED for want of {what} was tried", red=True)


def _lacks(config: pytest.Config, item: pytest.Item) -> Iterator[bool]:
    yield item.get_closest_marker("full") is not None and not config.getoption("--full")
    yield item.get_closest_marker("postgres") is not None and not SERVER
    yield item.get_closest_marker("rabbitmq") is not None and not BROKER
    yield item.get_closest_marker("redis") is not None and not servers.REDIS
    yield item.get_closest_marker("s3") is not None and not servers.WEED
    yield item.get_closest_marker("nginx") is not None and not NGINX
    yield item.get_closest_marker("strace") is not None and not servers.STRACE
    yield item.get_closest_marker("browser") is not None and not CHROMIUM


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    _install(Settings(data=folder))
    return folder


@pytest.fixture(scope="session")
def postgres_template(template: Path) -> Iterator[str]:
    """The name of a database like the template folder's, under the same master key."""
    name = f"template_{secrets.token_hex(4)}"
    on_server(f"CREATE DATABASE {name}")
    _install(on_postgres(Settings(data=template), name))
    yield name
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """Which database: sqlite, or postgres where a test is repeated."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def settings(
    store: str, template: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    folder = tmp_path / "data"
    if store == "sqlite":
        shutil.copytree(template, folder)
        yield Settings(data=folder)
        return
    origin = request.getfixturevalue("postgres_template")
    folder.mkdir()
    shutil.copy(template / "master.key", folder)
    name = f"test_{secrets.token_hex(6)}"
    on_server(f"CREATE DATABASE {name} TEMPLATE {origin} STRATEGY FILE_COPY")
    yield on_postgres(Settings(data=folder), name)
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def portal(settings: Settings) -> Iterator[Portal]:
    opened = open_portal(settings)
    yield opened
    opened.database.engine.dispose()


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.S3Server]:
    server = servers.start_s3(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def in_bucket(settings: Settings, object_store: servers.S3Server) -> Settings:
    """The same installation with its blobs in a bucket, under a prefix of the test's own."""
    return replace(
        settings, blob_url=f"s3://papers/{secrets.token_hex(8)}", s3_endpoint=object_store.endpoint,
        s3_key=servers.S3_KEY, s3_secret=servers.S3_SECRET,
    )  # fmt: skip


@pytest.fixture
def broker_url() -> Iterator[str]:
    """Queues freshly declared, in a virtual host of this test process's own."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    url = f"{BROKER}/test{number}"
    servers.empty_broker(url)
    broker.provision(url)
    yield url
    servers.empty_broker(url)


@pytest.fixture
def app(portal: Portal, clock: Clock):
    return app_over(portal, clock)


@pytest.fixture
def client(app):
    return app.test_client()


def _install(settings: Settings) -> None:
    """Newest version, own keys, divisions; no connection stays open."""
    installation.install(settings, now=NOW)
    opened = open_portal(settings)
    with opened.database.writing() as session:
        regions.import_regions(session)
    opened.database.engine.dispose()


def on_postgres(settings: Settings, database: str) -> Settings:
    url = SERVER.rsplit("/", 1)[0] + "/" + database
    return replace(settings, database_url=from_environment({"DATABASE_URL": url}).database_url)


def on_server(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement.encode())
