"""Whom to call in a place: township windows, hotlines, village assistants (社会救助法 第60、64条)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.policy import regions
from portal.policy.tables import Window

HOTLINE = "12349"
"""民政服务热线, where the place has no number of its own."""
KINDS = {"window": "窗口", "assistant": "协理员", "hotline": "热线"}
"""In the order of whom to call first in the same place."""
OFFICES = ("window", "hotline")
"""Who knows about a file already handed over."""


@dataclass(frozen=True)
class Contact:
    """`kind` as in KINDS; `region_code` "" for the whole country."""

    kind: str
    name: str
    phone: str
    hours: str = ""
    address: str = ""
    region_code: str = ""
    source: str = ""

    @property
    def dial(self) -> str:
        """For a tel: address."""
        return "".join(c for c in self.phone if c.isdigit() or c == "+")


EVERYWHERE = Contact("hotline", "民政服务热线", HOTLINE)


def for_place(session: Session, path: str, *, kinds: Collection[str] = tuple(KINDS)) -> Contact:
    """The best to call for a path like 430000/430900/430923/430923121: the nearest, up to 12349."""
    return near(session, path, kinds=kinds)[0]


def near(session: Session, path: str, *, kinds: Collection[str] = tuple(KINDS)) -> list[Contact]:
    """Everybody who answers for a place, nearest first; 12349 is the last."""
    places = [code for code in path.split("/") if code]
    found: Iterable[Window] = ()
    if places:
        found = session.scalars(
            select(Window).where(Window.region_code.in_(places), Window.kind.in_(kinds))
        ).all()
    order = list(KINDS)
    ranked = sorted(
        found, key=lambda w: (-places.index(w.region_code), order.index(w.kind), w.name)
    )
    return [*(_contact(w) for w in ranked), EVERYWHERE]


def of_region(session: Session, code: str) -> list[Contact]:
    """Like `near`, by code. Raises NotFound."""
    return near(session, regions.path(session, code))


def _contact(row: Window) -> Contact:
    return Contact(
        row.kind, row.name, row.phone, row.hours, row.address, row.region_code, row.source
    )
