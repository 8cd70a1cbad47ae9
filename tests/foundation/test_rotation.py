"""A new master key opens everything the old one did; the old one opens nothing more."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from portal.assembly import Portal, opened
from portal.cli import main
from portal.foundation import audit, rotation, vault
from portal.foundation.settings import Settings
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
    with opened(settings) as portal, portal.database.reading() as session:
        assert audit.verify(session) == []
        read = 0
        for key_id, data in sealed.items():
            try:
                assert vault.unseal(session, key_id, data, place=PLACE) == str(key_id).encode()
            except Unreadable:
                continue
            read += 1
        vault.own_key(session, "index")
    return read


def test_everything_opens_with_the_new_key_and_nothing_with_the_old(
    portal: Portal, sealed: dict[Any, bytes]
) -> None:
    settings = portal.settings
    file = vault.master_key_path(settings)
    old, next_key = file.read_text(), settings.data / "next"
    assert rotation.rotate(settings, next_key, now=NOW) >= 1200
    assert file.read_text() != old
    assert file.stat().st_mode & 0o777 == 0o600
    assert not next_key.exists()
    assert opens(settings, sealed) == 1200
    with pytest.raises(Unreadable):
        opens(replace(settings, master_key=old), sealed)


def test_killed_after_the_commit_it_is_finished_by_doing_it_again(
    portal: Portal, sealed: dict[Any, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    next_key = portal.settings.data / "next"
    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_put_in_place", no_power)
        with pytest.raises(SystemError):
            rotation.rotate(portal.settings, next_key, now=NOW)
    assert rotation.rotate(portal.settings, next_key, now=NOW) == 0
    assert opens(portal.settings, sealed) == 1200


def no_power(*_given: object) -> None:
    raise SystemError


def test_one_key_that_does_not_open_and_nothing_is_changed(
    portal: Portal, sealed: dict[Any, bytes]
) -> None:
    last = list(sealed)[-1]
    with portal.database.writing() as session:
        row = session.get_one(DataKey, last)
        good, row.wrapped = row.wrapped, bytes(61)
    before = wrapped(portal)
    with pytest.raises(Unreadable):
        rotation.rotate(portal.settings, portal.settings.data / "next", now=NOW)
    assert wrapped(portal) == before
    with portal.database.writing() as session:
        session.get_one(DataKey, last).wrapped = good
    assert opens(portal.settings, sealed) == 1200


def wrapped(portal: Portal) -> list[bytes | None]:
    with portal.database.reading() as session:
        return list(session.scalars(select(DataKey.wrapped).order_by(DataKey.id)))


def test_the_command_asks_whether_all_is_stopped(portal: Portal, tmp_path: Path) -> None:
    def run(*words: str, env: dict[str, str] | None = None) -> Any:
        command = ["--data", str(portal.settings.data), "rotate-master-key", *words]
        given = {"DATABASE_URL": portal.settings.database_url} | (env or {})
        return CliRunner().invoke(main, command, env=given)

    assert "请先停下" in run().output
    done = run("--stopped")
    assert done.exit_code == 0, done.output
    assert "换好了主密钥" in done.output
    key = vault.master_key_path(portal.settings).read_text()
    held = {"PORTAL_MASTER_KEY": key}
    assert "--into" in run("--stopped", env=held).output
    into = tmp_path / "new.key"
    assert "设为 PORTAL_MASTER_KEY" in run("--stopped", "--into", str(into), env=held).output
    assert len(base64.b64decode(into.read_text())) == 32
    assert key not in done.output
    assert opens(replace(portal.settings, master_key=into.read_text()), {}) == 0
