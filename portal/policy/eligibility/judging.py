"""One test as a closure: state, your figure, the line, and what is still to ask."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.policy.eligibility import words
from portal.policy.eligibility.household import INCOMES, RIGID, Household, Interval

FAILS, UNKNOWN, OFFICE, HOLDS = 0, 1, 2, 3
OFFICE_CHECKS, OTHERS_TOO = "窗口会核", "还有别的情形，窗口会核"
STATES = ("fails", "unknown", "office", "holds")
Judged = tuple[int, str, str, list[str]]
Judge = Callable[[Household], Judged]
_OF_VERDICT = {"may_fit": OFFICE, "covered_by": OFFICE, "cannot_tell": UNKNOWN}
_FINER = ("income_exempt", "income_pension", "expense_work", *RIGID)


def judge(test: Mapping[str, Any], pack: Mapping[str, Any]) -> Judge:
    """Compiles a test as rules.TESTS describes it."""
    kind = next(kind for kind in _KINDS if kind in test)
    return _KINDS[kind](test, pack)


def _fact(test: Mapping[str, Any], pack: Mapping[str, Any]) -> Judge:
    name = test["fact"]
    say = words.of_fact(name, pack)
    if "is" in test:
        return _membership(name, frozenset(test["is"]), say)
    return _threshold(name, test.get("from"), test.get("under"), say)


def _membership(name: str, wanted: frozenset[str], say: Callable[[Household], str]) -> Judge:
    ask = [name]

    def judged(home: Household) -> Judged:
        given = home.facts[name]
        if given is None:
            return UNKNOWN, say(home), "", ask
        met = given in wanted if isinstance(given, str) else not wanted.isdisjoint(given)
        return HOLDS if met else FAILS, say(home), "", ask

    return judged


def _threshold(
    name: str, least: int | None, under: int | None, say: Callable[[Household], str]
) -> Judge:
    ask = [name]

    def judged(home: Household) -> Judged:
        given = home.facts[name]
        if given is None:
            return UNKNOWN, say(home), "", ask
        met = (least is None or given >= least) and (under is None or given < under)
        return HOLDS if met else FAILS, say(home), "", ask

    return judged


def _income(test: Mapping[str, Any], pack: Mapping[str, Any]) -> Judge:
    """Income a head against a line times a fraction, by multiplication: nothing is rounded."""
    lines, own = pack["lines"][test["below"]], test["income"] == "own"
    times = pack["times"] if test.get("times") else _ONCE
    (of, over), most, sure = times["least"], times["most"], times["confirmed"]
    texts = {area: words.line(line, times) for area, line in lines.items()}
    pension = "exempt" if own else pack["pension"]

    def judged(home: Household) -> Judged:
        line = lines[home.area]
        low, high = home.own if own else home.counted[pension]
        least, many = (1, 1) if own else home.members
        state = UNKNOWN
        if high is not None and high * over < line["low"] * of * least:
            state = HOLDS if sure else OFFICE
        elif (
            line["high"] is not None
            and most is not None
            and low * most[1] >= line["high"] * most[0] * many
        ):
            state = FAILS
        yours = words.per_head((low, high), (least, many), own=own)
        ask = _wanted(home, high, own) if state == UNKNOWN else _NOTHING
        return state, yours, texts[home.area], ask

    return judged


def _wanted(home: Household, high: int | None, own: bool) -> list[str]:
    """The incomes first; once they are known, what may be left out."""
    facts = home.facts
    first = ["members", "area"]
    first += ["own_income"] if own and facts["members"] != 1 else INCOMES
    missing = [name for name in first if facts[name] is None]
    if missing or high is None or (own and facts["members"] != 1):
        return missing
    return [name for name in _FINER if facts[name] is None]


def _share(test: Mapping[str, Any], pack: Mapping[str, Any]) -> Judge:
    share = pack["share"]
    text = f"{share[0]}/{share[1]}" if share else "没有查到，窗口会核"

    def judged(home: Household) -> Judged:
        rigid, gross = home.rigid, home.gross
        state = _compared(rigid, gross, share) if share else UNKNOWN
        ask = [n for n in (*RIGID, *INCOMES) if home.facts[n] is None] if state == UNKNOWN else []
        return state, words.share(rigid, gross), text, ask

    return judged


def _compared(rigid: Interval, gross: Interval, share: list[int]) -> int:
    of, over = share
    if gross[1] is not None and rigid[0] * over > gross[1] * of:
        return HOLDS
    if rigid[1] is not None and rigid[1] * over <= gross[0] * of:
        return FAILS
    return UNKNOWN


def _fits(test: Mapping[str, Any], _pack: Mapping[str, Any]) -> Judge:
    """Recognised already, or a program that may fit: then that one comes first."""
    wanted = tuple(test["fits"])

    def judged(home: Household) -> Judged:
        recognised = home.facts["recognised"] or ()
        if any(program in recognised for program in wanted):
            return HOLDS, words.of_recognised(home), "", _NOTHING
        state = max(_OF_VERDICT.get(home.verdicts.get(p, ""), FAILS) for p in wanted)
        if state == FAILS and home.facts["recognised"] is None:
            state = UNKNOWN
        return state, words.of_recognised(home), "", ["recognised"]

    return judged


def _office(test: Mapping[str, Any], pack: Mapping[str, Any]) -> Judge:
    say = words.of_fact(test["office"], pack) if test["office"] else lambda home: ""
    return lambda home: (OFFICE, say(home), OFFICE_CHECKS, _NOTHING)


def _all(test: Mapping[str, Any], pack: Mapping[str, Any]) -> Judge:
    return _several([judge(part, pack) for part in test["all"]], lowest=True)


def _any(test: Mapping[str, Any], pack: Mapping[str, Any]) -> Judge:
    return _several([judge(part, pack) for part in test["any"]], lowest=False)


def _several(parts: list[Judge], *, lowest: bool) -> Judge:
    """The lowest state of all, or the highest of any; what is said is said once."""

    def judged(home: Household) -> Judged:
        found = HOLDS if lowest else FAILS
        yours, lines, ask = "", "", _NOTHING
        for part in parts:
            state, said, line, wanted = part(home)
            if state < found if lowest else state > found:
                found = state
            if said and said not in yours:
                yours = f"{yours}；{said}" if yours else said
            if line and line not in lines:
                lines = f"{lines}；{line}" if lines else line
            if state == UNKNOWN:
                ask = [*ask, *wanted]
        return found, yours, lines, ask

    return judged


def _open(test: Mapping[str, Any], pack: Mapping[str, Any]) -> Judge:
    """The law's list ends in "and others": who is not on it is not refused by it."""
    inner = judge(test["open"], pack)

    def judged(home: Household) -> Judged:
        state, yours, line, ask = inner(home)
        return (UNKNOWN, yours, line or OTHERS_TOO, []) if state == FAILS else (
            state, yours, line, ask
        )  # fmt: skip

    return judged


_NOTHING: list[str] = []
_ONCE: Mapping[str, Any] = {"least": [1, 1], "most": [1, 1], "confirmed": True, "words": ""}
_KINDS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Judge]] = {
    "fact": _fact,
    "income": _income,
    "share": _share,
    "fits": _fits,
    "office": _office,
    "all": _all,
    "any": _any,
    "open": _open,
}
