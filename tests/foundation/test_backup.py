"""Backup and restore: one moment, everything checked, nothing put in place otherwise."""

import shutil
import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from portal.assembly import open_portal
from portal.foundation import audit, backup, belonging, master_key, vault
from portal.foundation.audit_tables import AuditEntry, AuditSeal
from portal.foundation.backup import NotRestored
from portal.foundation.settings import Settings, WrongSettings

WORDS = "红薯 稻谷 板栗"


@pytest.fixture
def filled(portal, now):
    """Lines in the audit record and three blobs."""
    for number in range(3):
        portal.blobs.put(bytes([number]) * 300_000)
    with portal.database.writing() as session:
        for number in range(20):
            audit.record(session, f"verb{number}.noun", actor="portal", now=now)
        audit.seal_heads(session, now=now)
    return portal


@pytest.fixture
def made(filled, tmp_path, now):
    file = tmp_path / "one.backup"
    backup.make(filled.settings, file, passphrase=WORDS, now=now)
    return file


@pytest.fixture
def empty_place(store, settings):
    """Settings that lead to an empty database of the same kind."""
    if store == "sqlite":
        yield Settings(data=settings.data)
        return
    from tests.conftest import on_postgres, on_server

    name = settings.url.rsplit("/", 1)[1] + "_empty"
    on_server(f"CREATE DATABASE {name}")
    yield on_postgres(settings, name)
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


def same(settings, filled):
    """The restored installation opens, holds the same lines and blobs, and verifies."""
    opened = open_portal(settings)
    with opened.database.reading() as after, filled.database.reading() as before:
        lines = select(func.count()).select_from(AuditEntry)
        assert after.scalar(lines) == before.scalar(lines)
        assert vault.own_key(after, "index") == vault.own_key(before, "index")
        assert audit.verify(after) == []
    assert list(opened.blobs.names()) == list(filled.blobs.names())
    assert all(opened.blobs.read(n) == filled.blobs.read(n) for n in opened.blobs.names())
    opened.database.engine.dispose()


def test_there_and_back_with_a_passphrase_and_no_key_at_hand(made, filled, empty_place, tmp_path):
    new = replace(empty_place, data=tmp_path / "elsewhere")
    backup.restore(new, made, tmp_path / "new", passphrase=WORDS)
    same(replace(new, data=tmp_path / "new"), filled)


def test_there_and_back_with_the_master_key(filled, empty_place, tmp_path, now):
    file = tmp_path / "two.backup"
    backup.make(filled.settings, file, passphrase=None, now=now)
    backup.restore(empty_place, file, tmp_path / "new", passphrase=None)
    same(replace(empty_place, data=tmp_path / "new"), filled)


@pytest.mark.sqlite_first
def test_without_a_passphrase_the_master_key_is_not_inside(filled, tmp_path, now):
    file = tmp_path / "two.backup"
    backup.make(filled.settings, file, passphrase=None, now=now)
    other = Settings(data=tmp_path / "other")
    with pytest.raises(NotRestored, match="主密钥"):
        backup.restore(other, file, tmp_path / "new", passphrase=None)
    master_key.make(other)
    with pytest.raises(NotRestored, match="打不开"):
        backup.restore(other, file, tmp_path / "new", passphrase=None)
    assert not (tmp_path / "new").exists()


def test_nothing_in_the_file_can_be_read(made):
    data = made.read_bytes()
    assert b"manifest" not in data
    assert b"verb1.noun" not in data


@pytest.mark.sqlite_first
@pytest.mark.parametrize("wrong", ["红薯 稻谷", "", None], ids=["错的", "空的", "没有"])
def test_a_wrong_passphrase_opens_nothing(made, settings, tmp_path, wrong):
    with pytest.raises(NotRestored, match="口令"):
        backup.restore(settings, made, tmp_path / "new", passphrase=wrong)
    assert not (tmp_path / "new").exists()


@pytest.mark.sqlite_first
@pytest.mark.parametrize("keep", [0, 20, 200, 0.3, 0.7, -1], ids=str)
def test_a_cut_file_opens_nothing(made, settings, tmp_path, keep):
    data = made.read_bytes()
    made.write_bytes(data[: int(len(data) * keep) if isinstance(keep, float) else keep])
    with pytest.raises(NotRestored):
        backup.restore(settings, made, tmp_path / "new", passphrase=WORDS)
    assert not (tmp_path / "new").exists()


@pytest.mark.sqlite_first
@pytest.mark.parametrize("where", [0.0, 0.0002, 0.1, 0.5, 0.9, 0.99999], ids=str)
def test_a_flipped_bit_opens_nothing(made, settings, tmp_path, where):
    data = bytearray(made.read_bytes())
    data[int(len(data) * where)] ^= 4
    made.write_bytes(bytes(data))
    with pytest.raises(NotRestored):
        backup.restore(settings, made, tmp_path / "new", passphrase=WORDS)
    assert not (tmp_path / "new").exists()


@pytest.mark.sqlite_first
def test_a_whole_chunk_left_out_is_noticed(made, settings, tmp_path):
    from portal.foundation.sealed_file import CHUNK

    data = made.read_bytes()
    head = data.index(b"\n") + 1
    made.write_bytes(data[:head] + data[head + CHUNK + 16 :])
    with pytest.raises(NotRestored):
        backup.restore(settings, made, tmp_path / "new", passphrase=WORDS)


