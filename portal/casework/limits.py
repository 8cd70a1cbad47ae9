"""Which published time limit holds for a step of one case, and on which day it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.casework import clocks
from portal.policy import deadlines
from portal.policy.catalogue import Deadline, Program, Source

OUR_TARGET_DAYS = 2
OURS = "我们自己的目标"
NOBODY_SAID = "以受理地民政部门规定为准"
_SINCE = {
    "submitted": "提交后",
    "registered": "登记后",
    "accepted": "受理后",
    "check_requested": "发起核对后",
    "first_reviewed": "初审后",
    "county_received": "县里收到后",
    "decided": "作出决定后",
    "approved": "批准后",
    "first_aid": "先行救助后",
}


@dataclass(frozen=True)
class Limit:
    """`on` is None while its first day has not come, or when nobody published a figure.

    `at_least`: a 公示, over on that day at the earliest; otherwise the last day.
    """

    words: str
    basis: str
    on: date | None = None
    provisional: bool = False
    ours: bool = False
    at_least: bool = False


def limit(
    program: Program, region_path: str, steps: Sequence[str], starts: Mapping[str, datetime]
) -> Limit | None:
    """The limit of the first of `steps` that holds in this place; None when there is none.

    A rule of the place goes before the national one. For acceptance, where the law counts
    nothing, our own target, called ours.
    """
    for step in steps:
        found = rule(program, region_path, step)
        if found is not None and found.days is not None:
            return _dated(found, starts.get(found.counted_from))
    if "acceptance" in steps:
        return _our_target(starts.get("submitted"))
    known = any(rule(program, region_path, step) for step in steps)
    return Limit(NOBODY_SAID, "") if known else None


def cited(source: Source) -> str:
    """民发〔2021〕57号 第10条; with its note where its standing is open."""
    name = source.number or f"《{source.document}》"
    text = " ".join(part for part in (name, source.article) if part)
    return f"{text}（{source.note}）" if source.note else text


def rule(program: Program, region_path: str, step: str) -> Deadline | None:
    """The narrowest division on the path that has a rule."""
    codes = ["", *region_path.split("/")]
    fitting = [d for d in program.deadlines if d.step == step and d.region in codes]
    return max(fitting, key=lambda d: codes.index(d.region), default=None)


def _dated(rule: Deadline, start: datetime | None) -> Limit:
    assert rule.days is not None  # noqa: S101 - the caller has looked
    at_least = rule.kind == "duration"
    words = deadlines.words(rule)
    words = words if at_least else f"{_SINCE.get(rule.counted_from, '')}{words}"
    if start is None:
        return Limit(words, cited(rule.source), at_least=at_least)
    if at_least:
        return Limit(words, cited(rule.source), clocks.period_end(start, rule.days), at_least=True)
    due = clocks.due(start, rule.days, rule.unit)
    return Limit(words, cited(rule.source), due.on, due.provisional)


def _our_target(start: datetime | None) -> Limit:
    words = f"{OUR_TARGET_DAYS}个工作日内（{OURS}）"
    if start is None:
        return Limit(words, OURS, ours=True)
    due = clocks.due(start, OUR_TARGET_DAYS, "workday")
    return Limit(words, OURS, due.on, due.provisional, ours=True)
