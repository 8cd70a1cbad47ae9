"""Six photos through a line that breaks at random bytes: all arrive, once, and little twice."""

import json
import random
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.filing.tables import Document, Upload
from portal.foundation.settings import Settings
from tests.api.walk import Resident
from tests.apps import app_over
from tests.journeys import bad_line
from tests.journeys.site import Site, serving

HERE = Path(__file__).parent
PHOTOS = HERE.parent / "photos"
NAMES = [
    "id_front_L1_00.jpg", "id_back_L1_00.jpg", "hukou_L1_00.jpg", "bank_L1_00.jpg",
    "bill_L2_00.jpg", "hukou_L1_00_12mp.jpg",
]  # fmt: skip
LEAST_PART = 32 * 1024


@pytest.fixture
def site(settings: Settings):
    with serving(settings) as running:
        yield running


def send_all(site: Site, line: bad_line.Line) -> tuple[str, dict[str, Any]]:
    client: FlaskClient = app_over(site.portal).test_client()
    who = Resident(client, site.portal).sign_in()
    file_id = who.start()
    photos = [
        {"path": str(PHOTOS / n), "sha": sha256((PHOTOS / n).read_bytes()).hexdigest(), "item": "other"}
        for n in NAMES
    ]  # fmt: skip
    order = {
        "base": f"http://127.0.0.1:{line.port}", "headers": who.headers, "photos": photos,
        "application": file_id,
        "module": (HERE.parents[1] / "static" / "assets" / "upload.js").as_uri(),
    }  # fmt: skip
    done = subprocess.run(
        ["node", str(HERE / "client.mjs")], input=json.dumps(order), capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return file_id, json.loads(done.stdout)


def check_all_here(site: Site, answered: dict[str, Any]) -> None:
    wanted = sorted(sha256((PHOTOS / n).read_bytes()).hexdigest() for n in NAMES)
    with site.portal.database.reading() as session:
        stored = sorted(session.scalars(select(Document.sent_digest)))
        assert session.scalars(select(Upload)).all() == []
    assert stored == wanted, "each once, and whole"
    assert sorted(d["sent_digest"] for d in answered["documents"]) == wanted


def test_overhead_on_a_good_line(site: Site) -> None:
    """What travels towards the portal beyond the photos' own bytes: at most 6 %."""
    whole = sum((PHOTOS / n).stat().st_size for n in NAMES)
    with bad_line.bad_line(urlsplit(site.url).port or 0) as line:
        _file, answered = send_all(site, line)
    check_all_here(site, answered)
    print(f"{line.sent} bytes sent for {whole} of six photos")
    assert line.sent <= 1.06 * whole


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
def test_cut_at_fifty_random_bytes(site: Site, seed: int) -> None:
    whole = sum((PHOTOS / n).stat().st_size for n in NAMES)
    chance = random.Random(seed)
    with bad_line.bad_line(urlsplit(site.url).port or 0) as line:
        line.cuts = [chance.randrange(1, 2 * whole // 50) for _ in range(50)]
        _file, answered = send_all(site, line)
        assert line.made == 50, "every cut was met"
        again = line.sent - whole
    check_all_here(site, answered)
    assert again < 50 * LEAST_PART + 100 * 1024, "never more than a part a cut, headers apart"


def test_late_answers_and_lost_connections(site: Site) -> None:
    with bad_line.bad_line(urlsplit(site.url).port or 0) as line:
        line.slow, line.drops = 0.02, 0.2
        _file, answered = send_all(site, line)
        assert line.dropped
    check_all_here(site, answered)
