"""A disk that is full, or says no: nothing is acknowledged then, and afterwards all goes on."""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from api import create_app, tokens
from portal.assembly import Portal
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings
from portal.people import consents
from portal.people.tables import Account
from tests.conftest import NOW
from tests.faults import children, invariants
from tests.faults.invariants import Acknowledged
from tests.faults.matrix import survive
from tests.faults.nursery import Installation, Nursery
from tests.handover import files

SMALL = 12 * 1024 * 1024
full = partial(pytest.param, marks=pytest.mark.full)
REFUSED = [
    ("fdatasync", "EIO"), ("fsync", "EIO"), ("pwrite64", "ENOSPC"), full("pwrite64", "EIO"),
]  # fmt: skip


@pytest.mark.strace
@pytest.mark.parametrize(("call", "error"), REFUSED, ids=lambda word: word)
@pytest.mark.parametrize("deed", [children.upload, children.submit, full(children.work)])
def test_a_disk_that_says_no(
    filled_in: Path, nursery: Nursery, tmp_path: Path, deed: children.Deed, call: str, error: str,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    """The first call of its kind fails, then the second … until the deed has no so many."""
    most = 40 if request.config.getoption("--full") else 1
    refused = 0
    for turn in range(1, most + 1):
        folder = shutil.copytree(filled_in, tmp_path / f"{turn}")
        installed, told = Installation(Settings(data=folder), nursery), Acknowledged()
        if deed is children.work:
            assert installed.run(children.submit, told) == 0
        code = installed.run(deed, told, fails=f"{call}:error={error}:when={turn}")
        assert code in (0, 1)
        refused += code
        survive(installed, told)
        shutil.rmtree(folder)
    assert refused or deed is children.work or (deed, call) == (children.submit, "fsync")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of its own, which can be filled."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no right to mount here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, *, leave: int) -> Callable[[], None]:
    """Until only so many bytes are left; returns what makes room again."""
    ballast = folder / "ballast"
    free = shutil.disk_usage(folder).free
    ballast.write_bytes(bytes(max(0, free - leave)))
    return ballast.unlink


def test_a_full_disk_refuses_and_goes_on(
    filled_in: Path, nursery: Nursery, small_disk: Path
) -> None:
    """With no room at all, and with room for the beginning only."""
    for number, leave in enumerate((0, 4096, 16384, 65536, 262144)):
        folder = shutil.copytree(filled_in, small_disk / f"{number}")
        installed, told = Installation(Settings(data=folder), nursery), Acknowledged()
        make_room = fill(small_disk, leave=leave)
        codes = [installed.run(d, told) for d in (children.upload, children.submit)]
        assert set(codes) <= {0, 1}
        assert leave or codes == [1, 1]
        make_room()
        survive(installed, told)
        shutil.rmtree(folder)


@pytest.fixture
def full_site(filled_in: Path, small_disk: Path) -> Iterator[Portal]:
    folder = shutil.copytree(filled_in, small_disk / "data")
    portal = children.restart(Settings(data=folder))
    yield portal
    portal.database.engine.dispose()


def test_people_are_told_politely_and_can_read_on(full_site: Portal, small_disk: Path) -> None:
    app, path = create_app(full_site, clock=utc_now), "/api/applications"
    client, key = app.test_client(), signed_in(full_site)
    url = f"{path}/{children.the_file(full_site)}"
    headers = {"Authorization": f"Bearer {key}"}

    def ask() -> dict[str, int]:
        photo = {"data": {"item": "other", "photo": (jpeg(), "a.jpg")}}
        answers = {"json": {"revision": 1, "answers": {"income_wage": next(wages)}}}
        asked = {
            "read": client.get(url, headers=headers),
            "photo": client.post(f"{url}/documents", headers=headers | again(), **photo),
            "save": client.put(f"{url}/answers", headers=headers, **answers),
            "submit": client.post(f"{url}/submission", headers=headers | again(), json=None),
        }
        for answer in asked.values():
            assert answer.status_code < 500 or answer.headers["Retry-After"]
            assert answer.status_code < 500 or answer.json["message"]
        return {name: answer.status_code for name, answer in asked.items()}

    wages = count(1)
    make_room = fill(small_disk, leave=0)
    assert ask() == {"read": 200, "photo": 503, "save": 503, "submit": 503}
    make_room()
    assert ask() == {"read": 200, "photo": 201, "save": 200, "submit": 201}
    invariants.still_there(full_site, Acknowledged())


numbers = count()


def again() -> dict[str, str]:
    return {"Idempotency-Key": f"key-{next(numbers)}"}


def jpeg() -> io.BytesIO:
    return io.BytesIO(files.jpeg())


def signed_in(portal: Portal) -> str:
    with portal.database.writing() as session:
        file = session.get_one(Application, children.the_file(portal))
        account = session.get_one(Account, file.account_id)
        consents.give(session, account, consents.NEEDED, now=NOW)
        return tokens.issue(session, account, now=utc_now())
