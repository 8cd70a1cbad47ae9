"""Backup and restore: the database, every blob and, under a passphrase, the master key.

One sealed file. Inside is a tar: `manifest.json` (digest of everything else), the database
as of one moment, then the blobs that database names. Nothing is put in place before every
digest and the audit chain have been checked. Blobs in a bucket are left to the object store
(RUNBOOK.md): the manifest then says where they are.
"""

import io
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from portal.foundation import audit, backup_files, belonging, erased, master_key, pg_tools, vault
from portal.foundation.blobs import Folder
from portal.foundation.crash import crash_point
from portal.foundation.database import Database
from portal.foundation.sealed_file import Damaged, Reader, Writer, needs_passphrase
from portal.foundation.settings import Settings, WrongSettings
from portal.foundation.workshop import clear, half_written, workshop

_EMBEDDED, _POSTGRES = "portal.sqlite", "database.pgdump"
_MANIFEST, _KEY = "manifest.json", "master.key"
_LAST = "last-backup"
_EXTRAS = ("standin-office.key", "demonstration.json")


class NotRestored(Exception):
    """Nothing was put in place; the sentence says why."""


@dataclass(frozen=True)
class Done:
    """How many blobs, and how many bytes the sealed file has; `elsewhere` names the bucket
    that keeps the blobs instead."""

    blobs: int
    size: int
    elsewhere: str = ""


def make(settings: Settings, file: Path, *, passphrase: str | None, now: datetime) -> Done:
    """Write a backup as of one moment, while others go on writing; then read it through.

    Without a passphrase it is sealed with the master key, which is then not inside. Raises
    NotRestored when the file exists or does not read back.
    """
    if file.exists():
        raise NotRestored(f"{file} 已经有了，不覆盖。请换一个名字。")
    try:
        with workshop(settings.data) as folder, half_written(file) as part:
            _copy(settings, folder, with_key=passphrase is not None)
            crash_point("K1")
            manifest: dict[str, object] = {
                "made_at": now.isoformat(),
                "files": backup_files.digests(folder),
                "bucket": settings.blob_url,
            }
            _write(part, folder, manifest, passphrase=passphrase, key=_master(settings))
            crash_point("K2")
            _read_through(part, passphrase, _master(settings))
            part.rename(file)
            crash_point("K3")
            erased.write(settings, file.parent)
            _note(settings, now)
    except FileExistsError as fault:
        raise NotRestored(f"{file} 正在写。请等它写完。") from fault
    return _done(manifest, file)


def restore(settings: Settings, file: Path, target: Path, *, passphrase: str | None) -> Done:
    """Check all of `file`, then put it into `target`, a folder that is missing or empty.

    With DATABASE_URL the database goes there and must be empty too. Raises NotRestored.
    """
    if target.is_dir():
        clear(target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise NotRestored(f"{target} 不是空文件夹，不动它。")
    key = _key_for(settings, file, passphrase)
    with workshop(_beside(target)) as folder:
        try:
            manifest = _unpack(file, folder, passphrase, key)
        except (Damaged, tarfile.TarError, EOFError, ValueError, KeyError) as fault:
            raise NotRestored("备份打不开：口令不对，或者文件坏了。什么也没动。") from fault
        _check_bucket(settings, manifest)
        _put_key(settings, folder, key)
        crash_point("K4")
        _check_database(settings, folder, file.parent)
        belonging.note(settings, folder)
        os.sync()
        backup_files.move(folder, target, last=(_KEY, _EMBEDDED))
    return _done(manifest, file)


def last_made(settings: Settings) -> datetime | None:
    """When this installation was last backed up from this machine."""
    note = settings.data / _LAST
    return datetime.fromisoformat(note.read_text()) if note.exists() else None


def _note(settings: Settings, now: datetime) -> None:
    """That a backup was made, in place whole or not at all."""
    new = settings.data / f".{_LAST}"
    new.write_text(now.isoformat())
    new.replace(settings.data / _LAST)


def _copy(settings: Settings, folder: Path, *, with_key: bool) -> None:
    """Blobs are linked before and after the database is copied, so none it names can be missing:
    they are written before their row, and swept long after it. The master key is read before and
    after, too: what it is changed to in between is in the backup as well."""
    masters = master_key.masters_of(settings)
    _link_blobs(settings, folder)
    if settings.database_url:
        _with_tool(pg_tools.dump, settings, folder / _POSTGRES)
    else:
        _copy_sqlite(settings.data / _EMBEDDED, folder / _EMBEDDED)
    _link_blobs(settings, folder)
    for name in _EXTRAS:
        if (settings.data / name).exists():
            shutil.copy(settings.data / name, folder / name)
    later = [master for master in master_key.masters_of(settings) if master not in masters]
    if with_key:
        (folder / _KEY).write_text(master_key.written((*later, *masters)))
    elif later or len(masters) > 1:
        raise NotRestored("正在换主密钥。换完再备份，或者用口令。")


def _link_blobs(settings: Settings, folder: Path) -> None:
    if not settings.blob_url:
        blobs = Folder(folder / "blobs")
        blobs.prepare()
        Folder(settings.blobs).link_into(blobs)


def _with_tool(tool: Callable[[Settings, Path], None], settings: Settings, dump: Path) -> None:
    try:
        tool(settings, dump)
    except pg_tools.Failed as fault:
        raise NotRestored(str(fault)) from fault


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=20)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def _write(
    part: Path, folder: Path, manifest: dict[str, object], *, passphrase: str | None, key: bytes
) -> None:
    with part.open("wb") as out:
        sealed = Writer(out, passphrase=passphrase, key=key)
        with tarfile.open(fileobj=cast(BinaryIO, sealed), mode="w|") as tar:
            text = json.dumps(manifest).encode()
            entry = tarfile.TarInfo(_MANIFEST)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
            for name in cast(dict[str, str], manifest["files"]):
                tar.add(folder / name, arcname=name, recursive=False)
        sealed.finish()
        out.flush()
        os.fsync(out.fileno())


