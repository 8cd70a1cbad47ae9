"""The list of windows, hotlines and village assistants as an office keeps it: CSV or XLSX.

First line: names of the columns, in Chinese or English (COLUMNS). One line a contact; 地区代码
or the full name 地区 says where. For each place and kind that the file names it replaces what
was there; other places stay. One wrong line and nothing is written.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.foundation import audit
from portal.policy.directory import KINDS
from portal.policy.spreadsheets import LARGEST as LARGEST
from portal.policy.spreadsheets import Fault, Places, WrongLine, plain_figures, read_table
from portal.policy.spreadsheets import NotRead as NotRead
from portal.policy.tables import Window

COLUMNS = {
    "code": ("地区代码", "行政区划代码", "区划代码", "region_code"),
    "place": ("地区", "地方", "所在地"),
    "kind": ("类别", "类型"),
    "name": ("名称", "姓名", "窗口名称"),
    "phone": ("电话", "联系电话", "电话号码", "手机", "手机号"),
    "hours": ("时间", "办公时间", "工作时间"),
    "address": ("地址", "办公地址"),
    "source": ("来源",),
}
_LONGEST = {"name": 60, "hours": 60, "address": 120, "source": 120}
_PHONE = re.compile(r"1[0-9]{2,4}|1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}|400-?[0-9]{3}-?[0-9]{4}")
_NEEDED = frozenset({"name", "phone"})
_DASHES = str.maketrans(dict.fromkeys("—–－‐−_", "-") | dict.fromkeys("() "))
_LEVELS = {
    "assistant": ("village", "township"),
    "window": ("village", "township", "county"),
    "hotline": ("county", "prefecture", "province"),
}
_WHERE = {"assistant": "村或乡镇", "window": "乡镇、村或县", "hotline": "县、市或省"}
_KEPT = ("phone", "hours", "address", "source")
_AT_ONCE = 500

Key = tuple[str, str, str]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """What an import would do. Nothing is done while there are faults."""

    faults: tuple[Fault, ...] = ()
    wanted: Mapping[Key, Mapping[str, str]] = field(default_factory=dict)
    added: tuple[Key, ...] = ()
    changed: tuple[Key, ...] = ()
    removed: tuple[Key, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def same(self) -> int:
        return len(self.wanted) - len(self.added) - len(self.changed)


def plan(session: Session, file: Path, *, progress: Progress = lambda _done, _all: None) -> Plan:
    """Reads the file and compares it with what is there; writes nothing. Raises NotRead."""
    table = read_table(file, COLUMNS, needed=_NEEDED)
    places = Places(session)
    faults: list[Fault] = []
    wanted: dict[Key, dict[str, str]] = {}
    lines: dict[Key, int] = {}
    for done, (line, said) in enumerate(table.lines, 1):
        try:
            key, kept = _read(said, places)
            if key in lines:
                raise WrongLine(f"和第{lines[key]}行重复。")
            wanted[key], lines[key] = kept, line
        except WrongLine as wrong:
            faults.append(Fault(line, str(wrong)))
        progress(done, len(table.lines))
    if not table.lines:
        faults.append(Fault(1, "下面没有内容。"))
    return _compared(session, faults, wanted, table.unused)


def carry_out(session: Session, made: Plan, *, actor: str, now: datetime) -> None:
    """Writes a plan without faults, and one line of the audit record."""
    assert not made.faults, "a plan with faults is not carried out"  # noqa: S101
    for code, kind, name in (*made.removed, *made.changed):
        session.execute(
            delete(Window).where(
                Window.region_code == code, Window.kind == kind, Window.name == name
            )
        )
    rows = [
        {"region_code": k[0], "kind": k[1], "name": k[2], "updated_at": now, **made.wanted[k]}
        for k in (*made.added, *made.changed)
    ]
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(insert(Window), rows[start : start + _AT_ONCE])
    counts = {name: len(getattr(made, name)) for name in ("added", "changed", "removed")}
    audit.record(session, "directory.imported", actor=actor, detail=counts, now=now)


def told(made: Plan, *, dry_run: bool) -> list[str]:
    """What was done or would be, line by line, for who imports."""
    lines = [str(fault) for fault in made.faults]
    if made.unused:
        lines.append(f"没有用到的列：{'、'.join(made.unused)}。")
    if made.faults:
        return [*lines, f"有 {len(made.faults)} 行要改，什么都没有写入。"]
    counts = f"新增 {len(made.added)} 个，改动 {len(made.changed)} 个，去掉 {len(made.removed)} 个，不变 {made.same} 个"
    return [*lines, f"{'试运行，没有写入' if dry_run else '已导入'}：{counts}。"]


def _read(said: Mapping[str, str], places: Places) -> tuple[Key, dict[str, str]]:
    kind = _kind(said["kind"])
    code, level = places.find(said["code"], said["place"])
    if level not in _LEVELS[kind]:
        raise WrongLine(f"{KINDS[kind]}要写在{_WHERE[kind]}。")
    if not said["name"]:
        raise WrongLine("没有写名称或姓名。")
    for name, most in _LONGEST.items():
        if len(said[name]) > most:
            raise WrongLine(f"{COLUMNS[name][0]}太长了，最多{most}个字。")
    phone = plain_figures(said["phone"]).translate(_DASHES)
    if not _PHONE.fullmatch(phone):
        raise WrongLine("电话不对。座机要带区号，比如：0737-1234567。")
    return (code, kind, said["name"]), {**{k: said[k] for k in _KEPT}, "phone": phone}


def _kind(said: str) -> str:
    if not said:
        return "assistant"
    for kind, title in KINDS.items():
        if said == kind or title in said:
            return kind
    raise WrongLine("类别只能写窗口、热线或协理员。")


def _compared(
    session: Session,
    faults: Sequence[Fault],
    wanted: Mapping[Key, Mapping[str, str]],
    unused: Sequence[str],
) -> Plan:
    named = {key[:2] for key in wanted}
    there = {
        (w.region_code, w.kind, w.name): {k: getattr(w, k) for k in _KEPT}
        for w in session.scalars(select(Window))
        if (w.region_code, w.kind) in named
    }
    return Plan(
        faults=tuple(faults),
        wanted=wanted,
        added=tuple(k for k in wanted if k not in there),
        changed=tuple(k for k in wanted if k in there and there[k] != wanted[k]),
        removed=tuple(k for k in there if k not in wanted),
        unused=tuple(unused),
    )
