"""The client compiled once, a running site with the stand-in for WeChat, and phones."""

import fcntl
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from portal.foundation.settings import Settings
from tests.journeys.site import Site, serving
from tests.miniprogram.handset import Handset

CLIENT = Path(__file__).resolve().parent.parent.parent / "miniprogram_stub"


@pytest.fixture(scope="session")
def client() -> Path:
    """The client's folder, with the tools its lock names and the built page in dist/."""
    if shutil.which("npm") is None:
        pytest.skip("no npm: install Node 20 or newer")
    with (CLIENT / ".gitignore").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install()
        run("npm", "run", "--silent", "build")
    return CLIENT


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """In the client's folder; what it said when it fails."""
    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-4000:]}"
    return done


def _install() -> None:
    """npm ci, when the tools are missing or the lock has changed since."""
    mark = CLIENT / "node_modules" / ".made-from"
    lock = sha256((CLIENT / "package-lock.json").read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text() != lock:
        run("npm", "ci", "--silent", "--no-audit", "--no-fund")
        mark.write_text(lock)


@pytest.fixture(scope="session")
def site(template: Path, client: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests: each has phones, numbers and people of its own."""
    folder = tmp_path_factory.mktemp("mini") / "data"
    shutil.copytree(template, folder)
    with serving(replace(Settings(data=folder), wechat="standin")) as running:
        yield running


@pytest.fixture
def handset(browser: Browser, site: Site) -> Iterator[Callable[..., Handset]]:
    """Makes phones; at the end every one of them must have stayed quiet and at home."""
    made: list[Handset] = []

    def make(**how: object) -> Handset:
        made.append(Handset(browser, site.url, **how))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
        assert one.hosts <= {site.url.removeprefix("http://")}, one.hosts
