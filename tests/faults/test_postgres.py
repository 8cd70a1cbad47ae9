"""PostgreSQL is killed and started again while people apply."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal import worker
from portal.assembly import opened
from portal.foundation import installation
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings, from_environment
from tests.faults import invariants, live
from tests.handover import files
from tests.servers import PostgresServer, start_postgres


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    started = start_postgres()
    yield started
    started.close()


@pytest.mark.postgres
@pytest.mark.parametrize("kills", [1, pytest.param(6, marks=pytest.mark.full)])
def test_killed_under_load_nothing_acknowledged_is_lost(
    server: PostgresServer, tmp_path: Path, kills: int
) -> None:
    """Answers are 503 with a time to come back at, never 500; five seconds later all is well."""
    url = from_environment({"DATABASE_URL": server.url}).database_url
    settings = replace(Settings(data=tmp_path / "data"), database_url=url)
    installation.install(settings, now=utc_now())
    people = 24 * kills
    with opened(settings) as portal:
        with portal.database.writing() as session:
            files.add_regions(session)
        keys = live.residents(portal, people)
    with live.serving(settings) as port:
        crowd = live.Crowd(port)
        coming = threading.Thread(target=crowd.come, args=(keys,), kwargs={"every": 0.1})
        coming.start()
        for _ in range(kills):
            time.sleep(1.0)
            server.kill()
            time.sleep(0.5)
            server.start()
        coming.join()
    assert set(crowd.answers) <= {0, 200, 201, 503}, crowd.answers
    assert crowd.answers[503] > 0, "the server was never missed"
    assert not crowd.impolite
    assert len(crowd.told.receipts) == people
    with opened(settings) as portal:
        while worker.run_once(portal, now=utc_now()):
            pass
        invariants.check(portal, crowd.told)
