"""A new master key opens everything the old one did; the old one opens nothing more."""

import base64
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from portal.assembly import Portal, opened
from portal.cli import main
from portal.foundation import audit, backup, master_key, rotation, vault
from portal.foundation.backup import NotRestored
from portal.foundation.master_key import KeyFile
from portal.foundation.settings import Settings, WrongSettings
from portal.foundation.vault import DataKey, Unreadable
from tests.conftest import NOW

PLACE = "tests.word:1"


@pytest.fixture
def sealed(portal: Portal) -> dict[Any, bytes]:
    """Something under each of 1,200 keys; one of them destroyed."""
    with portal.database.writing() as session:
        made = [vault.new_key(session, "person", now=NOW) for _ in range(1201)]
        kept = {k: vault.seal(session, k, str(k).encode(), place=PLACE) for k in made}
        vault.destroy_key(session, made[0], now=NOW)
    return kept


def opens(settings: Settings, sealed: dict[Any, bytes]) -> int:
    with opened(settings) as portal:
        return opens_here(portal, sealed)


def opens_here(portal: Portal, sealed: dict[Any, bytes]) -> int:
    with portal.database.reading() as session:
        read = 0
        for key_id, data in sealed.items():
            try:
                assert vault.unseal(session, key_id, data, place=PLACE) == str(key_id).encode()
            except Unreadable:
                continue
            read += 1
        vault.own_key(session, "index")
        assert audit.verify(session) == []
    return read


def test_everything_opens_with_the_new_key_and_nothing_with_the_old(
    portal: Portal, sealed: dict[Any, bytes]
) -> None:
    settings = portal.settings
    file = master_key.path_of(settings)
    old = file.read_text()
    assert rotation.rotate(settings, now=NOW) >= 1200
    assert old not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in settings.data.glob("*master*")] == ["master.key"]
    assert opens(settings, sealed) == 1200
    with pytest.raises(Unreadable):
        opens(replace(settings, master_key=old), sealed)
    assert opens_here(portal, sealed) == 1200, "a portal that was open all the time"


STEPS: dict[str, tuple[object, str, int]] = {
    "新钥匙放好以后": (rotation, "_wrap_all", 1),
    "换了一批以后": (rotation, "_next", 3),
    "都换完以后": (KeyFile, "replace", 2),
}


@pytest.mark.sqlite_first
@pytest.mark.parametrize("step", STEPS)
def test_broken_off_anywhere_all_opens_and_the_same_call_goes_on(
    portal: Portal, sealed: dict[Any, bytes], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    where, name, turn = STEPS[step]
    with monkeypatch.context() as patched:
        patched.setattr(where, name, no_power(getattr(where, name), turn))
        with pytest.raises(SystemError):
            rotation.rotate(portal.settings, now=NOW)
    assert opens(portal.settings, sealed) == 1200
    masters = master_key.masters_of(portal.settings)
    assert len(masters) == 2
    rotation.rotate(portal.settings, now=NOW)
    assert master_key.masters_of(portal.settings) == masters[:1]
    assert opens(portal.settings, sealed) == opens_here(portal, sealed) == 1200


def test_two_at_once_do_not_change_it_twice(portal: Portal) -> None:
    file = KeyFile(master_key.path_of(portal.settings))
    before = file.read()
    with file.alone(), pytest.raises(WrongSettings, match="somebody else"):
        rotation.rotate(portal.settings, now=NOW)
    assert file.read() == before


def no_power(real: Callable[..., Any], turn: int) -> Callable[..., Any]:
    """The real thing, until its turn."""
    left = [turn]

    def cut(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise SystemError
        return real(*given, **named)

    return cut


def test_whoever_makes_keys_meanwhile_loses_none(portal: Portal) -> None:
    """Three hands at it, two rotations one after the other: not one key under an old master."""
    made: dict[Any, bytes] = {}
    stop = threading.Event()

    def make() -> None:
        while not stop.is_set():
            with portal.database.writing() as session:
                key = vault.new_key(session, "person", now=NOW)
                kept = vault.seal(session, key, str(key).encode(), place=PLACE)
            made[key] = kept

    hands = [threading.Thread(target=make) for _ in range(3)]
    for hand in hands:
        hand.start()
    while len(made) < 20:
        pass
    for _ in range(2):
        rotation.rotate(portal.settings, now=NOW)
    stop.set()
    for hand in hands:
        hand.join()
    assert opens(portal.settings, made) == len(made) > 20


def test_a_key_that_does_not_open_keeps_the_old_master(
    portal: Portal, sealed: dict[Any, bytes]
) -> None:
    last = list(sealed)[-1]
    with portal.database.writing() as session:
        row = session.get_one(DataKey, last)
        good, row.wrapped = row.wrapped, bytes(61)
    with pytest.raises(Unreadable):
        rotation.rotate(portal.settings, now=NOW)
    with portal.database.writing() as session:
        kept = session.get_one(DataKey, last)
        assert kept.wrapped == bytes(61)
        kept.wrapped = good
    assert rotation.rotate(portal.settings, now=NOW) == 1
    assert opens(portal.settings, sealed) == 1200


@pytest.mark.sqlite_first
def test_with_keys_in_the_settings_the_first_is_the_new_one(
    portal: Portal, sealed: dict[Any, bytes]
) -> None:
    old = master_key.path_of(portal.settings).read_text()
    new = base64.b64encode(bytes(range(32))).decode()
    with pytest.raises(WrongSettings, match="the old key"):
        rotation.rotate(replace(portal.settings, master_key=old), now=NOW)
    both = replace(portal.settings, master_key=f"{new} {old}")
    other_way = replace(portal.settings, master_key=f"{old} {new}")
    assert opens(other_way, sealed) == opens(both, sealed) == 1200
    assert rotation.rotate(both, now=NOW) >= 1200
    assert rotation.rotate(both, now=NOW) == 0
    assert opens(other_way, sealed) == 1200
    assert opens(replace(portal.settings, master_key=new), sealed) == 1200


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_backup_in_the_middle_holds_both_keys(
    portal: Portal, sealed: dict[Any, bytes], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, copy = tmp_path / "one.backup", backup._copy_sqlite

    def meanwhile(source: Any, target: Any) -> None:
        copy(source, target)
        rotation.rotate(portal.settings, now=NOW)

    monkeypatch.setattr(backup, "_copy_sqlite", meanwhile)
    with pytest.raises(NotRestored, match="正在换主密钥"):
        backup.make(portal.settings, tmp_path / "two.backup", passphrase=None, now=NOW)
    backup.make(portal.settings, file, passphrase="稻谷", now=NOW)
    backup.restore(portal.settings, file, tmp_path / "new", passphrase="稻谷")
    assert opens(Settings(data=tmp_path / "new"), sealed) == 1200


def test_the_command(portal: Portal) -> None:
    command = ["--data", str(portal.settings.data), "rotate-master-key"]
    env = {"DATABASE_URL": portal.settings.database_url}
    old = master_key.path_of(portal.settings).read_text()
    done = CliRunner().invoke(main, command, env=env)
    assert done.exit_code == 0, done.output
    assert "换好了主密钥" in done.output
    new = master_key.path_of(portal.settings).read_text()
    held = CliRunner().invoke(main, command, env=env | {"PORTAL_MASTER_KEY": f"{new} {old}"})
    assert "0 把数据密钥" in held.output
    assert "请从 PORTAL_MASTER_KEY 去掉旧的" in held.output
    assert not {old, new} & set(done.output.split())
