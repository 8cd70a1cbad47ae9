"""What fits a household, rule by rule. `compile_rules(pack)` once; then a few dozen µs a household.

A test has four states, and they are ordered: fails < unknown < office < holds. `office`: it
seems to hold, but nobody published the figure, so the window checks (窗口会核). All of several
tests is the lowest, any of them the highest: more knowledge never turns a verdict round.
static/shared/eligibility.js says exactly the same; the examples run in both.
"""

from collections.abc import Callable, Mapping
from typing import Any

from portal.policy.eligibility import judging, words
from portal.policy.eligibility.household import Household
from portal.policy.eligibility.judging import FAILS, HOLDS, OFFICE, STATES, UNKNOWN, Judged

MAY_FIT, NOT, CANNOT_TELL, COVERED = "may_fit", "does_not_seem_to", "cannot_tell", "covered_by"
LABELS = {
    MAY_FIT: "可能符合",
    NOT: "看起来不符合",
    CANNOT_TELL: "还说不准",
    COVERED: "已有更强的救助",
}
TO_CHECK = "可能符合，还要核"
HAVE_IT = "已经是了，不用再申请"
_OUTCOMES = {FAILS: NOT, UNKNOWN: CANNOT_TELL, OFFICE: MAY_FIT, HOLDS: MAY_FIT}

Pack = Mapping[str, Any]
Facts = Mapping[str, Any]
Result = dict[str, Any]
Check = Callable[[Facts], dict[str, Any]]


def compile_rules(pack: Pack) -> Check:
    """The check of one place and day. Takes questions.read(…).facts; gives
    {"results": one a program, "steps": how the income was counted, "ask": facts that matter}.
    """
    programs = [_Program(p, pack) for p in pack["programs"]]

    def check(facts: Facts) -> dict[str, Any]:
        home = Household(facts)
        results, ask = [], []
        for program in programs:
            result, wanted = program.judge(home)
            home.verdicts[program.id] = result["outcome"]
            results.append(result)
            ask += wanted
        steps = words.steps(home, pack["pension"])
        return {"results": results, "steps": steps, "ask": list(dict.fromkeys(ask))}

    return check


class _Program:
    """One program's tracks, compiled."""

    def __init__(self, program: Mapping[str, Any], pack: Pack) -> None:
        self.id: str = program["id"]
        self.title, self.note = program["title"], program["note"]
        self.covered_by, self.amount = program["covered_by"], program["amount"]
        self.disclaimer = pack["disclaimer"]
        self.pack = pack
        self.tracks = [
            (
                t["key"],
                t["title"],
                f"{self.id}.{t['key']}",
                [_compiled(one, pack) for one in t["tests"]],
            )
            for t in program["tracks"]
        ]

    def judge(self, home: Household) -> tuple[Result, list[str]]:
        """The result, and the facts still unknown that could change it."""
        best, shown, ways = FAILS, [], []
        ask: list[str] = []
        to_check: list[str] = []
        for key, title, address, compiled in self.tracks:
            state, traced, wanted, office = _track(home, compiled)
            shown.append({"key": key, "title": title, "state": STATES[state], "tests": traced})
            home.verdicts[address] = _OUTCOMES[state]
            if state > best:
                best = state
            if state == UNKNOWN:
                ask += wanted
            elif state >= OFFICE:
                ways.append(key)
                to_check += office
        outcome, by = self._covered(home, _OUTCOMES[best] if self.tracks else CANNOT_TELL)
        result = self._result(outcome, by, shown, to_check if best == OFFICE else [])
        if outcome == MAY_FIT and self.amount:
            result["amount"] = words.amount(home, self.pack, self.amount, ways)
        return result, ask if outcome == CANNOT_TELL else []

    def _covered(self, home: Household, outcome: str) -> tuple[str, str]:
        recognised = home.facts["recognised"] or ()
        if self.id in recognised:
            return COVERED, self.id
        if outcome == NOT:
            return outcome, ""
        for one in self.covered_by:
            other, track, alone = one["program"], one["track"], one["alone"]
            if alone and home.facts["members"] != 1:
                continue
            fits = home.verdicts.get(f"{other}.{track}" if track else other) == MAY_FIT
            if other in recognised or fits:
                return COVERED, other
        return outcome, ""

    def _result(self, outcome: str, by: str, shown: list[Any], to_check: list[str]) -> Result:
        checked = list(dict.fromkeys(to_check)) if outcome == MAY_FIT else []
        label = TO_CHECK if checked else LABELS[outcome]
        return {
            "program": self.id,
            "title": self.title,
            "outcome": outcome,
            "label": HAVE_IT if by == self.id else label,
            "by": by,
            "to_check": checked,
            "tracks": shown,
            "amount": None,
            "note": self.note,
            "disclaimer": self.disclaimer,
        }


def _track(
    home: Household, compiled: list[Any]
) -> tuple[int, list[dict[str, Any]], list[str], list[str]]:
    """The lowest state, the trace, what to ask, what the office checks."""
    lowest, traced, ask, office = HOLDS, [], [], []
    for key, title, source, judge in compiled:
        judged: Judged = judge(home)
        state = judged[0]
        if state < lowest:
            lowest = state
        if state == UNKNOWN:
            ask += judged[3]
        elif state == OFFICE:
            office.append(title)
        traced.append(
            {
                "key": key,
                "title": title,
                "state": STATES[state],
                "yours": judged[1],
                "line": judged[2],
                "source": source,
            }
        )
    return lowest, traced, ask, office


def _compiled(one: Mapping[str, Any], pack: Pack) -> tuple[str, str, Any, judging.Judge]:
    return one["key"], one["title"], one["source"], judging.judge(one["test"], pack)
