"""The rules of one place on one day as plain JSON: what the engine and the phone both read."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from portal.policy.catalogue import Catalogue
from portal.policy.eligibility import parameters, proposing, questions, rules
from portal.policy.eligibility.parameters import Line, Parameters, standard
from portal.policy.eligibility.rules import Entry

Pack = dict[str, Any]
AREAS = ("urban", "rural", "unsure")
DISCLAIMER = "试算结果仅供参考，以民政部门审核确认为准。"
NO_RULES = "那时的规定没有录入。请打电话问。"
NOT_FOUND = "没有查到，窗口会核"
_STANDARD = {"dibao": "低保标准", "tekun": "基本生活标准"}


def pack(
    catalogue: Catalogue, path: str, *, on: date, assume: Mapping[str, Any] | None = None
) -> Pack:
    """For a division's path like 430000/430900/430923.

    `assume`, for examples only: {"dibao.urban": 分 a month, "disposable": 分 a year,
    "rigid_share" and "dibian_times": [of, in]} as if published exactly.
    """
    figures, asked, given = parameters.load(), questions.load(), dict(assume or {})
    codes = path.split("/") if path else [""]
    lines = _lines(catalogue, figures, codes, on, given)
    return {
        "place": codes[-1],
        "on": on.isoformat(),
        "disclaimer": DISCLAIMER,
        "questions": [_question(q) for q in asked.all.values()],
        "contradictions": [
            {"sum": list(c.parts), "most": list(c.most), "field": c.field, "says": c.says}
            for c in asked.contradictions
        ],
        "pension": _value(figures, "basic_pension", codes, on, "both"),
        "times": _times(figures, codes, on, given),
        "share": given.get("rigid_share") or _value(figures, "rigid_share", codes, on, None),
        "lines": lines,
        "benefit": _benefit(figures, codes, on),
        "proposals": proposing.load(tuple(sorted(catalogue.programs))),
        "programs": [
            _program(name, found.on(on), catalogue, codes) for name, found in rules.load().items()
        ],
    }


def _lines(
    catalogue: Catalogue, figures: Parameters, codes: list[str], on: date, given: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Line]] = {}
    for program, item in _STANDARD.items():
        for area in ("urban", "rural"):
            published = [
                a
                for a in catalogue.amounts
                if a.program == program and a.item == item and a.area in (area, "all")
            ]
            line = standard(published, codes, on=on)
            assumed = given.get(f"{program}.{area}")
            found.setdefault(program, {})[area] = _exact(assumed * 12, 12) if assumed else line
    found["disposable"] = _disposable(figures, codes, on, given, found["dibao"])
    for areas in found.values():
        areas["unsure"] = _either(areas["urban"], areas["rural"])
    return {name: {area: areas[area].shape() for area in AREAS} for name, areas in found.items()}


def _disposable(
    figures: Parameters, codes: list[str], on: date, given: dict[str, Any], dibao: dict[str, Line]
) -> dict[str, Line]:
    """Last year's disposable income a head; surely above the 低保 standard, which is part of it."""
    value = given.get("disposable") or _value(figures, "disposable", codes, on, None)
    if value is not None:
        return {area: _exact(value, 1) for area in ("urban", "rural")}
    return {area: replace(line, high=None, words=NOT_FOUND) for area, line in dibao.items()}


def _exact(yearly: int, months: int) -> Line:
    each = yearly // months
    yuan = f"{each // 100}.{each % 100:02d}".removesuffix(".00")
    return Line(yearly, yearly, f"每{'月' if months == 12 else '年'}{yuan}元")


def _either(urban: Line, rural: Line) -> Line:
    high = None if urban.high is None or rural.high is None else max(urban.high, rural.high)
    words = urban.words if urban == rural else f"城市{urban.words}；农村{rural.words}"
    return Line(min(urban.low, rural.low), high, words)


def _times(
    figures: Parameters, codes: list[str], on: date, given: dict[str, Any]
) -> dict[str, Any]:
    if assumed := given.get("dibian_times"):
        return {"least": assumed, "most": assumed, "confirmed": True, "words": _fold(assumed)}
    found = figures.find("dibian_times", codes[-1], on)
    if found is None:
        return {"least": [1, 1], "most": None, "confirmed": False, "words": "倍数没有查到"}
    least, most, confirmed = (found.values[k] for k in ("least", "most", "confirmed"))
    words = _fold(least)
    if not confirmed:
        words += "（省里定，待确认）"
    elif most != least:
        words += f"，有的地方{_fold(most)}"
    return {"least": least, "most": most, "confirmed": confirmed, "words": words}


def _fold(times: list[int]) -> str:
    return f"{times[0] / times[1]:g}倍"


def _value(figures: Parameters, group: str, codes: list[str], on: date, otherwise: Any) -> Any:
    found = figures.find(group, codes[-1], on)
    return otherwise if found is None else found.values["value"]


def _benefit(figures: Parameters, codes: list[str], on: date) -> dict[str, Any] | None:
    found = figures.find("benefit", codes[-1], on)
    if found is None:
        return None
    return {"urban": found.values["urban"], "rural": found.values["rural"], "source": found.source}


def _question(asked: questions.Question) -> dict[str, Any]:
    """Without what is empty: it travels to phones."""
    shape = {
        "name": asked.name,
        "kind": asked.kind,
        "label": asked.label,
        "short": asked.short,
        "hint": asked.hint,
        "first": asked.first,
        "unit": asked.unit,
        "when": asked.when,
        "options": [[o.value, o.label] for o in asked.options],
        "least": asked.least,
        "most": asked.most,
    }
    return {k: v for k, v in shape.items() if v or (k in ("least", "most") and asked.most)}


def _program(
    name: str, entry: Entry | None, catalogue: Catalogue, codes: list[str]
) -> dict[str, Any]:
    known = catalogue.programs.get(name)
    head = {
        "id": name,
        "title": known.short if known else name,
        "summary": known.summary if known else "",
        "form": known.has_form if known else False,
        "alone": known.travels_alone if known else False,
        "below": list(catalogue.ladder(name)) if known else [],
    }
    if entry is None:
        return {**head, "tracks": [], "covered_by": [], "amount": "", "note": NO_RULES}
    return {
        **head,
        "tracks": [
            {
                "key": track.key,
                "title": track.title,
                "tests": [
                    {
                        "key": t.key,
                        "title": t.title,
                        "source": {**t.source, "since": t.since.isoformat()},
                        "test": t.test,
                    }
                    for t in track.tests
                ],
            }
            for track in entry.tracks
            if codes[-1].startswith(track.region)
        ],
        "covered_by": [
            {"program": c.program, "track": c.track, "alone": c.alone} for c in entry.covered_by
        ],
        "amount": entry.amount,
        "note": "",
    }
