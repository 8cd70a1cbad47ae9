"""Choosing a place without a script: one list after the other, or typed words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.pages.answers import Raw
from portal.foundation.errors import NotFound
from portal.policy import regions
from portal.policy.catalogue import Field
from portal.policy.tables import Region

NEXT = {
    "": "省",
    "province": "市、州",
    "prefecture": "县、区",
    "county": "乡镇、街道",
    "township": "村、社区",
}


@dataclass(frozen=True)
class Spot:
    """A place half chosen: its full name, what the next list is called, what is in it."""

    code: str
    name: str
    next: str
    below: Sequence[Region]
    found: Sequence[tuple[str, str]] = ()
    sought: str = ""


Spots = Callable[[str], Spot]


def spot(session: Session, code: str, *, deepest: str = "village", sought: str = "") -> Spot:
    """What to show for a code; an unknown one counts as none. `sought`: typed words to look for."""
    region = known(session, code)
    level, here = (region.level, region.code) if region else ("", None)
    ends = bool(level) and regions.LEVELS.index(level) >= regions.LEVELS.index(deepest)
    below = [] if ends else regions.children(session, here)
    hits = regions.search(session, sought, limit=8) if len(sought) > 1 else []
    return Spot(
        code=region.code if region else "",
        name=regions.full_name(session, region.code) if region else "",
        next=NEXT.get(level, "") if below else "",
        below=below,
        found=[(hit.code, hit.full_name) for hit in hits],
        sought=sought,
    )


def spots(session: Session, raw: Raw) -> Spots:
    """For a page: the spot of the place field of that name."""

    def of(name: str) -> Spot:
        return spot(
            session, raw.get(f"{name}.code", ""), sought=raw.get(f"{name}.find", "").strip()
        )

    return of


def press(fields: Iterable[Field], raw: Raw) -> bool:
    """Whether 下一级, 重选 or 找 was pressed; does it in `raw`."""
    verb, _, name = raw.get("go", "").partition(":")
    if verb not in ("down", "up", "find") or name not in {f.name for f in fields}:
        return False
    if verb == "down":
        raw[f"{name}.code"] = chosen(raw, name)
    if verb == "up":
        raw[f"{name}.code"] = ""
    if verb != "find":
        raw.pop(f"{name}.find", None)
    raw.pop(f"{name}.found", None)
    return True


def chosen(raw: Raw, name: str) -> str:
    return raw.get(f"{name}.found") or raw.get(f"{name}.pick") or raw.get(f"{name}.code", "")


def known(session: Session, code: str) -> Region | None:
    try:
        return regions.find(session, code) if code else None
    except NotFound:
        return None
