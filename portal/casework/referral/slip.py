"""On paper: the sheet for a department without an account, and whom to go to where we send nothing."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import watermark
from portal.casework.referral import receiving, told
from portal.casework.referral.tables import Referral
from portal.foundation import typesetting
from portal.foundation.clock import local, spoken
from portal.foundation.errors import Invalid
from portal.people.access import Actor
from portal.policy import directory, regions
from portal.policy.catalogue import Catalogue, Program

_SHEET, _WAY = Path(__file__).parent / "sheet.typ", Path(__file__).parent / "way.typ"
_ANSWERS = ("收下", "退回（原因）", "结果（一句话，本人看得到）", "办理人、电话", "日期、盖章")


def sheet(
    session: Session, catalogue: Catalogue, row: Referral, *, actor: Actor, now: datetime
) -> bytes:
    """转介单: what travels, with whole numbers, marked with who printed it; room for the answer.

    The caller has recorded that it was printed.
    """
    found = receiving.read(session, catalogue, row, revealed=True)
    office = regions.full_name(session, row.from_region_code)
    call = directory.for_place(session, row.region_path, kinds=directory.OFFICES)
    return typesetting.render(
        _SHEET,
        {
            "made": _day(now),
            "title": "救助转介单",
            "number": found.number,
            "facts": [
                ["转给", row.department], ["转出", office], ["事项", found.title],
                ["为什么转", found.sentence], ["期限", told.due_text(row)],
                ["转出时间", spoken(row.made_at)],
            ],
            "rows": [[f["label"], f["text"]] for f in found.fields if not f["people"]],
            "people": [_people(f) for f in found.fields if f["people"]],
            "statuses": [f"{s['title']}（{s['since']}起）" for s in found.statuses],
            "statuses_title": "已经认定，不用再查（社会救助法第42条）",
            "answers": list(_ANSWERS),
            "answers_title": "接收部门填写",
            "back": f"请把结果告诉{office}。电话 {call.phone}（{call.name}）",
            "watermark": watermark.words(office, actor.name, now=now),
            "footer": "只写办这件事要用的内容。用完按档案管，不要外传。",
        },
    )  # fmt: skip


def way(
    session: Session, catalogue: Catalogue, program_id: str, region_code: str, *, now: datetime
) -> bytes:
    """去处单: whom to go to, what to say, and the number; nothing about anybody.

    Raises NotFound, Invalid where the program names nobody to go to.
    """
    program = catalogue.find(program_id)
    if not program.go_to:
        raise Invalid("这一种在窗口办，没有去处单。", fields={"program_id": ["请直接受理。"]})
    path = regions.path(session, region_code)
    call = directory.for_place(session, path, kinds=directory.OFFICES)
    return typesetting.render(_WAY, _way(session, program, region_code, call, now))


def guided(catalogue: Catalogue) -> list[Program]:
    """The programs one is shown the way to: school, hospital, rescue station and others."""
    return [p for p in catalogue.programs.values() if p.go_to]


def _way(
    session: Session, program: Program, region_code: str, call: directory.Contact, now: datetime
) -> Mapping[str, Any]:
    return {
        "made": _day(now),
        "title": f"{program.short}：去找谁",
        "summary": program.summary,
        "place": regions.full_name(session, region_code),
        "counters": [[c.name, c.say, c.phone] for c in program.go_to],
        "papers_title": "带得上就带，带不上也可以去",
        "papers": [rule.title for rule in program.documents if rule.need == "helpful"],
        "call": f"不清楚，打 {call.phone}（{call.name}）",
        "footer": "这张纸上没有您的个人信息。",
    }


def _people(entry: Mapping[str, Any]) -> list[Any]:
    said = [[[one["label"], one["text"]] for one in person] for person in entry["people"]]
    return [entry["label"], said]


def _day(now: datetime) -> list[int]:
    return [*local(now).timetuple()[:6]]
