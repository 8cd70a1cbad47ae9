"""Lists as offices keep them: a CSV or XLSX file read line by line, columns by their names."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.policy.tables import Region

LARGEST, MOST = 20 * 1024 * 1024, 100_000
LARGEST_UNPACKED = 10 * LARGEST


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
class Table:
    """`lines`: (line as the spreadsheet counts it, cells by our name); `unused` column titles."""

    lines: Sequence[tuple[int, Mapping[str, str]]]
    unused: tuple[str, ...]


def read_table(
    file: Path,
    titles: Mapping[str, Sequence[str]],
    *,
    needed: frozenset[str],
    placed: bool = True,
    most: int = MOST,
) -> Table:
    """The lines that hold anything. `titles`: our name of a column → what offices call it.

    A `placed` list needs a place as well, as `code` or as `place`. Raises NotRead.
    """
    if file.stat().st_size > LARGEST:
        raise NotRead(f"文件太大，最多{LARGEST // 1024 // 1024} MB。")
    lines = enumerate(_xlsx(file, most) if file.suffix.lower() == ".xlsx" else _csv(file), 1)
    filled = ((number, cells) for number, cells in lines if any(cells))
    heading = next(filled, (0, []))[1]
    known = {title: name for name, called in titles.items() for title in (name, *called)}
    columns = {
        known[title]: at for at, title in reversed(list(enumerate(heading))) if title in known
    }
    if not needed <= columns.keys() or (placed and not {"code", "place"} & columns.keys()):
        called = "、".join(titles[name][0] for name in titles if name in needed)
        raise NotRead(f"第一行要有这些列名：{'地区代码（或地区）、' if placed else ''}{called}。")
    rows = list(filled)
    if len(rows) > most:
        raise NotRead(f"行数太多，最多{most}行。")
    return Table(
        [(number, {n: _cell(cells, columns.get(n, -1)) for n in titles}) for number, cells in rows],
        tuple(title for title in heading if title and title not in known),
    )


class WrongLine(Exception):
    """What to change in a line."""


class Places:
    """Codes and full names of all divisions, read once."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(select(Region.code, Region.name, Region.level, Region.parent_code))
        self._known = {code: (name, level, parent) for code, name, level, parent in rows}
        self._codes: dict[str, str] = {}

    def find(self, code: str, full_name: str) -> tuple[str, str]:
        """(code, level). Raises WrongLine."""
        if not code and not full_name:
            raise WrongLine("没有写地区代码，也没有写地区。")
        code = plain_figures(code) or self._by_name().get(full_name.replace(" ", ""), "")
        if code not in self._known:
            raise WrongLine("没有这个地区。请写完整，比如：湖南省益阳市安化县东坪镇。")
        return code, self._known[code][1]

    def _by_name(self) -> dict[str, str]:
        if not self._codes:
            self._codes = {self._full(code): code for code in sorted(self._known, reverse=True)}
        return self._codes

    def _full(self, code: str) -> str:
        name, _level, parent = self._known[code]
        return (self._full(parent) if parent else "") + str(name)


def plain_figures(said: str) -> str:
    """Full-width figures as plain ones."""
    return unicodedata.normalize("NFKC", said)


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


def _xlsx(file: Path, most: int) -> Iterator[list[str]]:
    """The first sheet."""
    try:
        _check_size(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True)):
                if number > most + 1:
                    raise NotRead(f"行数太多，最多{most}行。")
                yield _clean(row)
        finally:
            book.close()
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError, IndexError, EOFError) as fault:
        raise NotRead("文件读不了。请另存为 CSV（UTF-8）或 XLSX。") from fault


def _check_size(file: Path) -> None:
    """A small archive may unpack into more than any machine holds."""
    with ZipFile(file) as archive:
        whole = sum(entry.file_size for entry in archive.infolist())
    if whole > LARGEST_UNPACKED:
        raise NotRead(f"文件太大，最多{MOST}行。")


def _clean(cells: Iterable[Any]) -> list[str]:
    return [_words(cell) for cell in cells]


def _words(cell: Any) -> str:
    """A spreadsheet keeps codes and phones as numbers: 430923121.0."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join("".join(c if c.isprintable() else " " for c in str(cell)).split())