@pytest.mark.sqlite_first
def test_it_does_not_touch_a_folder_with_something_in_it(made, settings, tmp_path):
    target = tmp_path / "used"
    target.mkdir()
    (target / "keep.txt").write_text("x")
    with pytest.raises(NotRestored, match="不是空文件夹"):
        backup.restore(settings, made, target, passphrase=WORDS)
    assert [p.name for p in target.iterdir()] == ["keep.txt"]


@pytest.mark.sqlite_first
def test_it_does_not_overwrite_a_backup(made, filled, now):
    with pytest.raises(NotRestored, match="不覆盖"):
        backup.make(filled.settings, made, passphrase=WORDS, now=now)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_one_of_before_seals_had_a_key_is_restored(filled, tmp_path, now):
    from sqlalchemy import text

    with filled.database.writing() as session:
        session.execute(text("UPDATE audit_seals SET digest=:d"), {"d": unkeyed(session)})
        session.execute(text("DELETE FROM data_keys WHERE purpose='seals'"))
    file = tmp_path / "old.backup"
    backup.make(filled.settings, file, passphrase=WORDS, now=now)
    backup.restore(filled.settings, file, tmp_path / "new", passphrase=WORDS)


def unkeyed(session):
    [seal] = session.scalars(select(AuditSeal))
    return audit._seal_digest(None, bytes(32), seal.id, seal.at, seal.heads)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_forged_database_is_not_put_in_place(filled, tmp_path, now):
    from sqlalchemy import text

    with filled.database.writing() as session:
        session.execute(text("UPDATE audit_entries SET actor='nobody' WHERE seq=3"))
    file = tmp_path / "forged.backup"
    backup.make(filled.settings, file, passphrase=WORDS, now=now)
    with pytest.raises(NotRestored, match="审计"):
        backup.restore(filled.settings, file, tmp_path / "new", passphrase=WORDS)
    assert not (tmp_path / "new").exists()


def test_no_half_work_is_left_behind(made, filled, tmp_path):
    assert not list(filled.settings.data.glob(".backup-*"))
    assert not list(tmp_path.glob("*.part"))


def test_as_of_one_moment_while_others_write(filled, empty_place, tmp_path, now):
    """Each write puts a blob, then its line: in the backup no line may lack its blob."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set() and number < 400:
            number += 1
            name = filled.blobs.put(b"%d" % number * 1000)
            with filled.database.writing() as session:
                audit.record(session, "put.blob", actor="portal", detail={"blob": name}, now=now)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    file = tmp_path / "busy.backup"
    backup.make(filled.settings, file, passphrase=WORDS, now=now)
    stop.set()
    for writer in writers:
        writer.join()
    backup.restore(empty_place, file, tmp_path / "new", passphrase=WORDS)
    restored = open_portal(replace(empty_place, data=tmp_path / "new"))
    with restored.database.reading() as session:
        assert audit.verify(session) == []
        rows = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "put.blob"))
        named = {row.split('"')[3] for row in rows}
    restored.database.engine.dispose()
    assert named <= set(restored.blobs.names())


def test_into_a_folder_that_is_there_and_empty(made, filled, empty_place, tmp_path):
    """As the site's user, who may write in it and not beside it."""
    target = tmp_path / "root's" / "new"
    target.mkdir(parents=True)
    target.chmod(0o750)
    target.parent.chmod(0o555)
    new = replace(empty_place, data=tmp_path / "elsewhere")
    backup.restore(new, made, target, passphrase=WORDS)
    target.parent.chmod(0o755)
    assert [p.name for p in target.parent.iterdir()] == ["new"]
    assert target.stat().st_mode & 0o777 == 0o700
    assert not list(target.glob(".backup-*"))
    same(replace(new, data=target), filled)


@pytest.mark.sqlite_first
def test_what_does_not_restore_leaves_the_empty_folder_empty(made, settings, tmp_path):
    target = tmp_path / "new"
    target.mkdir()
    with pytest.raises(NotRestored, match="口令"):
        backup.restore(settings, made, target, passphrase="falsch")
    assert list(target.iterdir()) == []


@pytest.mark.postgres
@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_a_restored_folder_speaks_to_the_database_it_was_restored_with(
    made, filled, empty_place, tmp_path
):
    new = replace(empty_place, data=tmp_path / "elsewhere")
    backup.restore(new, made, tmp_path / "new", passphrase=WORDS)
    belonging.check(replace(new, data=tmp_path / "new"), "verify-audit", named=True)
    live = replace(filled.settings, data=tmp_path / "new")
    for named in (True, False):
        with pytest.raises(WrongSettings, match="_empty，DATABASE_URL 却是"):
            belonging.check(live, "verify-audit", named=named)
    belonging.check(live, "restore", named=True)


def test_the_restored_folder_is_for_its_owner_only(made, empty_place, tmp_path):
    if shutil.which("pg_dump") is None and empty_place.database_url:
        pytest.skip("pg_dump is missing")
    backup.restore(empty_place, made, tmp_path / "new", passphrase=WORDS)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "master.key").stat().st_mode & 0o777 == 0o600
