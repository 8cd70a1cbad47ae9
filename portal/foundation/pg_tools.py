"""pg_dump and pg_restore, for installations on PostgreSQL."""

import subprocess
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import URL, make_url

from portal.foundation.database import Database
from portal.foundation.settings import Settings, to_environment


class Failed(Exception):
    """The tool is missing or refused; in words for an administrator."""


def dump(settings: Settings, target: Path) -> None:
    """One consistent copy in pg_dump's custom format. Raises Failed."""
    url = make_url(settings.url)
    _run("pg_dump", settings, ["--format=custom", "--no-owner", f"--file={target}", *_target(url)])


def load(settings: Settings, dump: Path) -> None:
    """Into an empty database, in one transaction. Raises Failed, with nothing changed."""
    database = Database(settings.url)
    tables = inspect(database.engine).get_table_names()
    database.engine.dispose()
    if tables:
        raise Failed("DATABASE_URL 的数据库不是空的，不动它。")
    more = [
        "--no-owner",
        "--exit-on-error",
        "--single-transaction",
        *_target(make_url(settings.url)),
    ]
    _run("pg_restore", settings, [*more, str(dump)])


def _target(url: URL) -> list[str]:
    given = {"host": url.host, "port": url.port, "username": url.username, "dbname": url.database}
    return [f"--{name}={value}" for name, value in given.items() if value is not None]


def _run(program: str, settings: Settings, arguments: list[str]) -> None:
    """The password goes by the environment, where other users cannot see it."""
    environ = to_environment(settings) | {"PGPASSWORD": make_url(settings.url).password or ""}
    try:
        subprocess.run([program, *arguments], env=environ, check=True, capture_output=True)  # noqa: S603
    except FileNotFoundError as fault:
        raise Failed(f"没有找到 {program}。请先装 postgresql-client。") from fault
    except subprocess.CalledProcessError as fault:
        raise Failed(f"{program}: {fault.stderr.decode(errors='replace').strip()}") from fault
