"""Per-capita income and the difference 差额, computed step by step; a person decides, never this."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from portal.casework.decision import citing, facts
from portal.policy.catalogue import Amount, Catalogue, Program
from portal.policy.eligibility import engine, questions, words
from portal.policy.eligibility.household import INCOMES, Household
from portal.policy.eligibility.pack import Pack, pack

ONCE = "once"
"""临时救助: one amount, a person's figure; nothing is computed."""
CANNOT = "算不出准数。以受理地民政部门规定为准。"
TRIAL = "试算只供参考，由审核的人决定。"
STATES = {
    "holds": "合", "fails": "不合", "unknown": "说不准", "office": "没有公布的数，由本地核",
}  # fmt: skip
_LEFT_OUT = ("income_exempt", "income_pension")
_TAKEN_OFF = ("expense_work", "expense_medical", "expense_education", "expense_rehab",
              "expense_other")  # fmt: skip
_ITEM = {"dibao": "低保标准", "tekun": "基本生活标准"}


def assess(
    catalogue: Catalogue,
    program: Program,
    path: str,
    answers: Mapping[str, Any],
    findings: Mapping[str, Any],
    *,
    on: date,
    assume: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything the reviewer looks at, as plain JSON values; money is 分.

    {"on", "method": difference · standard · tiers · once · none, "area", "people", "steps":
    [{"key", "title", "text", "low", "high", "by": survey · declared · "", "basis"}],
    "per_head" and "amount" {"low", "high" (None: nobody knows), "text"}, "standard" the
    same with "basis", "exact": 分 a month or None, "cannot": a sentence or "", "rules":
    [{"key": track.test, "title", "track", "state", "state_text", "yours", "line", "basis"}],
    "outcome", "label", "trial"}. A basis is as
    citing.basis gives it. `assume` as pack() takes it, for examples only.
    社会救助法 第18、23、43条; 民发〔2021〕57号 第13、23条.
    """
    found = facts.of(answers, findings, on=on)
    rules = pack(catalogue, path, on=on, assume=assume)
    judged = engine.compile_rules(rules)(found)
    result = next(r for r in judged["results"] if r["program"] == program.id)
    home = Household(found)
    method = _method(rules, program, home)
    line = _line(rules, program, home)
    shown = {
        "on": on.isoformat(),
        "method": method,
        "area": home.area,
        "people": found["members"],
        "steps": _steps(program, rules, home, findings),
        "per_head": _per_head(rules, home),
        "standard": _standard(catalogue, program, path, home, line, on),
        "amount": _amount(result, method),
        "rules": [_rule(program, t, test) for t in result["tracks"] for test in t["tests"]],
        "outcome": result["outcome"],
        "label": result["label"],
        "trial": TRIAL,
    }
    exact = _exact(shown["amount"]) if method == "difference" else None
    cannot = "" if exact is not None or method in ("none", ONCE) else CANNOT
    return {**shown, "exact": exact, "cannot": cannot}


def failed(assessment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of the trace that do not hold."""
    return [rule for rule in assessment["rules"] if rule["state"] == "fails"]


def _method(rules: Pack, program: Program, home: Household) -> str:
    if program.machine == "emergency":
        return ONCE
    wanted: str = next(p["amount"] for p in rules["programs"] if p["id"] == program.id)
    if wanted != "difference":
        return wanted or "none"
    benefit = rules["benefit"]
    known = benefit is not None and home.area in benefit
    return str(benefit[home.area]) if known else "difference"


def _line(rules: Pack, program: Program, home: Household) -> Mapping[str, Any]:
    name = {"gangxing": "disposable", "tekun": "tekun"}.get(program.id, "dibao")
    found: Mapping[str, Any] = rules["lines"][name][home.area]
    return found


def _steps(
    program: Program, rules: Pack, home: Household, findings: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Each income and what is taken off it, then the sums the engine made of them."""
    known = questions.load().all
    lines = [
        _step(name, known[name].short, home.facts[name], findings, citing.income(program, part))
        for part, names in (("counted", INCOMES), ("exempt", _LEFT_OUT), ("deducted", _TAKEN_OFF))
        for name in names
        if name in INCOMES or home.facts[name] is not None
    ]
    sums = words.steps(home, rules["pension"])
    basis = citing.income(program, "counted")
    for key, entry in (("gross", sums[0]), ("counted", sums[-1])) if sums else ():
        lines.append(_sum(key, entry["label"], entry["low"], entry["high"], basis))
    return lines


def _step(
    key: str, title: str, value: int | None, findings: Mapping[str, Any], basis: list[Any]
) -> dict[str, Any]:
    by = "survey" if facts.was_found(findings, key) else "declared"
    text = "说不清" if value is None else f"一年{words.yuan(value)}元"
    return {
        "key": key, "title": title, "text": text, "low": value, "high": value,
        "by": by if value is not None else "", "basis": basis,
    }  # fmt: skip


def _sum(key: str, title: str, low: int, high: int | None, basis: Sequence[Any]) -> dict[str, Any]:
    return {
        "key": key, "title": title, "text": f"一年{_between(low, high)}", "low": low, "high": high,
        "by": "", "basis": list(basis),
    }  # fmt: skip


def _per_head(rules: Pack, home: Household) -> dict[str, Any]:
    """分 a month and head, cut to 分; the high end None while an income is unknown."""
    counted, most_counted = home.counted[rules["pension"]]
    least, most = home.members
    low, high = counted // (12 * most), None
    if most_counted is not None:
        high = most_counted // (12 * least)
    text = "收入还没有说清" if high is None and not low else f"每人每月{_between(low, high)}"
    return {"low": low, "high": high, "text": text}


def _standard(
    catalogue: Catalogue,
    program: Program,
    path: str,
    home: Household,
    line: Mapping[str, Any],
    on: date,
) -> dict[str, Any]:
    """The local line 分 a month, as the rules of that day have it, and where it stands."""
    low, high = line["low"] // 12, line["high"]
    item = "tekun" if program.id == "tekun" else "dibao"
    standing = _published(catalogue, item, path.split("/"), home.area, line["low"], on)
    source = [citing.basis(standing.source)] if standing else []
    if program.id == "gangxing":
        source = []
    return {
        "low": low, "high": None if high is None else high // 12, "text": line["words"],
        "basis": source,
    }  # fmt: skip


def _published(
    catalogue: Catalogue, program: str, codes: list[str], area: str, yearly: int, on: date
) -> Amount | None:
    """The newest published figure that says this much."""
    months = {"month": 12, "year": 1}
    fitting = [
        a for a in catalogue.amounts
        if a.program == program and a.item == _ITEM[program] and a.area in (area, "all")
        and a.region in codes and a.since <= on.isoformat()
        and (a.value or 0) * months.get(a.period, 1) == yearly and yearly
        and a.kind in ("guide_min", "local")
    ]  # fmt: skip
    return max(fitting, key=lambda a: (a.since, codes.index(a.region)), default=None)


def _amount(result: Mapping[str, Any], method: str) -> dict[str, Any]:
    found = result["amount"] if method in ("difference", "standard") else None
    if found is None or found["low"] is None:
        none = method in ("none", ONCE)
        return {"low": None, "high": None, "text": "" if none else CANNOT}
    return {"low": found["low"], "high": found["high"], "text": found["words"]}


def _exact(amount: Mapping[str, Any]) -> int | None:
    low: int | None = amount["low"]
    return low if low is not None and low == amount["high"] else None


def _rule(program: Program, track: Mapping[str, Any], test: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": f"{track['key']}.{test['key']}",
        "title": test["title"],
        "track": track["title"],
        "state": test["state"],
        "state_text": STATES[test["state"]],
        "yours": test["yours"],
        "line": test["line"],
        "basis": citing.of_rule(program, test["source"]),
    }


def _between(low: int, high: int | None) -> str:
    if high is None:
        return f"至少{words.yuan(low)}元"
    return f"{words.yuan(low)}元" if low == high else f"{words.yuan(low)}元到{words.yuan(high)}元"
