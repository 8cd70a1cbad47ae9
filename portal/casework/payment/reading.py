"""A bank's file, read line by line: every line right and the totals agreeing, or faults."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from portal.policy.spreadsheets import Fault, WrongLine, plain_figures, read_table

COLUMNS = {
    "reference_no": ("申请编号", "编号"),
    "name": ("姓名", "户主姓名", "申请人"),
    "month": ("月份", "发放月份"),
    "amount": ("金额", "发放金额"),
    "subsidy": ("其中价格补贴", "价格补贴", "价格临时补贴"),
    "paid_on": ("发放日期", "日期"),
    "result": ("结果", "发放结果"),
    "why": ("原因", "失败原因"),
}
NEEDED = frozenset({"reference_no", "name", "month", "amount", "paid_on"})
MOST = 100_001
"""A hundred thousand payments and the line of totals."""
_TOTAL = "合计"
_MOST_FEN = 10_000_000
_MONTH = re.compile(r"(20[0-9]{2})[-/年.]?(0[1-9]|1[0-2]|[1-9])月?")
_COUNT = re.compile(r"([0-9]{1,6})[笔户]?")
_PAID, _FAILED = frozenset({"", "成功", "已发放"}), frozenset({"失败", "退回", "未发放"})
_LONGEST_REASON = 60


@dataclass(frozen=True)
class Line:
    """One payment as the bank says it; `number` as the spreadsheet counts lines, money in 分."""

    number: int
    reference_no: str
    name: str
    month: str
    amount: int
    subsidy: int
    paid_on: date
    failed: bool
    why: str


@dataclass(frozen=True)
class Read:
    lines: Sequence[Line]
    faults: Sequence[Fault]
    total: int
    """分, of what was paid."""


def read(file: Path, *, today: date) -> Read:
    """Raises NotRead (portal.policy.spreadsheets) for what is no such list at all."""
    table = read_table(file, COLUMNS, needed=NEEDED, placed=False, most=MOST)
    rows = list(table.lines)
    faults: list[Fault] = []
    found: dict[tuple[str, str], Line] = {}
    last = rows.pop() if rows and rows[-1][1]["reference_no"].startswith(_TOTAL) else None
    for number, cells in rows:
        try:
            line = _line(number, cells, today)
            if twin := found.get((line.reference_no, line.month)):
                raise WrongLine(f"和第{twin.number}行重复，同一户同一个月。")
            found[(line.reference_no, line.month)] = line
        except WrongLine as wrong:
            faults.append(Fault(number, str(wrong)))
    lines = list(found.values())
    if not rows:
        faults.append(Fault(1, "下面没有内容。"))
    elif not faults:
        faults += _totals(last, lines)
    return Read(lines, faults, sum(line.amount for line in lines if not line.failed))


def _line(number: int, cells: Mapping[str, str], today: date) -> Line:
    reference = plain_figures(cells["reference_no"]).replace(" ", "")
    if not reference:
        raise WrongLine("没有写申请编号。")
    if not cells["name"]:
        raise WrongLine("没有写姓名。")
    amount, subsidy = _fen(cells["amount"], "金额"), _fen(cells["subsidy"] or "0", "价格补贴")
    if not amount:
        raise WrongLine("金额是零。")
    if subsidy > amount:
        raise WrongLine("价格补贴比金额还多。")
    return Line(
        number, reference, cells["name"], _month(cells["month"], today), amount, subsidy,
        _day(cells["paid_on"], today), _is_failed(cells["result"]), cells["why"][:_LONGEST_REASON],
    )  # fmt: skip


def _totals(last: tuple[int, Mapping[str, str]] | None, lines: Sequence[Line]) -> Iterator[Fault]:
    """The last line says how many lines and how much in all, failed ones included."""
    if last is None:
        yield Fault(lines[-1].number + 1, "最后一行要写“合计”、笔数（写在姓名一列）和总金额。")
        return
    number, cells = last
    counted = _COUNT.fullmatch(plain_figures(cells["name"]).replace(" ", ""))
    if counted is None or int(counted[1]) != len(lines):
        yield Fault(number, f"合计的笔数不对：文件里是{len(lines)}笔。")
    together = sum(line.amount for line in lines)
    try:
        said = _fen(cells["amount"], "合计", most=_MOST_FEN * MOST)
    except WrongLine as wrong:
        yield Fault(number, str(wrong))
        return
    if said != together:
        yield Fault(number, f"合计的金额不对：各行加起来是{together / 100:.2f}元。")


def _fen(text: str, what: str, *, most: int = _MOST_FEN) -> int:
    plain = plain_figures(text).replace(",", "").removesuffix("元").strip()
    try:
        fen = Decimal(plain) * 100
    except ArithmeticError as fault:
        raise WrongLine(f"{what}要写数字，比如 770.00。") from fault
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 <= fen <= most:
        raise WrongLine(f"{what}不对，要在0到{most // 100}元之间，最多两位小数。")
    return int(fen)


def _month(text: str, today: date) -> str:
    found = _MONTH.fullmatch(plain_figures(text).replace(" ", ""))
    if found is None:
        raise WrongLine("月份写成 2026-12 这样。")
    month = f"{found[1]}-{int(found[2]):02d}"
    if month > f"{today.year}-{today.month:02d}":
        raise WrongLine("月份还没有到。")
    return month


def _day(text: str, today: date) -> date:
    plain = plain_figures(text).replace("/", "-").replace(".", "-").split(" ")[0]
    try:
        day = date(*(int(part) for part in plain.split("-"))) if "-" in plain else _packed(plain)
    except (ValueError, TypeError) as fault:
        raise WrongLine("发放日期写成 2026-12-10 这样。") from fault
    if day > today:
        raise WrongLine("发放日期还没有到。")
    return day


def _packed(text: str) -> date:
    """20261210."""
    if len(text) != 8 or not text.isdigit():
        raise ValueError(text)
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _is_failed(text: str) -> bool:
    if text in _PAID:
        return False
    if text in _FAILED:
        return True
    raise WrongLine("结果只能写成功或失败。")
