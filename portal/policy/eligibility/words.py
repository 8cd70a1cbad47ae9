"""The engine's sentences and sums, the same in static/shared/eligibility.js."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.policy.eligibility.household import INCOMES, Household, Interval

_TIERS = "这里分档发，各档多少没有查到。"
_PENSION = {"both": "基础养老金（算与不算都试）", "exempt": "基础养老金（不算收入）"}
_NAMES = {"dibao": "低保", "tekun": "特困", "dibian": "低保边缘", "gangxing": "刚性支出困难"}


def yuan(cents: int) -> str:
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02d}" if rest else f"{whole}"


def per_head(income: Interval, members: tuple[int, int], *, own: bool) -> str:
    """分 a year → 每人每月多少元, cut to 分. Empty while nothing can be said."""
    low, high = income
    if high is None and (low == 0 or own):
        return ""
    who = "自己每月" if own else "每人每月"
    least = low // (12 * members[1])
    if high is None:
        return f"{who}至少{yuan(least)}元"
    most = high // (12 * members[0])
    return f"{who}{yuan(least)}元" if least == most else f"{who}{yuan(least)}元到{yuan(most)}元"


def line(standard: Mapping[str, Any], times: Mapping[str, Any]) -> str:
    said: str = standard["words"]
    return f"{said}，它的{times['words']}" if times["words"] else said


def share(rigid: Interval, gross: Interval) -> str:
    """「花费12000元，收入至少30000元」; empty while the costs are not all said."""
    if rigid[1] is None:
        return ""
    spent = f"花费{yuan(rigid[1])}元"
    if gross[1] is None:
        return f"{spent}，收入至少{yuan(gross[0])}元" if gross[0] else spent
    return f"{spent}，收入{yuan(gross[1])}元"


def of_fact(name: str, pack: Mapping[str, Any]) -> Callable[[Household], str]:
    """「残疾：一级」, made once a household; empty when unknown."""
    question = next(q for q in pack["questions"] if q["name"] == name)
    options = dict(question.get("options", ()))
    kind, short, unit = question["kind"], question["short"], question.get("unit", "")

    def say(home: Household) -> str:
        said = home.said.get(name)
        if said is None:
            given = home.facts[name]
            said = home.said[name] = "" if given is None else f"{short}：{_answer(given)}"
        return said

    def _answer(given: Any) -> str:
        if kind == "choice":
            return str(options[given])
        if kind == "choices":
            return "、".join(text for value, text in options.items() if value in given)
        return f"{yuan(given)}元" if kind == "money" else f"{given}{unit}"

    return say


def of_recognised(home: Household) -> str:
    recognised = home.facts["recognised"] or ()
    names = [name for program, name in _NAMES.items() if program in recognised]
    return "已认定：" + ("、".join(names) or "没有")


def steps(home: Household, pension: str) -> list[dict[str, Any]]:
    """How the yearly income is counted: each step with what it surely and at most takes off."""
    facts = home.facts
    if any(facts[name] is None for name in INCOMES) or facts["members"] is None:
        return []
    gross = home.gross[0]
    found = [_step("全家一年的收入", gross, gross)]
    for label, name, sure in (
        ("不计入的钱", "income_exempt", True),
        (_PENSION[pension], "income_pension", pension == "exempt"),
        ("为了上班花的钱（扣多少当地定）", "expense_work", False),
    ):
        if facts[name]:
            found.append(_step(label, -facts[name], -facts[name] if sure else 0))
    if home.rigid[1]:
        found.append(_step("看病上学等花费（扣多少当地定）", -home.rigid[1], 0))
    low, high = home.counted[pension]
    found.append(_step("算下来一年", low, low if high is None else high))
    return found


def _step(label: str, low: int, high: int) -> dict[str, Any]:
    return {"label": label, "low": low, "high": high}


def amount(
    home: Household, pack: Mapping[str, Any], method: str, ways: list[str]
) -> dict[str, Any] | None:
    """What may be paid a month, 分: {"low", "high" or None, "words"}; None where unknown."""
    if method == "standard":
        return _standard(pack["lines"]["tekun"][home.area])
    if method != "difference" or "household" not in ways:
        return None
    if home.area == "unsure" or not pack["benefit"]:
        return None
    if pack["benefit"][home.area] == "tiers":
        return {"low": None, "high": None, "words": _TIERS}
    return _difference(home, pack)


def _standard(line: Mapping[str, Any]) -> dict[str, Any] | None:
    if not line["low"]:
        return None
    low = line["low"] // 12
    return {"low": low, "high": None, "words": f"基本生活费每月至少{yuan(low)}元，另有照料的钱。"}


def _difference(home: Household, pack: Mapping[str, Any]) -> dict[str, Any] | None:
    """差额: standard × people − income; from the least standard and the most income up."""
    line = pack["lines"]["dibao"][home.area]
    low_income, high_income = home.counted[pack["pension"]]
    people = home.members[0]
    if high_income is None or home.members[1] != people:
        return None
    low = max(0, line["low"] * people - high_income) // 12
    if line["high"] is None:
        return {"low": low, "high": None, "words": f"全家每月大约至少{yuan(low)}元。"}
    high = max(0, line["high"] * people - low_income) // 12
    said = yuan(low) if low == high else f"{yuan(low)}到{yuan(high)}"
    return {"low": low, "high": high, "words": f"全家每月大约{said}元。"}
