"""Administrative divisions: imported once into SQL, then found by parent, code or part of a name."""

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Select, case, delete, insert, select
from sqlalchemy.orm import Session

from portal.foundation.errors import Invalid, NotFound
from portal.policy.tables import Region

PLACES = Path(__file__).parent / "places"
LEVELS = ("province", "prefecture", "county", "township", "village")
_UNKNOWN = "没有这个地方。请重新选择。"
_AT_ONCE = 5000
_CANDIDATES = 400
_LONGEST, _SHORTEST = 40, 2


@dataclass(frozen=True)
class Found:
    """A division and its name from the province down."""

    code: str
    name: str
    level: str
    parent_code: str | None
    full_name: str


def import_regions(session: Session) -> None:
    """Provinces to villages of the data files in place of what was there. Twice is as good as once.

    divisions.csv rules down to the county; reparent.csv moves the townships that carry
    the code of a statistical zone to the county they belong to.
    """
    session.execute(delete(Region))
    rows = list(_all_rows())
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(insert(Region), rows[start : start + _AT_ONCE])
    session.expire_all()


def children(session: Session, parent: str | None) -> list[Region]:
    """The administrative divisions right under `parent`, or the provinces. Raises NotFound."""
    if parent is not None:
        find(session, parent)
    under = Region.parent_code.is_(None) if parent is None else Region.parent_code == parent
    return list(
        session.scalars(select(Region).where(under, Region.administrative).order_by(Region.code))
    )


def search(
    session: Session, text: str, *, level: str | None = None, limit: int = 20
) -> list[Found]:
    """Divisions whose name holds `text`: those that begin with it first, then from province down.

    Of several words the last is looked for, the others narrow: 安化 东坪; people may also run
    them together: 安化县东坪镇. Raises Invalid for an unknown level.
    """
    if level is not None and level not in LEVELS:
        raise Invalid("没有这一级地方。", fields={"level": ["请换一个。"]})
    words = text[:_LONGEST].replace("\0", " ").split()
    for tried in [words, *(_cuts(words[0]) if len(words) == 1 else [])]:
        if found := _holding(session, tried, level):
            return found[:limit]
    return []


def named(session: Session, regions: Sequence[Region]) -> list[Found]:
    """Regions with their full names: one query a level, however many there are."""
    known = {r.code: r for r in regions}
    wanted = {r.parent_code for r in regions if r.parent_code} - known.keys()
    while wanted:
        parents = session.scalars(select(Region).where(Region.code.in_(wanted))).all()
        known.update({r.code: r for r in parents})
        wanted = {r.parent_code for r in parents if r.parent_code} - known.keys()
    return [Found(r.code, r.name, r.level, r.parent_code, _joined(r, known)) for r in regions]


def find(session: Session, code: str) -> Region:
    """Raises NotFound."""
    region = session.get(Region, code) if code.isascii() and code.isdigit() else None
    if region is None:
        raise NotFound(_UNKNOWN)
    return region


def path(session: Session, code: str) -> str:
    """The codes from the province down: 430000/430900/430923/430923121. Raises NotFound."""
    return "/".join(r.code for r in _line(session, code))


def full_name(session: Session, code: str) -> str:
    """The names from the province down: 湖南省益阳市安化县东坪镇. Raises NotFound."""
    return "".join(r.name for r in _line(session, code))


def _cuts(word: str) -> Iterator[list[str]]:
    """安化东坪 → 安化 东坪: every way to cut it in two that leaves names."""
    for at in range(_SHORTEST, len(word) - _SHORTEST + 1):
        yield [word[:at], word[at:]]


def _holding(session: Session, words: Sequence[str], level: str | None) -> list[Found]:
    if not words:
        return []
    found = named(session, session.scalars(_named_like(words[-1], level)).all())
    return [f for f in found if all(word in f.full_name for word in words)]


def _line(session: Session, code: str) -> list[Region]:
    region = find(session, code)
    line = [region]
    while region.parent_code is not None:
        region = find(session, region.parent_code)
        line.insert(0, region)
    return line


def _named_like(word: str, level: str | None) -> Select[Region]:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    begins = Region.name.like(f"{escaped}%", escape="\\")
    rank = case({name: number for number, name in enumerate(LEVELS)}, value=Region.level)
    query = select(Region).where(
        Region.name.like(f"%{escaped}%", escape="\\"), Region.administrative
    )
    if level is not None:
        query = query.where(Region.level == level)
    return query.order_by(begins.desc(), rank, Region.code).limit(_CANDIDATES)


def _joined(region: Region, known: Mapping[str, Region]) -> str:
    above = known.get(region.parent_code or "")
    return (_joined(above, known) if above else "") + region.name


def _all_rows() -> Iterator[dict[str, object]]:
    moved = {r["township"]: r["county"] for r in _read(PLACES / "reparent.csv")}
    for r in _read(PLACES / "divisions.csv"):
        yield _row(
            r["code"], r["name"], r["level"], r["parent"] or None, r["is_administrative"] == "1"
        )
    for r in _read(PLACES / "townships.csv.gz"):
        yield _row(r["code"], r["name"], "township", moved.get(r["code"], r["parent"]))
    for r in _read(PLACES / "villages.csv.gz"):
        yield _row(r["code"], r["name"], "village", r["parent"])


def _row(
    code: str, name: str, level: str, parent: str | None, real: bool = True
) -> dict[str, object]:
    return {
        "code": code,
        "name": name,
        "level": level,
        "parent_code": parent,
        "administrative": real,
    }


def _read(file: Path) -> Iterable[dict[str, str]]:
    raw = file.read_bytes()
    text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
    return csv.DictReader(text.splitlines())