def _read_through(part: Path, passphrase: str | None, key: bytes) -> None:
    try:
        with part.open("rb") as file:
            reader = Reader(file, passphrase=passphrase, key=key)
            while reader.read(1024 * 1024):
                pass
    except Damaged as fault:
        raise NotRestored("备份写坏了，已删掉。请检查磁盘。") from fault


def _unpack(
    file: Path, folder: Path, passphrase: str | None, key: bytes | None
) -> dict[str, object]:
    """Everything in the manifest, nothing else, each with its digest; else Damaged."""
    with file.open("rb") as sealed:
        reader = Reader(sealed, passphrase=passphrase, key=key)
        with tarfile.open(fileobj=cast(BinaryIO, reader), mode="r|") as tar:
            first = tar.next()
            source = tar.extractfile(first) if first and first.name == _MANIFEST else None
            if source is None:
                raise Damaged(_MANIFEST)
            manifest: dict[str, object] = json.loads(source.read())
            backup_files.unpack(tar, folder, cast(dict[str, str], manifest["files"]))
        reader.read()
    return manifest


def _check_bucket(settings: Settings, manifest: dict[str, object]) -> None:
    """Raises NotRestored when the photos would not be found afterwards."""
    bucket = manifest.get("bucket") or ""
    if bool(bucket) != bool(settings.blob_url):
        raise NotRestored(
            f"照片在对象存储 {bucket}，请先设 PORTAL_BLOBS。" if bucket
            else "照片在备份里。请先去掉 PORTAL_BLOBS 再恢复。"
        )  # fmt: skip


def _check_database(settings: Settings, folder: Path, beside: Path) -> None:
    """The audit chain from its first line; the keys open; what was erased since is erased again.
    Raises NotRestored."""
    restored = Settings(
        data=folder, database_url=settings.database_url, master_key=settings.master_key
    )
    if (folder / _POSTGRES).exists() != bool(settings.database_url):
        raise NotRestored("备份和现在设置的数据库不是同一种，恢复不了。")
    if settings.database_url:
        _with_tool(pg_tools.load, settings, folder / _POSTGRES)
        (folder / _POSTGRES).unlink()
    database = Database(restored.url, info={"vault": vault.open_vault(restored)})
    try:
        with database.reading() as session:
            vault.own_key(session, "index")
            faults = [f for f in audit.verify(session) if f != audit.NO_KEY]  # from before it
        erased.destroy_again(database, beside)
    except vault.Unreadable as fault:
        raise NotRestored("主密钥不对，恢复出来也打不开。") from fault
    finally:
        database.engine.dispose()
    if faults:
        raise NotRestored("审计记录对不上：" + "；".join(faults))


def _key_for(settings: Settings, file: Path, passphrase: str | None) -> bytes | None:
    try:
        with file.open("rb") as sealed:
            if needs_passphrase(sealed):
                if passphrase is None:
                    raise NotRestored("这份备份要口令：--passphrase-file。")
                return None
        return _master(settings)
    except Damaged as fault:
        raise NotRestored("这不是救助通的备份文件。") from fault
    except WrongSettings as fault:
        raise NotRestored(
            "这份备份要主密钥：用 --data 指旧文件夹，或设 PORTAL_MASTER_KEY。"
        ) from fault


def _put_key(settings: Settings, folder: Path, key: bytes | None) -> None:
    """The key file beside what it opens, unless the environment holds the key."""
    if key is not None and not settings.master_key:
        target = folder / _KEY
        target.write_text(master_key.written((key,)))
        target.chmod(0o600)


def _master(settings: Settings) -> bytes:
    """The 32 bytes that wrap now. Raises WrongSettings when there are none."""
    vault.open_vault(settings)
    return master_key.masters_of(settings)[0]


def _done(manifest: dict[str, object], file: Path) -> Done:
    names = cast(dict[str, str], manifest["files"])
    blobs = sum(name.startswith("blobs/") for name in names)
    return Done(blobs, file.stat().st_size, str(manifest.get("bucket") or ""))


def _beside(target: Path) -> Path:
    """The folder half-done work may lie in: `target` itself where it is there already, for the one
    above it need not be ours. Raises NotRestored."""
    try:
        if target.exists():
            target.chmod(0o700)
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise NotRestored(
            f"{target} 不能用（{fault.strerror}）。请先建好，交给本站的用户。"
        ) from fault
    if not os.access(target.parent, os.W_OK):
        said = f"{target.parent} 写不进去。请先建一个空文件夹，交给本站的用户，恢复到那里。"
        raise NotRestored(said)
    return target.parent
