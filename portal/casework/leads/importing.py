"""Lists of other bodies become leads: large medical cost, lost job, disaster. Tried first.

All of a list or nothing of it. A threshold of the place sorts out what lies below it; without
one every line is worth a look. Each lead says why it is one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import duties
from portal.casework.leads import reporting
from portal.casework.leads.tables import Lead
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.errors import Forbidden, Invalid
from portal.people.access import Actor, covers
from portal.policy import regions, signals, spreadsheets
from portal.policy.spreadsheets import Fault, WrongLine
from portal.policy.tables import Region

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("地区代码", "行政区划代码"), "place": ("地区", "所在地", "乡镇"),
    "name": ("姓名",), "find": ("住址电话", "联系方式", "地址", "电话"),
    "figure": ("数额", "金额", "自付费用", "月数", "损失"), "what": ("情况", "说明", "原因"),
}  # fmt: skip
NEEDED = frozenset({"name"})
MOST_LINES = 5_000
_LARGEST = Decimal("1e9")


@dataclass(frozen=True)
class Line:
    """One line that is a lead: where, and {what, find, why}."""

    number: int
    code: str
    about: Mapping[str, str]


@dataclass(frozen=True)
class Plan:
    """What a list would make. `below`: lines under the threshold; `known`: leads already."""

    signal: str
    lines: tuple[Line, ...]
    below: int
    known: int
    faults: tuple[Fault, ...]


def check_importer(actor: Actor) -> None:
    """Raises Forbidden for anybody but those who work on files at township and county."""
    if not actor.holds(*duties.TOWNSHIP, *duties.COUNTY):
        raise Forbidden("名单由乡镇或县里导入。", code="party_not_allowed")


def plan(session: Session, file: Path, signal: str, *, actor: Actor, now: datetime) -> Plan:
    """Every line read and nothing written. Raises NotRead, Forbidden, Invalid (signal)."""
    check_importer(actor)
    if signal not in signals.load().kinds:
        raise Invalid("请选是什么名单。", fields={"signal": ["请选一种。"]})
    table = spreadsheets.read_table(file, COLUMNS, needed=NEEDED, most=MOST_LINES)
    places, faults, lines = spreadsheets.Places(session), [], []
    below, seen = 0, set[bytes]()
    paths: dict[str, str] = {}
    for number, cells in table.lines:
        try:
            code = _place(session, places, cells, paths, actor=actor)
            why = _why(signal, cells, paths[code], now=now)
        except WrongLine as fault:
            faults.append(Fault(number, str(fault)))
            continue
        if why is None:
            below += 1
            continue
        lines.append(Line(number, code, _about(cells, why)))
    fresh = list(_fresh(session, signal, lines, seen))
    return Plan(signal, tuple(fresh), below, len(lines) - len(fresh), tuple(faults))


def carry_out(session: Session, made: Plan, *, actor: Actor, now: datetime) -> int:
    """Every line of the plan becomes a lead; how many."""
    check_importer(actor)
    for line in made.lines:
        place = session.get_one(Region, line.code)
        reporting.keep(session, made.signal, place, line.about, now=now)
    detail = {"signal": made.signal, "lines": len(made.lines), "below": made.below}
    audit.record(session, "import.leads", actor=str(actor), detail=detail, now=now)
    return len(made.lines)


def told(made: Plan, *, dry_run: bool) -> list[str]:
    """What to say above the form."""
    if made.faults:
        return [str(fault) for fault in made.faults]
    verb = "会成为" if dry_run else "已成为"
    more = [f"{made.below}行没到当地的数额，不用去看。"] if made.below else []
    more += [f"{made.known}行以前有过，不再重复。"] if made.known else []
    return [f"{len(made.lines)}行{verb}线索。", *more]


def _place(
    session: Session, places: spreadsheets.Places, cells: Mapping[str, str],
    paths: dict[str, str], *, actor: Actor,
) -> str:  # fmt: skip
    code, level = places.find(cells["code"], cells["place"])
    if level not in ("township", "village"):
        raise WrongLine("地区要写到乡镇，最好到村。")
    if code not in paths:
        paths[code] = regions.path(session, code)
    if not covers(actor.region_code, paths[code]):
        raise WrongLine("不在本地，请由那里导入。")
    if not cells["name"]:
        raise WrongLine("没有写姓名。")
    return code


def _why(signal: str, cells: Mapping[str, str], path: str, *, now: datetime) -> str | None:
    """The reason it is a lead; None for a figure below the place's threshold."""
    known = signals.load()
    kind, figure = known.kinds[signal], _figure(cells["figure"])
    limit = known.threshold(signal, path, local_date(now))
    if limit is None or limit.value is None:
        return f"{kind.title}：{kind.figure} {figure}" if figure is not None else kind.title
    if figure is None:
        return f"{kind.title}：名单没写数额"
    if figure < limit.value:
        return None
    return (
        f"{kind.title}：{kind.figure} {figure}，到了当地的{limit.value}（{limit.source.document}）"
    )


def _figure(text: str) -> Decimal | None:
    words = spreadsheets.plain_figures(text).replace(",", "").replace("元", "").strip()
    if not words:
        return None
    try:
        found = Decimal(words)
    except InvalidOperation:
        raise WrongLine("数额不是数字。") from None
    if not found.is_finite() or not 0 <= found <= _LARGEST:
        raise WrongLine("数额不对。")
    return found


def _about(cells: Mapping[str, str], why: str) -> dict[str, str]:
    find = "，".join(part for part in (cells["name"], cells["find"]) if part)
    return {
        "what": (cells["what"] or why)[: reporting.MOST_CHARACTERS],
        "find": find[: reporting.MOST_TO_FIND], "why": why,
    }  # fmt: skip


def _fresh(session: Session, signal: str, lines: list[Line], seen: set[bytes]) -> Iterator[Line]:
    """Those that no list brought before, each once."""
    digests = {
        line.number: reporting.same(session, signal, line.code, line.about) for line in lines
    }
    every = list(digests.values())
    for start in range(0, len(every), 500):
        rows = select(Lead.same_index).where(Lead.same_index.in_(every[start : start + 500]))
        seen.update(session.scalars(rows))
    for line in lines:
        digest = digests[line.number]
        if digest not in seen:
            seen.add(digest)
            yield line
