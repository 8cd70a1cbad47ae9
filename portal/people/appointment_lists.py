"""The list of village assistants as an office keeps it, CSV or XLSX: read, compared, carried out.

One line a person and village. Nobody is dismissed for want of a line: that is said one by one
(suspended, handed over). One wrong line and nothing is written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from portal.foundation.clock import BEIJING
from portal.foundation.errors import Invalid
from portal.people import access, appointments, rosters
from portal.people.appointment_tables import Appointment
from portal.people.appointments import Wanted
from portal.people.identity import Phone
from portal.people.names import PersonName
from portal.policy import regions
from portal.policy.spreadsheets import Fault, Places, WrongLine, plain_figures, read_table

COLUMNS = {
    "code": ("地区代码", "行政区划代码", "区划代码", "村代码", "region_code"),
    "place": ("地区", "地方", "所在地", "村"),
    "name": ("姓名", "名称", "协理员"),
    "phone": ("手机", "手机号", "电话", "联系电话"),
    "groups": ("组", "村民小组", "负责的组"),
    "starts": ("从", "开始", "开始日期", "任职日期"),
    "ends": ("到", "结束", "结束日期"),
}
_NEEDED = frozenset({"name", "phone"})
_BETWEEN = re.compile(r"[、,，;；/\s]+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")
_LONGEST = 20


@dataclass(frozen=True)
class Plan:
    """What an import would do. Nothing is done while there are faults."""

    faults: tuple[Fault, ...] = ()
    added: tuple[Wanted, ...] = ()
    changed: tuple[Wanted, ...] = ()
    same: int = 0
    unused: tuple[str, ...] = ()


def plan(session: Session, file: Path, *, within: str = "") -> Plan:
    """Reads the file and compares it with what is there; writes nothing. Raises NotRead.

    `within`: an office's division, whose villages alone may stand there; "" for everywhere.
    """
    table, places = read_table(file, COLUMNS, needed=_NEEDED), Places(session)
    faults: list[Fault] = []
    wanted: dict[tuple[str, str], tuple[int, Wanted]] = {}
    for line, said in table.lines:
        try:
            one = _read(session, said, places)
            if within and not access.covers(within, one.region_path):
                raise WrongLine("这个村不归您这里管。")
            key = (one.phone.value, one.village_code)
            if key in wanted:
                raise WrongLine(f"和第{wanted[key][0]}行重复。")
            wanted[key] = (line, one)
        except WrongLine as wrong:
            faults.append(Fault(line, str(wrong)))
    if not table.lines:
        faults.append(Fault(1, "下面没有内容。"))
    return _compared(session, faults, [one for _line, one in wanted.values()], table.unused)


def carry_out(session: Session, made: Plan, *, actor: str, now: datetime) -> None:
    """Writes a plan without faults; each appointment has its line of the audit record."""
    assert not made.faults, "a plan with faults is not carried out"  # noqa: S101
    for one in (*made.added, *made.changed):
        appointments.appoint(session, one, actor=actor, now=now)


def told(made: Plan, *, dry_run: bool) -> list[str]:
    """What was done or would be, line by line, for who imports."""
    lines = [str(fault) for fault in made.faults]
    if made.unused:
        lines.append(f"没有用到的列：{'、'.join(made.unused)}。")
    if made.faults:
        return [*lines, f"有 {len(made.faults)} 行要改，什么都没有写入。"]
    counts = f"新增 {len(made.added)} 人，改动 {len(made.changed)} 人，不变 {made.same} 人"
    return [*lines, f"{'试运行，没有写入' if dry_run else '已任命'}：{counts}。"]


def _read(session: Session, said: Mapping[str, str], places: Places) -> Wanted:
    code, level = places.find(said["code"], said["place"])
    if level != "village":
        raise WrongLine("协理员要写在村（社区）。")
    try:
        name = PersonName.parse(said["name"]).value
        phone = Phone.parse(plain_figures(said["phone"]))
    except Invalid as refusal:
        raise WrongLine(refusal.message) from refusal
    groups = [rosters.group_of(one) for one in _BETWEEN.split(said["groups"]) if one]
    if any(len(one) > _LONGEST for one in groups):
        raise WrongLine("组的名字太长了，最多20个字。")
    starts, ends = _day(said["starts"]), _day(said["ends"])
    if starts and ends and ends < starts:
        raise WrongLine("结束日期在开始日期前面。")
    return Wanted(
        code, regions.path(session, code), name, phone, tuple(dict.fromkeys(groups)),
        starts=_begins(starts) if starts else None,
        ends=_begins(ends + timedelta(days=1)) if ends else None,
    )  # fmt: skip


def _day(text: str) -> date | None:
    if not text:
        return None
    found = _DAY.fullmatch(plain_figures(text))
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise WrongLine("日期写成 2026-11-22 这样。")


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def _compared(
    session: Session, faults: list[Fault], wanted: list[Wanted], unused: tuple[str, ...]
) -> Plan:
    added, changed = [], []
    for one in wanted:
        there = appointments.of_phone_in(session, one.phone, one.village_code)
        if there is None:
            added.append(one)
        elif not _is(session, there, one):
            changed.append(one)
    same = len(wanted) - len(added) - len(changed)
    return Plan(tuple(faults), tuple(added), tuple(changed), same, unused)


def _is(session: Session, there: Appointment, wanted: Wanted) -> bool:
    told = appointments.opened(session, there)
    now = Wanted(
        there.village_code, there.region_path, told.name, told.phone, tuple(there.groups),
        starts=there.started_at, ends=there.ends_at,
    )  # fmt: skip
    return now == replace(wanted, starts=wanted.starts or there.started_at)
