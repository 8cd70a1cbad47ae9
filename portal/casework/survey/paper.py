"""入户调查表 as a PDF of one page: blank to take along, or filled to be signed and filed."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.casework.survey import delegations, investigators, look, sheet, surveying, topics
from portal.casework.survey.tables import Survey
from portal.casework.survey.topics import HERE, Line, Topic
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import typesetting
from portal.foundation.clock import local, spoken
from portal.handover.frozen import EMPTY
from portal.policy import regions
from portal.policy.catalogue import Program

_TEMPLATE = Path(__file__).with_name("survey.typ")
_LINE = "＿" * 8
_TO_DO = "说不清，入户核"
_HEAD = ("项目", "申请人说", "", "看到的", "怎么看出来的")
_MEMBERS = ("姓名", "关系", "申请人说", "一起生活", "看到的（身体、干活）和原因")


def render(
    session: Session,
    application: Application,
    program: Program,
    *,
    blank: bool,
    mark: str,
    now: datetime,
) -> bytes:
    """PDF/A-2b; `blank` leaves out what was found, `mark` says whose copy it is."""
    survey = None if blank else _newest(session, application)
    body = surveying.body(session, application, survey)
    answers = applications.answers(session, application)
    found = topics.of(session, program, answers)
    return typesetting.render(
        _TEMPLATE,
        {
            **_head(session, application, program, answers, survey, now),
            "asks": _asks(session, application) if blank else [],
            "members_title": "共同生活的人",
            "members_head": _MEMBERS,
            "members": _people(session, program, answers, found, body),
            "topics_head": _HEAD,
            "topics": [_topic(session, topic, body) for topic in found if topic.key != "members"],
            "found_people": _found_people(body),
            "remarks": body["remarks"] or "\n\n",
            "consents": _consents(session, application, program, now),
            "signatures": [
                _side("家里人", body["family"]),
                _side("调查人员（两人）", body["staff"]),
            ],
            "mark": mark,
        },
    )


def _asks(session: Session, application: Application) -> list[str]:
    """What is left to ask about help, with a line to write on."""
    return [
        f"{f'{one.about}：' if one.about else ''}{one.sentence}　{_LINE}"
        for one in delegations.questions(session, application)
    ]


def _newest(session: Session, application: Application) -> Survey | None:
    return surveying.draft(session, application) or surveying.finished(session, application)


def _head(
    session: Session,
    application: Application,
    program: Program,
    answers: Mapping[str, Any],
    survey: Survey | None,
    now: datetime,
) -> dict[str, Any]:
    rules, body = topics.load(), surveying.body(session, application, survey)
    names = investigators.named(session, survey.investigators) if survey else []
    round_no = survey.round if survey else surveying.rounds(session, application) + 1
    living = answers.get("living_place") or answers.get("household_place") or {}
    place = f"{regions.full_name(session, living.get('code') or application.region_code or '')}"
    ways = "　".join(f"{_box(key in body['how'])}{text}" for key, text in rules.how.items())
    return {
        "made": [*local(now).timetuple()[:6]],
        "title": "入户调查表",
        "subtitle": rules.form_note,
        "footer": f"{application.reference_no} · 打印 {spoken(now)}",
        "facts": [
            ["申请编号", application.reference_no],
            ["项目", program.title],
            ["申请人", answers.get("applicant_name") or ""],
            ["住处", f"{place}{living.get('address', '')}"],
            ["调查日期", body["on"] or "　　　年　　月　　日"],
            ["方式", ways],
            ["调查人员", "、".join(names) or "　"],
            ["次数", f"第{round_no}次调查"],
        ],
    }


def _people(
    session: Session,
    program: Program,
    answers: Mapping[str, Any],
    found: tuple[Topic, ...],
    body: sheet.Body,
) -> list[list[str]]:
    lines = topics.every_line(found)
    group = next((f for f in program.form.fields if f.name == "members"), None)
    relations = {
        o.value: o.label for f in (group.fields if group else ()) if f.name == "relation"
        for o in f.options
    }  # fmt: skip
    rows = []
    for row in answers.get("members") or ():
        mine = [line for line in lines.values() if line.person == row["row"]]
        here = body["lines"].get(f"members.{row['row']}.{HERE}")
        said = [line for line in mine if not line.name.endswith(HERE)]
        rows.append(
            [
                row.get("name", ""),
                relations.get(row.get("relation", ""), ""),
                "；".join(line.declared_text for line in said if line.declared_text != EMPTY),
                _yes_no(here),
                "；".join(filter(None, (_seen(session, line, body) for line in mine))),
            ]
        )
    return rows


def _topic(session: Session, topic: Topic, body: sheet.Body) -> dict[str, Any]:
    return {
        "title": topic.title,
        "lines": [_row(session, line, body["lines"].get(line.name)) for line in topic.lines],
    }


def _row(session: Session, line: Line, said: Mapping[str, Any] | None) -> list[str]:
    declared = _TO_DO if line.to_do else "" if line.blank else line.declared_text
    right = bool(said) and said is not None and said["state"] == sheet.CONFIRMED
    wrong = bool(said) and said is not None and said["state"] == sheet.CORRECTED
    found = topics.words(session, line, said["value"]) if said and wrong else ""
    marks = "" if line.blank or line.to_do else f"{_box(right)}属实 {_box(wrong)}更正"
    return [line.label, declared, marks, found, said["why"] if said else ""]


def _seen(session: Session, line: Line, body: sheet.Body) -> str:
    said = body["lines"].get(line.name)
    if said is None or said["state"] != sheet.CORRECTED:
        return ""
    why = f"（{said['why']}）" if said["why"] else ""
    found = "" if line.name.endswith(HERE) else topics.words(session, line, said["value"])
    return f"{found}{why}"


def _yes_no(said: Mapping[str, Any] | None) -> str:
    away = said is not None and said["state"] == sheet.CORRECTED and said["value"] is False
    return f"{_box(said is not None and not away)}是 {_box(away)}否"


def _found_people(body: sheet.Body) -> list[str]:
    found = [f"{one['name']}　{one['why']}" for one in body[sheet.PEOPLE]]
    return found or ["　"]


def _consents(
    session: Session, application: Application, program: Program, now: datetime
) -> list[str]:
    asked = look.signing(session, application, program, now=now)
    return [f"{one['name']}：{_LINE}" for one in asked if one["state"] in ("promised", "missing")]


def _side(who: str, said: Mapping[str, Any]) -> str:
    if "signed" not in said:
        return f"{who}：{_LINE}\n□没有签，因为{_LINE}"
    if said["signed"]:
        return f"{who}：已签　{_LINE}"
    return f"{who}：没有签，因为{said['because'] or '（没有写）'}"


def _box(ticked: bool) -> str:
    return "■" if ticked else "□"
