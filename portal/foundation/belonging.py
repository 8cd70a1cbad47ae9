"""Which database a data folder goes with: what is said of a folder must not come from another
installation's database."""

from pathlib import Path

from sqlalchemy.engine import make_url

from portal.foundation.settings import Settings, WrongSettings

_NOTE = "restored-into"
_WITHOUT = frozenset({"init", "serve", "restore", "doctor"})
"""Commands that make the folder, look only for a key in it, or say themselves that it is missing."""


def place(settings: Settings) -> str:
    """The database, without user and password."""
    if not settings.database_url:
        return str(settings.data / "portal.sqlite")
    url = make_url(settings.database_url)
    return f"{url.host or 'localhost'}:{url.port or 5432}/{url.database}"


def note(settings: Settings, folder: Path) -> None:
    """Written by a restore, which had an empty database of its own."""
    if settings.database_url:
        (folder / _NOTE).write_text(place(settings))


def check(settings: Settings, command: str, *, named: bool) -> None:
    """Whether `command` may speak to this database about this folder; `named`: the folder was
    given by hand. Raises WrongSettings.
    """
    if command == "restore":
        return
    data, there = settings.data, settings.data / _NOTE
    if named and command not in _WITHOUT and not (data.is_dir() and any(data.iterdir())):
        raise WrongSettings(f"数据文件夹 {data} 不在，或者是空的。请先 portal init。")
    if not settings.database_url:
        return
    if there.exists() and there.read_text() != place(settings):
        raise WrongSettings(
            f"{data} 恢复时用的数据库是 {there.read_text()}，DATABASE_URL 却是 {place(settings)}。"
            f"请改 DATABASE_URL；数据库确实搬了，请删掉 {there}。"
        )
    if named and (data / "portal.sqlite").exists():
        raise WrongSettings(
            f"{data} 里有自己的数据库 portal.sqlite，DATABASE_URL 却是 {place(settings)}。"
            "请去掉 DATABASE_URL，或者移走 portal.sqlite。"
        )
