"""The master key is changed while people apply: not one request fails, killed or not."""

import random
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal import worker
from portal.assembly import Portal, opened
from portal.foundation import master_key, rotation, vault
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings, to_environment
from portal.foundation.vault import DataKey, Unreadable
from tests.conftest import NOW
from tests.faults import invariants, live

MANY = 2000
on_both = pytest.mark.parametrize(
    "store",
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.full])],
    indirect=True,
)


def change(settings: Settings, *, killed_after: float | None) -> int:
    """The command an administrator gives; its exit code. `killed_after`: seconds from the moment
    there are two master keys."""
    environ = to_environment(settings) | {"DATABASE_URL": settings.database_url}
    command = [sys.executable, "-m", "portal.cli", "rotate-master-key"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    if killed_after is not None:
        while len(master_key.masters_of(settings)) == 1 and process.poll() is None:
            time.sleep(0.005)
        time.sleep(killed_after)
        process.kill()
    return process.wait(120)


@on_both
@pytest.mark.parametrize("people", [20, pytest.param(300, marks=pytest.mark.full)])
def test_at_twenty_requests_a_second_none_fails(portal: Portal, people: int) -> None:
    settings, chance = portal.settings, random.Random(people)
    old = master_key.path_of(settings).read_text()
    with portal.database.writing() as session:
        for _ in range(MANY):
            vault.new_key(session, "person", now=NOW)
    keys, changes = live.residents(portal, people), list[int]()

    def change_twice() -> None:
        """Killed somewhere, given again; and once more right after."""
        for wait in (chance.random() / 20, None, None):
            changes.append(change(settings, killed_after=wait))

    with live.serving(settings) as port:
        crowd = live.Crowd(port)
        administrator = threading.Thread(target=change_twice)
        administrator.start()
        crowd.come(keys, every=0.2)
        administrator.join()
    assert set(crowd.answers) == {200, 201}, crowd.answers
    assert crowd.answers.total() == 4 * people
    assert changes == [-9, 0, 0]
    assert len(master_key.masters_of(settings)) == 1
    only_the_new_one_opens(settings, old)
    with opened(settings) as after:
        while worker.run_once(after, now=utc_now()):
            pass
        invariants.check(after, crowd.told)


def only_the_new_one_opens(settings: Settings, old: str) -> None:
    new, before = vault.open_vault(settings), vault.open_vault(replace(settings, master_key=old))
    with opened(settings) as portal, portal.database.reading() as session:
        rows = session.execute(select(DataKey.id, DataKey.wrapped)).all()
    assert len(rows) > MANY
    for key_id, wrapped in rows:
        assert wrapped is not None
        assert new.is_newest(key_id, wrapped)
        with pytest.raises(Unreadable):
            before.unwrap(key_id, wrapped)
    assert rotation.rotate(settings, now=NOW) == len(rows)
