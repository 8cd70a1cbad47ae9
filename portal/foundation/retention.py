"""How long everything is kept, from retention.yaml: one place for the figures and whose they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("retention.yaml")


@dataclass(frozen=True)
class Kind:
    """Some tables and their time: `days` after `since`, or `until` something happens.

    `source`: own, a law, or open where no published figure was found.
    """

    title: str
    tables: tuple[str, ...]
    source: str
    days: int | None = None
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Archive:
    """What a place has published: its files are kept so many years after they were closed."""

    years: int
    source: str


@cache
def kinds() -> Mapping[str, Kind]:
    return {
        name: Kind(**{**said, "tables": tuple(said["tables"])})
        for name, said in _read()["kinds"].items()
    }


def period(kind: str) -> timedelta:
    """Raises ValueError for a kind without a number of days."""
    days = kinds()[kind].days
    if days is None:
        raise ValueError(f"{kind} has no number of days")
    return timedelta(days=days)


def archive(region_path: str | None) -> Archive | None:
    """The rule of the nearest division on this path from the province down; None while none is
    known: then nothing is erased on a guess."""
    known = _read()["archive"]
    for code in reversed((region_path or "").split("/")):
        if code in known:
            return Archive(**known[code])
    return None


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found
