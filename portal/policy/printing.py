"""Guides on paper: a sheet, the pocket book 口袋书, a poster for the village, with local amounts.

What stands on them is looked up by `about`; `render` makes of it the same bytes every time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import segno
from sqlalchemy.orm import Session

from portal.foundation import typesetting
from portal.policy import amounts, deadlines, directory, guide, regions
from portal.policy.catalogue import Catalogue, Program

PAPERS = ("a4", "a3")
_TEMPLATES = Path(__file__).parent / "print"
_AREAS = {"urban": "城市", "rural": "农村", "all": ""}
_POSTER_PROGRAM = "dibao"
_KEPT = 32
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Where:
    """What paper about a place needs to know. `path` "" for no place; `url` of the site."""

    path: str
    full_name: str
    contacts: Sequence[directory.Contact]
    url: str
    on: date

    @property
    def code(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def query(self) -> str:
        return f"?place={self.code}" if self.code else ""


def about(session: Session, code: str, *, url: str, on: date) -> Where:
    """A division, "" for none. Raises NotFound."""
    path = regions.path(session, code) if code else ""
    name = regions.full_name(session, code) if code else ""
    return Where(path, name, directory.near(session, path, kinds=directory.OFFICES), url, on)


def sheet(catalogue: Catalogue, program: Program, where: Where) -> bytes:
    """One guide on A4."""
    told = {**_frame(program.title, where), "guides": [_guide(catalogue, program, where)]}
    return _render("sheet.typ", told)


def pocket_book(catalogue: Catalogue, where: Where) -> bytes:
    """All guides on A6."""
    programs = guide.in_order(catalogue.programs)
    return _render(
        "book.typ",
        {
            **_frame("社会救助口袋书", where),
            "lead": "日子有难处，看这一本。",
            "choose": "不知道是哪一种？都可以申请，窗口会帮您选。",
            "svg": _qr(f"{where.url}/{where.query}"),
            "contacts": [_call(c) for c in where.contacts],
            "guides": [_guide(catalogue, p, where) for p in programs],
        },
    )


def poster(
    catalogue: Catalogue, where: Where, *, paper: str = "a4", mini: bytes | None = None
) -> bytes:
    """For the village board; the code leads to the site with this place chosen, and `mini`, a
    picture, into the mini-program."""
    return _render(
        "poster.typ",
        {
            **_frame("日子有难处？", where),
            "lead": "国家有救助。手机上能办，不收钱。",
            "paper": paper,
            "mini": list(mini or b""),
            "svg": _qr(f"{where.url}/{where.query}"),
            "local": _standards(catalogue, _POSTER_PROGRAM, where),
            "guides": [
                {"short": p.short, "summary": p.summary} for p in guide.in_order(catalogue.programs)
            ],
        },
    )


def _frame(title: str, where: Where) -> dict[str, Any]:
    place = where.full_name
    on = where.on
    return {
        "title": title,
        "day": [on.year, on.month, on.day],
        "place": place,
        "place_title": "当地的标准" if place else "各地的标准",
        "unknown": f"各地不同，{amounts.UNKNOWN}",
        "call": _call(where.contacts[0]),
        "footer": f"{on.year}年{on.month}月{on.day}日印。标准会变，{amounts.UNKNOWN}",
    }


def _guide(catalogue: Catalogue, program: Program, where: Where) -> dict[str, Any]:
    here = {"", *where.path.split("/")}
    return {
        "title": program.title,
        "short": program.short,
        "summary": program.summary,
        "stale": guide.stale(program, on=where.on),
        "letters": len(program.guide),
        "blocks": [
            {"kind": b.kind, "texts": _claims(b.texts)} for b in guide.blocks(program.guide)
        ],
        "standards": _standards(catalogue, program.id, where),
        "deadlines": [(d.title, deadlines.words(d)) for d in program.deadlines if d.region in here],
        "svg": _qr(f"{where.url}/guide/{program.id}{where.query}"),
    }


def _claims(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Sentences and their sources; a source on a line of its own belongs to the one before."""
    claims: list[tuple[str, str]] = []
    for words, source in map(guide.parted, texts):
        if not words and claims:
            claims[-1] = (claims[-1][0], claims[-1][1] + source)
        else:
            claims.append((words, source))
    return claims


def _standards(catalogue: Catalogue, program: str, where: Where) -> list[tuple[str, str]]:
    if not where.path:
        return []
    found = amounts.in_force(catalogue, program, where.path, on=where.on)
    return [(f"{_AREAS[a.area]}{a.item}", amounts.words(a, on=where.on)) for a in found]


def _call(contact: directory.Contact) -> dict[str, str]:
    return {k: v for k, v in asdict(contact).items() if k in ("name", "phone", "hours", "address")}


def _qr(address: str) -> str:
    code = segno.make(address, error="m", micro=False)
    return str(code.svg_inline(border=2, scale=4, light="#fff", omitsize=True))


def _render(template: str, told: Mapping[str, Any]) -> bytes:
    return _rendered(template, _Told(told))


class _Told(dict[str, Any]):
    """What stands on a paper, as the key under which the paper is kept."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(repr(self))


@lru_cache(maxsize=_KEPT)
def _rendered(template: str, told: _Told) -> bytes:
    """One at a time: paper is public and must not take the machine from those who apply."""
    with _ONE_AT_A_TIME:
        return typesetting.render(_TEMPLATES / template, told)
