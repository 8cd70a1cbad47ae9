"""Answers for another system: one by one in its order, or many files as one table."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sqlalchemy.orm import Session

from portal.casework import duties, openings, sheet
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Forbidden, Invalid
from portal.handover import frozen
from portal.people.access import Actor
from portal.policy import copy_order
from portal.policy.catalogue import Catalogue, Field, Program

MOST_FILES = 200
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula; in Chinese ones the wide signs too."""
_MEMBERS = "members"
_PERSONAL = "含个人信息，用完请删除。每次导出都有记录，申请人看得到。"


@dataclass(frozen=True)
class Entry:
    """One thing to copy: as people read it (`label`), as it is typed over there (`text`)."""

    name: str
    label: str
    text: str


def rows(
    session: Session, application: Application, program: Program, *, revealed: bool = False
) -> list[Entry]:
    """The newest submission in the order of the place's other system, empty answers left out.

    `revealed` shows whole numbers; the caller has recorded that.
    """
    order = copy_order.of(application.region_path or "")
    body = frozen.contents(session, application, application.submission_no)
    kinds = {f.name: f for f in program.form.fields}
    said = _said(application, program) | {
        f["name"]: f for step in body["steps"] for f in step["fields"]
    }
    names = [*order.fields, *(name for name in said if name not in order.fields)]
    return [
        entry
        for name in names
        if name in said
        for entry in _entries(said[name], kinds.get(name), order, revealed)
        if entry.text
    ]


def note_copying(
    session: Session,
    application: Application,
    reason: str,
    words: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Whole answers are about to be copied. Raises Forbidden, Invalid (reason, words)."""
    check(actor)
    openings.note(session, application, "copy", reason, words, actor=actor, now=now)


def table(
    session: Session,
    files: Sequence[Application],
    catalogue: Catalogue,
    reason: str,
    words: str = "",
    *,
    whole: bool = False,
    actor: Actor,
    now: datetime,
) -> list[list[str]]:
    """A head and a line a file; the reason is kept with each of them first.

    Raises Forbidden, Invalid (files, reason, words).
    """
    check(actor)
    if not 1 <= len(files) <= MOST_FILES:
        sentence = f"请选1到{MOST_FILES}件。"
        raise Invalid(sentence, fields={"files": [sentence]})
    columns: dict[str, str] = {}
    lines: list[dict[str, str]] = []
    for file in files:
        openings.note(session, file, "export", reason, words, actor=actor, now=now)
        entries = rows(session, file, catalogue.find(file.program_id), revealed=whole)
        columns |= {e.name: e.label for e in entries if e.name not in columns}
        lines.append({e.name: e.text for e in entries})
    return [list(columns.values()), *([line.get(c, "") for c in columns] for line in lines)]


def as_csv(lines: Sequence[Sequence[str]], mark: str, *, about: str = _PERSONAL) -> bytes:
    """UTF-8 with its mark, so that spreadsheets read Chinese; no cell can be a formula. The last
    line says whose copy it is."""
    out = io.StringIO()
    whole = [*lines, [f"导出：{mark}", about]]
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([[safe(c) for c in line] for line in whole])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(
    lines: Sequence[Sequence[str]], mark: str, *, title: str = "申请", about: str = _PERSONAL
) -> bytes:
    """Every cell is text, long numbers too; a second sheet says whose copy it is."""
    book = Workbook(write_only=True)
    page = book.create_sheet(title)
    for line in lines:
        page.append([_text_cell(page, cell) for cell in line])
    notes = book.create_sheet("说明")
    notes.append([_text_cell(notes, f"导出：{mark}")])
    notes.append([_text_cell(notes, about)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def safe(cell: str) -> str:
    """The same words with a quote in front where a spreadsheet would compute."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def _text_cell(page: Any, words: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value=safe("".join(c for c in words if c >= " " or c == "\n")))
    cell.data_type = "s"
    return cell


def check(actor: Actor) -> None:
    """Raises Forbidden for anybody who does not work on files."""
    if not actor.holds(*duties.TOWNSHIP, *duties.COUNTY):
        raise Forbidden("只有经办的人可以抄录。", code="party_not_allowed")


def _said(application: Application, program: Program) -> dict[str, Any]:
    """What is not answered but asked for by every other system."""
    filed = local_date(application.filed_at).isoformat() if application.filed_at else ""
    plain = {
        "reference_no": ("申请编号", application.reference_no),
        "program": ("救助项目", program.title),
        "filed_on": ("首次提交日期", filed),
    }
    return {
        name: {"name": name, "label": label, "kind": "text", "value": text, "text": text}
        for name, (label, text) in plain.items()
    }


def _entries(
    said: Mapping[str, Any],
    field: Field | None,
    order: copy_order.CopyOrder,
    revealed: bool,
) -> Iterator[Entry]:
    label = order.fields.get(said["name"], said["label"])
    if "people" not in said:
        yield Entry(said["name"], label, _typed(said, said["kind"], revealed))
        return
    inner = {f.name: f.kind for f in field.fields} if field else {}
    names = order.members if said["name"] == _MEMBERS else {}
    for number, person in enumerate(said["people"], 1):
        found = {one["name"]: one for one in person["fields"]}
        for name in [*names, *(n for n in found if n not in names)]:
            if name in found:
                one, title = found[name], names.get(name, found[name]["label"])
                text = _typed(one, inner.get(name, "text"), revealed)
                yield Entry(f"{said['name']}.{number}.{name}", f"成员{number} {title}", text)


def _typed(said: Mapping[str, Any], kind: str, revealed: bool) -> str:
    """As it is typed into a form: numbers without blanks, money in yuan, days as 2026-07-03."""
    value, text = said["value"], str(said["text"])
    if value is None or text == frozen.EMPTY:
        return ""
    if kind == "money" and isinstance(value, int):
        return f"{value / 100:.2f}"
    if kind == "date":
        return str(value)
    return text if revealed else sheet.hidden(kind, said["name"], value, text)
