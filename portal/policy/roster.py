"""The list of windows, hotlines and village assistants as an office keeps it: CSV or XLSX.

First line: names of the columns, in Chinese or English (COLUMNS). One line a contact; 地区代码
or the full name 地区 says where. For each place and kind that the file names it replaces what
was there; other places stay. One wrong line and nothing is written.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.foundation import audit
from portal.policy.directory import KINDS
from portal.policy.tables import Region, Window

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
LARGEST, MOST = 20 * 1024 * 1024, 100_000
_LONGEST = {"name": 60, "hours": 60, "address": 120, "source": 120}
_PHONE = re.compile(r"1[0-9]{2,4}|1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}|400-?[0-9]{3}-?[0-9]{4}")
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


class NotRead(Exception):
    """The file is no list: too large, of another format, or without the columns it needs."""


@dataclass(frozen=True)
class Fault:
    """Line as the spreadsheet counts it, and what to change."""

    line: int
    words: str

    def __str__(self) -> str:
        return f"第{self.line}行：{self.words}"


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
    columns, unused, rows = _table(file)
    places = _Places(session)
    faults: list[Fault] = []
    wanted: dict[Key, dict[str, str]] = {}
    lines: dict[Key, int] = {}
    for done, (line, cells) in enumerate(rows, 1):
        try:
            key, kept = _read({name: _cell(cells, at) for name, at in columns.items()}, places)
            if key in lines:
                raise _Wrong(f"和第{lines[key]}行重复。")
            wanted[key], lines[key] = kept, line
        except _Wrong as wrong:
            faults.append(Fault(line, str(wrong)))
        progress(done, len(rows))
    if not rows:
        faults.append(Fault(1, "下面没有内容。"))
    return _compared(session, faults, wanted, unused)


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


class _Wrong(Exception):
    """What to change in a line."""


class _Places:
    """Codes and full names of all divisions, read once."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(select(Region.code, Region.name, Region.level, Region.parent_code))
        self._known = {code: (name, level, parent) for code, name, level, parent in rows}
        self._codes: dict[str, str] = {}

    def find(self, code: str, full_name: str) -> tuple[str, str]:
        """(code, level). Raises _Wrong."""
        if not code and not full_name:
            raise _Wrong("没有写地区代码，也没有写地区。")
        code = _ascii(code) or self._by_name().get(full_name.replace(" ", ""), "")
        if code not in self._known:
            raise _Wrong("没有这个地区。请写完整，比如：湖南省益阳市安化县东坪镇。")
        return code, self._known[code][1]

    def _by_name(self) -> dict[str, str]:
        if not self._codes:
            self._codes = {self._full(code): code for code in sorted(self._known, reverse=True)}
        return self._codes

    def _full(self, code: str) -> str:
        name, _level, parent = self._known[code]
        return (self._full(parent) if parent else "") + str(name)


def _read(said: Mapping[str, str], places: _Places) -> tuple[Key, dict[str, str]]:
    kind = _kind(said["kind"])
    code, level = places.find(said["code"], said["place"])
    if level not in _LEVELS[kind]:
        raise _Wrong(f"{KINDS[kind]}要写在{_WHERE[kind]}。")
    if not said["name"]:
        raise _Wrong("没有写名称或姓名。")
    for name, most in _LONGEST.items():
        if len(said[name]) > most:
            raise _Wrong(f"{COLUMNS[name][0]}太长了，最多{most}个字。")
    phone = _ascii(said["phone"]).translate(_DASHES)
    if not _PHONE.fullmatch(phone):
        raise _Wrong("电话不对。座机要带区号，比如：0737-1234567。")
    return (code, kind, said["name"]), {**{k: said[k] for k in _KEPT}, "phone": phone}


def _ascii(said: str) -> str:
    """Full-width figures as plain ones."""
    return unicodedata.normalize("NFKC", said)


def _kind(said: str) -> str:
    if not said:
        return "assistant"
    for kind, title in KINDS.items():
        if said == kind or title in said:
            return kind
    raise _Wrong("类别只能写窗口、热线或协理员。")


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


def _table(file: Path) -> tuple[dict[str, int], list[str], list[tuple[int, Sequence[str]]]]:
    """Columns by our name, columns nobody needs, and the lines that hold anything."""
    if file.stat().st_size > LARGEST:
        raise NotRead(f"文件太大，最多{LARGEST // 1024 // 1024} MB。")
    lines = enumerate(_xlsx(file) if file.suffix.lower() == ".xlsx" else _csv(file), 1)
    filled = ((number, cells) for number, cells in lines if any(cells))
    heading = next(filled, (0, []))[1]
    known = {title: name for name, titles in COLUMNS.items() for title in (name, *titles)}
    columns = {
        known[title]: at for at, title in reversed(list(enumerate(heading))) if title in known
    }
    if not {"name", "phone"} <= columns.keys() or not {"code", "place"} & columns.keys():
        raise NotRead("第一行要有这些列名：地区代码（或地区）、名称、电话。")
    rows: list[tuple[int, Sequence[str]]] = list(filled)
    if len(rows) > MOST:
        raise NotRead(f"行数太多，最多{MOST}行。")
    whole = {name: columns.get(name, -1) for name in COLUMNS}
    return whole, [title for title in heading if title and title not in known], rows


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if 0 <= at < len(cells) else ""


def _csv(file: Path) -> Iterator[list[str]]:
    """UTF-8, or GB 18030 as a Chinese spreadsheet writes it."""
    data = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise NotRead("文件读不了。请另存为 CSV（UTF-8）或 XLSX。")
    if "\0" in text:
        raise NotRead("文件读不了。请另存为 CSV（UTF-8）或 XLSX。")
    try:
        for row in csv.reader(text.splitlines()):
            yield _clean(row)
    except csv.Error as fault:
        raise NotRead("文件读不了。请另存为 CSV（UTF-8）或 XLSX。") from fault


def _xlsx(file: Path) -> Iterator[list[str]]:
    """The first sheet."""
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True)):
                if number > MOST + 1:
                    raise NotRead(f"行数太多，最多{MOST}行。")
                yield _clean(row)
        finally:
            book.close()
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError, IndexError, EOFError) as fault:
        raise NotRead("文件读不了。请另存为 CSV（UTF-8）或 XLSX。") from fault


def _clean(cells: Iterable[Any]) -> list[str]:
    return [_words(cell) for cell in cells]


def _words(cell: Any) -> str:
    """A spreadsheet keeps codes and phones as numbers: 430923121.0."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join("".join(c if c.isprintable() else " " for c in str(cell)).split())
