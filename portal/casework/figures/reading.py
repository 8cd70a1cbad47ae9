"""监管: the one page of figures of a division, and the same figures as a table to take along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.casework import copying, duties, stages
from portal.casework.figures import counting
from portal.casework.figures.counting import Figures, Found
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.errors import Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role, covers
from portal.people.tables import Staff
from portal.policy import regions
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import Status
from portal.policy.tables import Region

BY: Mapping[str, str] = {
    "place": "地区", "program": "救助项目", "step": "环节", "clerk": "经办人", "helper": "代办人",
}  # fmt: skip
PEOPLE = frozenset({"clerk", "helper"})
MEASURES: Mapping[str, str] = {
    "filed": "收到", "open": "在办", "decided": "已决定", "median_days": "一半在几天内",
    "mean_days": "平均几天", "overdue": "超时", "bounced": "转了两次以上", "second": "第二次补正",
    "rated": "评了", "unhappy": "不满意",
}  # fmt: skip
_NOT_OF_PEOPLE = frozenset({"rated", "unhappy"})
"""What somebody thought of a whole case is nobody's mark."""
_OVER_PEOPLE = frozenset({Role.TOWNSHIP_REVIEWER}) | duties.COUNTY | duties.WATCHING


@dataclass(frozen=True)
class Asked:
    """What is looked at: `by` a key of BY, within `place` (empty: the whole division), of one
    `program` (empty: of all)."""

    by: str = "place"
    place: str = ""
    program: str = ""


@dataclass(frozen=True)
class Line:
    """`key`: what to look deeper by; empty for a helper."""

    title: str
    figures: Figures
    key: str = ""


@dataclass(frozen=True)
class Board:
    """`by`: the groupings this person may look at. `place` and
    `name`: where these figures are of."""

    whole: Figures
    lines: Sequence[Line]
    place: str
    name: str
    by: Mapping[str, str]


def read(
    session: Session, catalogue: Catalogue, asked: Asked, *, actor: Actor, now: datetime
) -> Board:
    """Raises Forbidden, NotFound for a place beyond the own division, Invalid (by)."""
    duties.check_reader(actor)
    allowed = {k: t for k, t in BY.items() if k not in PEOPLE or actor.holds(*_OVER_PEOPLE)}
    if asked.by not in BY:
        raise Invalid("没有这种分法。", fields={"by": ["请选一种。"]})
    if asked.by not in allowed:
        raise Forbidden("按人看，要负责人或上级。", code="party_not_allowed")
    place = _place(session, asked.place or actor.region_code, actor=actor)
    which = _which(asked, place, catalogue, actor=actor)
    found = _count(session, asked.by, which, place, now=now)
    whole = found
    if asked.by == "step":
        whole = counting.whole_of_steps(session, found, which)
    if asked.by in PEOPLE:
        whole = counting.by_column(session, Application.program_id, which, today=local_date(now))
    lines = _lines(session, catalogue, asked.by, place, found)
    return Board(reduce(add, whole.values(), Figures()), lines, place.code, place.name, allowed)


def table(
    session: Session, board: Board, asked: Asked, *, actor: Actor, now: datetime
) -> list[list[str]]:
    """A head, a line each, and the sum. No name of anybody: people go by a short number.

    That it was taken along is recorded.
    """
    head = [BY[asked.by], *measures(asked.by).values()]
    named = asked.by not in PEOPLE
    lines = [
        [line.title if named else f"{BY[asked.by]}{number}", *cells(line.figures, asked.by)]
        for number, line in enumerate(board.lines, 1)
    ]
    detail = {"by": asked.by, "place": board.place, "program": asked.program}
    audit.record(session, "export.figures", actor=str(actor), detail=detail, now=now)
    return [head, *lines, ["合计", *cells(board.whole, asked.by)]]


def as_xlsx(lines: Sequence[Sequence[str]], mark: str) -> bytes:
    return copying.as_xlsx(lines, mark, title="办理情况", about="只有件数，没有个人信息。")


def measures(by: str) -> Mapping[str, str]:
    """The columns of this grouping: MEASURES, or what of them is said of people."""
    left_out = _NOT_OF_PEOPLE if by in PEOPLE else frozenset()
    return {name: words for name, words in MEASURES.items() if name not in left_out}


def cells(figures: Figures, by: str = "place") -> list[str]:
    """In the order of its measures."""
    found = [getattr(figures, name) for name in measures(by)]
    return ["" if n is None else f"{n:.1f}" if isinstance(n, float) else str(n) for n in found]


def _place(session: Session, code: str, *, actor: Actor) -> Region:
    found = regions.find(session, code)
    if not covers(actor.region_code, regions.path(session, code)) or found.level == "village":
        raise NotFound("这个地方不归您看。")
    return found


def _which(
    asked: Asked, place: Region, catalogue: Catalogue, *, actor: Actor
) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = [duties.scope(actor), Application.submission_no > 0]
    if asked.program:
        which.append(Application.program_id == catalogue.find(asked.program).id)
    if place.code == actor.region_code:
        return which
    return [*which, duties.within(place.code)]


def _count(
    session: Session, by: str, which: list[ColumnElement[bool]], place: Region, *, now: datetime
) -> Found:
    today = local_date(now)
    if by == "clerk":
        return counting.by_clerk(session, which, today=today)
    if by == "helper":
        return counting.by_helper(session, which, today=today)
    if by == "step":
        return counting.by_step(session, which, today=today)
    if by == "program":
        return counting.by_column(session, Application.program_id, which, today=today)
    near = place.level in ("county", "township")
    column = Application.region_code if near else Application.county_code
    return counting.by_column(session, column, which, today=today)


def _lines(
    session: Session, catalogue: Catalogue, by: str, place: Region, found: Found
) -> list[Line]:
    if by == "place":
        return _places(session, place, found)
    if by == "step":
        return [Line(stages.LABELS[s], found[s], s) for s in Status if s in found]
    if by == "program":
        return [
            Line(p.short, found[p.id], p.id) for p in catalogue.programs.values() if p.id in found
        ]
    names = _staff(session, found) if by == "clerk" else {}
    rows = [
        Line(names.get(key, f"代办人 {key[:6]}"), figures, key if by == "clerk" else "")
        for key, figures in found.items()
    ]
    return sorted(rows, key=lambda line: (-line.figures.overdue, -line.figures.filed, line.title))


def _places(session: Session, place: Region, found: Found) -> list[Line]:
    """One level below; what lies deeper is added up."""
    below = (
        {r.code: r for r in regions.children(session, place.code)}
        if place.level != "township"
        else {}
    )
    sums: Found = {}
    for code, figures in found.items():
        at = next((c for c in regions.path(session, code).split("/") if c in below), code)
        sums[at] = sums.get(at, Figures()) + figures
    rows = [Line(regions.find(session, code).name, figures, code) for code, figures in sums.items()]
    return sorted(rows, key=lambda line: (-line.figures.overdue, -line.figures.open, line.title))


def _staff(session: Session, found: Found) -> dict[str, str]:
    ids = [UUID(key.partition(":")[2]) for key in found]
    rows = select(Staff.id, Staff.display_name).where(Staff.id.in_(ids))
    known = {f"staff:{one}": name for one, name in session.execute(rows)}
    return {key: known.get(key, "不在册") for key in found}
